import { describe, expect, it } from 'vitest';
import type { Sample } from '../../../../src/domain/metric.ts';
import type { TargetState } from '../../../../src/domain/target.ts';
import { epochMs, ms } from '../../../../src/domain/units.ts';
import type { Claim } from '../../../../src/monitor/claim.ts';
import { MonitorConfig } from '../../../../src/monitor/config.ts';
import { createShapeDetector } from '../../../../src/monitor/live/shape-detector.ts';
import { START } from '../../../support/builders.ts';
import { createSeededRandom, live } from '../../../support/memory-ports.ts';

const MINUTE = 60_000;
const DAY = 1_440;

type Series = (minute: number) => number | null;

interface Setting {
  readonly series: Readonly<Record<string, Series>>;
  /** What the days before showed, one value a minute. */
  readonly past?: Series;
  readonly pids?: (minute: number) => readonly number[];
  readonly file?: object;
  /** Seconds a queue has done nothing, and the longest before, where it counts that itself. */
  readonly idle?: (minute: number) => readonly [number, number];
}

/** Beats of 15 s for `minutes`; the last claim of each key that is bad at the end, and every claim. */
function watch({ series, past = () => Number.NaN, pids, file = {}, idle }: Setting, minutes: number) {
  let now: number = START;
  const values = Float32Array.from({ length: 2 * DAY }, (_, minute) => past(minute) ?? Number.NaN);
  const detector = createShapeDetector({
    config: live(MonitorConfig.parse(file)),
    targetOf: (metric) => (metric.endsWith(':web') ? { name: 'web', kind: 'service' } : null),
    targets: {
      states: (): readonly TargetState[] => {
        const running = pids?.((now - START) / MINUTE);
        return running === undefined
          ? []
          : [{ name: 'web', up: running.length > 0, pids: running, reason: '' }];
      },
    },
    source: {
      between: (metric, from, to): readonly Sample[] => {
        const samples: Sample[] = [];
        for (let at = Math.max(START, from + 1); at <= to; at += 10_000) {
          samples.push({ metric, at: epochMs(at), value: series[metric]?.((at - START) / MINUTE) ?? null });
        }
        return samples;
      },
      minutesUntil: () => ({ first: epochMs(START - 2 * DAY * MINUTE), values }),
      limitOf: (metric) => (metric.startsWith('disk') ? 1 : 0.96),
      idleOf: () => {
        const [current = 0, longest = 0] = idle?.((now - START) / MINUTE) ?? [];
        return idle === undefined ? null : { current: ms(current * 1_000), longest: ms(longest * 1_000) };
      },
    },
  });
  const claims: Claim[] = [];
  for (let beat = 0; beat <= minutes * 4; beat += 1) {
    now = START + beat * 15_000;
    const samples = Object.entries(series).map(([metric, value]) => ({
      metric,
      at: epochMs(now),
      value: value((now - START) / MINUTE),
    }));
    const seen = detector.judge(
      { at: epochMs(now), monotonic: ms(beat * 15_000), samples },
      { isRaised: () => false },
    );
    claims.push(...seen);
  }
  return { claims, bad: claims.filter((claim) => claim.verdict === 'bad') };
}

/** Seeded noise around nothing, the same for the same minute. */
function noise(minute: number): number {
  return createSeededRandom(Math.round(minute * 6) + 1).next() - 0.5;
}

