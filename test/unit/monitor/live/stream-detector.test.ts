import { describe, expect, it } from 'vitest';
import { ms } from '../../../../src/domain/units.ts';
import type { DetectorRow, Judgement } from '../../../../src/monitor/detect/judgement.ts';
import { createStreamDetector } from '../../../../src/monitor/live/stream-detector.ts';
import { beat } from '../../../support/beats.ts';

const QUIET: Judgement = {
  score: 0.2,
  alarm: 0,
  severity: null,
  incident: null,
  metrics: [],
  witnesses: [],
  taken: 'judged',
};
const OPEN: Judgement = {
  ...QUIET,
  score: 0.7,
  severity: 'warning',
  incident: 'inc-1',
  metrics: ['memory', 'swap', 'disk_io', 'net_rx'],
  witnesses: ['host_score', 'forest'],
};

const NORMAL: Readonly<Record<string, number>> = { 'inodes:/': 0.001, memory: 0.4 };

/** The claims on one beat per judgement, with these keys raised. */
function claims(judgements: readonly Judgement[], raised: readonly string[] = [], teaching = true) {
  const rows: DetectorRow[] = [];
  const waiting = [...judgements];
  const values = { memory: 0.9, swap: 0.4, 'inodes:/': 0.004, 'probe_up:web': 1, 'target_up:web': 1 };
  const detector = createStreamDetector({
    judge: (row) => {
      rows.push(row);
      return waiting.shift() ?? QUIET;
    },
    known: () => new Map(Object.entries(values)),
    teaching: () => teaching,
    normal: (metric) => NORMAL[metric] ?? null,
  });
  const context = { isRaised: (key: string) => raised.includes(key) };
  return { rows, all: judgements.map((_, index) => detector.judge(beat(index, values), context)) };
}

describe('createStreamDetector', () => {
  it('hands on what is known now, without what is plainly up or down, and whether it may teach', () => {
    const { rows } = claims([QUIET], [], false);

    expect([...(rows[0]?.values.keys() ?? [])]).toEqual(['memory', 'swap', 'inodes:/']);
    expect(rows[0]?.teaches).toBe(false);
  });

  it('has one claim for each model, good while nothing is open', () => {
    const { all } = claims([QUIET]);

    expect(all[0]?.map((claim) => [claim.witness, claim.verdict])).toEqual([
      ['host_score', 'good'],
      ['baseline', 'good'],
      ['forest', 'good'],
    ]);
  });

  it('tells an incident of the host by the witnesses that spoke, in a sentence that names metrics', () => {
    const [first] = claims([OPEN]).all;

    expect(first?.map((claim) => claim.verdict)).toEqual(['bad', 'good', 'bad']);
    expect(first?.[0]).toMatchObject({
      kind: 'ml_composite_anomaly',
      target: null,
      severity: 'warning',
      metric: 'memory',
      value: 0.9,
      hold: ms(0),
      text: 'This host is unlike its last weeks, most of all in: Memory use, Swap use and Disk traffic.',
    });
  });

  it('does not name a share that nobody would see move, unless there is no other', () => {
    const said = (metrics: readonly string[]): string | undefined =>
      claims([{ ...OPEN, metrics }]).all[0]?.[0]?.metric;

    expect(said(['inodes:/', 'memory'])).toBe('memory');
    expect(said(['inodes:/'])).toBe('inodes:/');
  });

  it('keeps its leading metric while the incident lasts', () => {
    const { all } = claims([OPEN, { ...OPEN, metrics: ['net_rx', 'memory'] }]);

    expect(all[1]?.[0]?.metric).toBe('memory');
  });

  it('stays at info where a limit, a shape or a probe has told the leading metric already', () => {
    const service = { ...OPEN, metrics: ['latency:web'] };

    for (const key of ['limit:memory:warning', 'limit:memory:critical', 'shape:memory_leak:memory']) {
      expect(claims([OPEN], [key]).all[0]?.[0]?.severity).toBe('info');
    }
    expect(claims([service], ['limit:probe_up:web:critical']).all[0]?.[0]?.severity).toBe('info');
    expect(claims([OPEN], ['limit:cpu:warning']).all[0]?.[0]?.severity).toBe('warning');
  });

  it('says nothing on a row that came late', () => {
    const { all } = claims([{ ...OPEN, taken: 'late' }]);

    expect(all[0]?.every((claim) => claim.verdict === 'unknown')).toBe(true);
  });
});
