import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { epochMs, minutes, ms } from '../../../src/domain/units.ts';
import {
  CALM,
  type ConfirmRule,
  discardWindow,
  type FlapRule,
  isFlapping,
  type Moment,
  type Stream,
  type StreamVerdict,
  step,
} from '../../../src/monitor/flapping.ts';

const FLAP: FlapRule = { raises: 4, within: minutes(30), calm: minutes(10) };
const SOFT: ConfirmRule = { badOf: 2, outOf: 3, clearAfterGood: 3, sayFirst: false };
const SURE: ConfirmRule = { ...SOFT, sayFirst: true };
const BEAT = 5_000;

const at = (index: number): Moment => ({
  at: epochMs(1_000_000_000 + index * BEAT),
  monotonic: ms(index * BEAT),
});

function run(
  verdicts: readonly StreamVerdict[],
  rule = SOFT,
  from: Stream = CALM,
  first = 0,
): readonly Stream[] {
  const streams: Stream[] = [];
  let stream = from;
  for (const [index, verdict] of verdicts.entries()) {
    stream = step(stream, verdict, at(first + index), rule, FLAP);
    streams.push(stream);
  }
  return streams;
}

const phases = (streams: readonly Stream[]): readonly string[] => streams.map((stream) => stream.phase);

describe('step', () => {
  it('confirms after two bad of three, and remembers the first of them', () => {
    const streams = run(['bad', 'good', 'bad']);

    expect(phases(streams)).toEqual(['calm', 'calm', 'active']);
    expect(streams.at(-1)?.since?.monotonic).toBe(0);
  });

  it('does not confirm one bad sample among good ones', () => {
    expect(phases(run(['bad', 'good', 'good', 'bad', 'good', 'good']))).toEqual(Array(6).fill('calm'));
  });

  it('says a sure row at once and confirms it with the second', () => {
    expect(phases(run(['bad', 'bad'], SURE))).toEqual(['suspected', 'active']);
  });

  it('clears only after three good in a row', () => {
    expect(phases(run(['bad', 'bad', 'good', 'good', 'bad', 'good', 'good', 'good']))).toEqual([
      'calm',
      'active',
      'active',
      'active',
      'active',
      'active',
      'active',
      'calm',
    ]);
  });

  it('takes unknown for nothing: it neither confirms nor clears', () => {
    expect(phases(run(['bad', 'unknown', 'unknown', 'bad']))).toEqual(['calm', 'calm', 'calm', 'active']);
    expect(phases(run(['bad', 'bad', ...Array(50).fill('unknown')])).at(-1)).toBe('active');
  });

  it('does not join bad samples that lie far apart', () => {
    const first = step(CALM, 'bad', at(0), SOFT, FLAP);

    expect(step(first, 'bad', at(130), SOFT, FLAP).phase).toBe('calm');
  });

  it('keeps one long anomaly of a stream that flaps, until it was calm for ten minutes', () => {
    const flap: readonly StreamVerdict[] = ['bad', 'bad', 'good', 'good', 'good'];
    const streams = run(Array.from({ length: 20 }, () => flap).flat());
    const last = streams.at(-1) ?? CALM;

    expect(
      streams.filter((one, index) => one.phase === 'active' && streams[index - 1]?.phase !== 'active'),
    ).toHaveLength(4);
    expect(isFlapping(last, at(99), FLAP)).toBe(true);
    expect(run(Array(118).fill('good'), SOFT, last, 100).at(-1)?.phase).toBe('calm');
  });

  const anyVerdicts = fc.array(fc.constantFrom<StreamVerdict>('good', 'bad', 'unknown'), { maxLength: 400 });
  const anyRule = fc
    .record({
      badOf: fc.integer({ min: 1, max: 5 }),
      more: fc.integer({ min: 0, max: 5 }),
      clear: fc.integer({ min: 1, max: 6 }),
      sayFirst: fc.boolean(),
    })
    .map(
      ({ badOf, more, clear, sayFirst }): ConfirmRule => ({
        badOf,
        outOf: badOf + more,
        clearAfterGood: clear,
        sayFirst,
      }),
    );

  it('never becomes active without enough bad among the last known, for any order of verdicts', () => {
    fc.assert(
      fc.property(anyVerdicts, anyRule, (verdicts, rule) => {
        const streams = run(verdicts, rule);
        for (const [index, stream] of streams.entries()) {
          if (stream.phase !== 'active' || streams[index - 1]?.phase === 'active') continue;
          const known = verdicts.slice(0, index + 1).filter((one) => one !== 'unknown');
          const bad = known.slice(-rule.outOf).filter((one) => one === 'bad').length;
          expect(bad).toBeGreaterThanOrEqual(rule.badOf);
        }
      }),
    );
  });

  it('is the same with and without the unknown samples in between', () => {
    fc.assert(
      fc.property(anyVerdicts, anyRule, (verdicts, rule) => {
        const all = run(verdicts, rule);
        for (const [index, verdict] of verdicts.entries()) {
          if (verdict === 'unknown') expect(all[index]).toBe(all[index - 1] ?? CALM);
        }
      }),
    );
  });

  it('never clears before enough good in a row', () => {
    fc.assert(
      fc.property(anyVerdicts, anyRule, (verdicts, rule) => {
        const streams = run(verdicts, rule);
        for (const [index, stream] of streams.entries()) {
          const before = streams[index - 1];
          if (before === undefined || before.phase === 'calm' || stream.phase !== 'calm') continue;
          const known = verdicts.slice(0, index + 1).filter((one) => one !== 'unknown');
          expect(known.slice(-rule.clearAfterGood)).toEqual(Array(rule.clearAfterGood).fill('good'));
        }
      }),
    );
  });

  it('never raises more often in half an hour than flapping allows', () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom<StreamVerdict>('good', 'bad'), { minLength: 300, maxLength: 360 }),
        (verdicts) => {
          const streams = run(verdicts, { badOf: 1, outOf: 1, clearAfterGood: 1, sayFirst: false });
          const raises = streams.filter(
            (stream, index) => stream.phase === 'active' && (streams[index - 1]?.phase ?? 'calm') === 'calm',
          );
          expect(raises.length).toBeLessThanOrEqual(FLAP.raises + FLAP.within / FLAP.calm);
        },
      ),
    );
  });
});

describe('discardWindow', () => {
  it('forgets what was half confirmed, and keeps what is raised', () => {
    const half = step(CALM, 'bad', at(0), SOFT, FLAP);
    const raised = run(['bad', 'bad']).at(-1) ?? CALM;

    expect(step(discardWindow(half), 'bad', at(1), SOFT, FLAP).phase).toBe('calm');
    expect(discardWindow(raised).phase).toBe('active');
  });
});