describe('createShapeDetector', () => {
  it('says of a memory leak when it will hurt and how sure that is, and warns when it is within a day', () => {
    const { bad } = watch(
      { series: { memory: (minute) => 0.5 + minute / 1_200 + 0.002 * noise(minute) }, past: () => 0.5 },
      120,
    );

    expect(bad.at(-1)).toMatchObject({ kind: 'memory_leak', severity: 'warning', witness: 'shape' });
    expect(bad.at(-1)?.text).toMatch(
      /^Memory use rises by 5(\.\d)? % an hour; it is 60 % and reaches 96 % in about 7(\.\d)? h \(.+ to .+\)\.$/,
    );
  });

  it('takes a morning like every morning for no leak: only what is above all of the last days is news', () => {
    const rise: Series = (minute) => 0.4 + minute / 1_200 + 0.002 * noise(minute);
    const { bad } = watch({ series: { memory: rise }, past: () => 0.62 }, 240);

    expect(bad).toEqual([]);
  });

  it('takes what warms up and levels off for no leak', () => {
    const warming: Series = (minute) => 0.3 + 0.2 * (1 - Math.exp(-minute / 25)) + 0.001 * noise(minute);
    const { bad } = watch({ series: { memory: warming }, past: () => 0.3 }, 180);

    expect(bad.filter((claim) => claim.severity !== 'info')).toEqual([]);
  });

  it('says when a disk will be full', () => {
    const { bad } = watch({ series: { 'disk:/': (minute) => 0.5 + minute / 600 }, past: () => 0.45 }, 60);

    expect(bad.at(-1)).toMatchObject({ kind: 'disk_filling', severity: 'warning', target: null });
    expect(bad.at(-1)?.text).toMatch(/reaches 100 % in about 4(\.\d)? h/);
  });

  it('finds a stuck queue within a minute when it grows, and leaves a slow one alone', () => {
    const stuckAt = 50;
    const rate: Series = (minute) => (minute < stuckAt ? 12 : 0);
    const depth: Series = (minute) => (minute < stuckAt ? 3 : 3 + 4 * (minute - stuckAt));
    const stuck = watch({ series: { 'queue_depth:mail': depth, 'queue_rate:mail': rate }, file: {} }, 52);
    // A task every five minutes: idle most of the time, and always was.
    const slowRate: Series = (minute) => (minute % 5 < 0.5 ? 1 : 0);
    const slowDepth: Series = (minute) => 5 + (minute % 7) / 7;
    const slow = watch({ series: { 'queue_depth:mail': slowDepth, 'queue_rate:mail': slowRate } }, 60);

    expect(stuck.bad[0]).toMatchObject({ kind: 'queue_stuck', severity: 'warning' });
    const first = stuck.claims.indexOf(stuck.bad[0] as Claim);
    expect(first / 4).toBeLessThanOrEqual(stuckAt + 1.25);
    expect(slow.bad).toEqual([]);
  });

  it('believes a queue that counts its own idle time, before its rate of a minute can show it', () => {
    const stuckAt = 50;
    const waiting: Series = (minute) => (minute < stuckAt ? 1 : 1 + 6 * (minute - stuckAt));
    const rateOfAMinute: Series = (minute) => Math.max(0, 30 - 30 * Math.max(0, minute - stuckAt));
    const series = { 'queue_depth:mail': waiting, 'queue_rate:mail': rateOfAMinute };
    const since = (minute: number): number => 60 * Math.max(0, minute - stuckAt);
    const stuck = watch({ series, idle: (minute) => [since(minute), 2] }, 52);
    // It is used to tasks of half a minute: a minute without an end is nothing new.
    const slow = watch({ series, idle: (minute) => [since(minute), 45] }, 50.9);

    const first = stuck.claims.indexOf(stuck.bad[0] as Claim);
    expect(stuck.bad[0]).toMatchObject({ kind: 'queue_stuck', severity: 'warning' });
    expect(first / 4).toBeLessThanOrEqual(stuckAt + 0.75);
    expect(slow.bad).toEqual([]);
  });

  it('calls five exits in ten minutes a crash loop, whatever the uptime between', () => {
    const { bad } = watch(
      { series: { 'target_up:web': () => 1 }, pids: (minute) => [Math.floor(minute / 1.9)] },
      12,
    );

    expect(bad.at(-1)).toMatchObject({ kind: 'crash_loop', target: 'web', severity: 'critical' });
    expect(bad.at(-1)?.text).toMatch(/^web ended \d+ times in 10 min\.$/);
  });

  it('calls a metric that used to move and stands still a flat line, at info, and zero no line at all', () => {
    const stands: Series = (minute) => (minute < 60 ? 0.3 + 0.1 * noise(minute) : 0.31);
    const idle: Series = (minute) => (minute < 60 ? 1 + noise(minute) : 0);
    const { bad } = watch({ series: { cpu: stands, net_rx: idle } }, 90);

    expect([...new Set(bad.map((claim) => `${claim.metric} ${claim.severity}`))]).toEqual(['cpu info']);
  });

  it('finds a latency step and a drop of the success rate within a minute, and tells people when they stay', () => {
    const latency: Series = (minute) => (minute < 40 ? 20 + 4 * noise(minute) : 200);
    const rate: Series = (minute) => (minute < 40 ? 1 : 0.82);
    const { claims, bad } = watch({ series: { 'latency:web': latency, 'success_rate:web': rate } }, 42);

    const firsts = ['high_latency', 'low_success_rate'].map((kind) =>
      claims.indexOf(bad.find((claim) => claim.kind === kind) as Claim),
    );
    // Two claims each quarter of a minute.
    expect(firsts.every((first) => first >= 0 && first / 8 <= 41)).toBe(true);
    expect(bad.every((claim) => claim.hold === 300_000 && claim.target === 'web')).toBe(true);
  });

  it('makes no shape of unknown samples, of gaps, or of too little', () => {
    const { claims } = watch(
      {
        series: {
          memory: () => null,
          'disk:/': () => null,
          'latency:web': () => null,
          'queue_depth:mail': () => null,
        },
      },
      60,
    );

    expect(claims.filter((claim) => claim.verdict === 'bad')).toEqual([]);
  });

  it('leaves a shape out that is switched off', () => {
    const { claims } = watch(
      { series: { memory: (minute) => 0.5 + minute / 100 }, file: { shapes: { off: ['memory_leak'] } } },
      45,
    );

    expect(claims.filter((claim) => claim.kind === 'memory_leak')).toEqual([]);
  });
});
