import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { HttpResult } from '../../../src/domain/ports.ts';
import type { MinuteRows } from '../../../src/domain/rollup.ts';
import { before, days, type EpochMs, epochMs, minutes, ms, toIso } from '../../../src/domain/units.ts';
import { createBaselineBook } from '../../../src/monitor/baseline-book.ts';
import { createBaselineDesk } from '../../../src/monitor/baseline-desk.ts';
import { MonitorConfig } from '../../../src/monitor/config.ts';
import { createNormals } from '../../../src/monitor/normals.ts';
import { actor } from '../../support/builders.ts';
import { createFakeClock } from '../../support/fake-clock.ts';
import { createMemoryAudit, createMemoryHttp, createMemoryStateStore } from '../../support/memory-ports.ts';
import { temporaryFolder } from '../../support/temp-folder.ts';

const hourOf = (at: number): number => Math.floor(at / 3_600_000) % 24;
/** Busy from 8 to 20 h. */
const busy = (at: number): number => (hourOf(at) >= 8 && hourOf(at) < 20 ? 0.5 : 0.1) + (at % 7) * 0.005;

async function setUp(
  options: {
    keptDays?: number;
    http?: (url: string) => HttpResult;
    states?: ReturnType<typeof createMemoryStateStore>;
  } = {},
) {
  const clock = createFakeClock();
  const states = options.states ?? createMemoryStateStore();
  const oldest = before(clock.now(), days(options.keptDays ?? 20));
  const rollups = {
    metrics: () => ['cpu'],
    oldest: () => oldest,
    minutes(_: string, from: EpochMs, to: EpochMs): MinuteRows {
      const first = epochMs(Math.ceil(from / 60_000) * 60_000);
      const length = Math.max(0, Math.floor((to - first) / 60_000));
      const value = (index: number): number => {
        const at = first + index * 60_000;
        return at < oldest ? Number.NaN : busy(at);
      };
      return { first, values: Float32Array.from({ length }, (_unused, index) => value(index)) };
    },
  };
  const book = createBaselineBook();
  await book.open(states);
  const config = { current: () => MonitorConfig.parse({}) };
  const normals = createNormals({ config, rollups, book, hourOf, offsets: { current: () => null } });
  const audit = createMemoryAudit();
  const desk = createBaselineDesk({
    clock,
    audit,
    http: createMemoryHttp(
      (request) => options.http?.(request.url) ?? { kind: 'failed', reason: 'none', took: ms(1) },
    ),
    config,
    rollups,
    book,
    normals,
    hourOf,
  });
  const learn = (): void => normals.learnAll(['cpu'], { at: clock.now(), monotonic: clock.monotonic() });
  return { clock, states, desk, normals, audit, learn };
}

const history = { days: 7, source: { kind: 'history' } } as const;

describe('baselines', () => {
  it('shows what is normal hour by hour once there are two weeks, and how much of it may teach', async () => {
    const { desk, learn } = await setUp();
    learn();
    const [view] = desk.show('cpu');

    expect(view?.hours).toHaveLength(24);
    expect(view?.hours[3]?.high).toBeLessThan(0.3);
    expect(view?.hours[12]?.low).toBeGreaterThan(0.3);
    expect(view).toMatchObject({ source: 'history', hoursCovered: 24, teachingMinutes: 20 * 1_440 });
  });

  it('collects from stored history, keeps it over a restart, and lets it speak until there is more', async () => {
    const first = await setUp();
    const result = await first.desk.collect(history, actor(), false);
    const again = await setUp({ states: first.states, keptDays: 0.1 });

    expect(result).toMatchObject({ kind: 'collected', saved: true, notes: [] });
    expect(first.audit.lines[0]?.text).toBe('baselines of 1 metrics collected (history, 7 days)');
    expect(again.normals.at('cpu', again.clock.now())).not.toBeNull();
    expect(again.desk.show('cpu')[0]?.source).toBe('history');
    first.learn();
    expect(first.normals.inForce('cpu')?.isCollected).toBe(false);
  });

  it('saves nothing in a dry run, and names what has too little history', async () => {
    const { desk, normals, clock, audit } = await setUp({ keptDays: 0.1 });

    expect(await desk.collect(history, actor(), true)).toMatchObject({
      kind: 'collected',
      saved: false,
      baselines: [],
      notes: ['cpu: 144 minutes are known, 720 are needed'],
    });
    expect(normals.at('cpu', clock.now())).toBeNull();
    expect(audit.lines).toEqual([]);
  });

  it('learns anew: what was learnt is forgotten and nothing old teaches', async () => {
    const { desk, normals, learn, clock } = await setUp();
    await desk.collect(history, actor(), false);
    learn();
    expect((await desk.relearn('cpu', actor(), true)).kind).toBe('would');
    expect(normals.at('cpu', clock.now())).not.toBeNull();

    expect((await desk.relearn('cpu', actor(), false)).kind).toBe('done');
    learn();
    expect(normals.at('cpu', clock.now())).toBeNull();
    expect((await desk.relearn('nonsense', actor(), false)).kind).toBe('not_found');
  });

  it('collects from a CSV of any spacing and names bad rows by line', async () => {
    const { desk } = await setUp();
    const path = join(temporaryFolder(), 'load.csv');
    const rows = Array.from({ length: 3_000 }, (_, index) => {
      const at = index * 300_000;
      return `${toIso(epochMs(at))},${busy(at).toFixed(3)}`;
    });
    await writeFile(path, ['time,orders', ...rows.slice(0, 5), 'yesterday,1', ...rows.slice(5)].join('\n'));
    const result = await desk.collect({ days: 7, source: { kind: 'csv', path } }, actor(), false);

    expect(result).toMatchObject({ kind: 'collected', notes: ['line 7: "yesterday" is no time'] });
    const [view] = result.kind === 'collected' ? result.baselines : [];
    expect(view).toMatchObject({ metric: 'orders', source: 'csv', teachingMinutes: 2_016 });
  });

  it('collects from Prometheus in ranges that a server answers, and says what it could not read', async () => {
    const asked: string[] = [];
    const { desk } = await setUp({
      http(url) {
        const fields = new URL(url).searchParams;
        asked.push(fields.get('query') ?? '');
        const [start, end] = [Number(fields.get('start')), Number(fields.get('end'))];
        const values = Array.from({ length: (end - start) / 60 + 1 }, (_, index) => [
          start + index * 60,
          '4',
        ]);
        const body =
          fields.get('query') === 'bad('
            ? { status: 'error', error: 'parse error' }
            : { status: 'success', data: { resultType: 'matrix', result: [{ metric: {}, values }] } };
        return { kind: 'answered', status: 200, body: JSON.stringify(body), took: ms(1) };
      },
    });
    const source = {
      kind: 'prometheus',
      url: 'http://prom:9090',
      queries: [
        { metric: 'orders', expr: 'sum(orders)' },
        { metric: 'broken', expr: 'bad(' },
      ],
    } as const;
    const result = await desk.collect({ days: 5, source }, actor(), false);

    expect(asked).toEqual(['sum(orders)', 'sum(orders)', 'sum(orders)', 'bad(']);
    expect(result).toMatchObject({ kind: 'collected', saved: true });
    expect(result.kind === 'collected' && result.notes).toContain('broken: parse error');
    expect(result.kind === 'collected' && result.baselines[0]?.now?.rows).toBe(minutes(5 * 1_440) / 60_000);
  });
});
