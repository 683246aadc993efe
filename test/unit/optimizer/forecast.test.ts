import { describe, expect, it } from 'vitest';
import { createForecastDetector } from '../../../src/app/forecast-detector.ts';
import type { Forecast } from '../../../src/domain/optimizer.ts';
import { days, epochMs, hours, ms } from '../../../src/domain/units.ts';
import { forecastBudget, forecastLevel } from '../../../src/optimizer/forecast.ts';
import { loadWeeks, MONDAY, OFFICE } from '../../support/load-weeks.ts';
import { createSeededRandom } from '../../support/memory-ports.ts';

const HOUR = 3_600_000;
const DAY_MINUTES = 1_440;

/** A level minute by minute, with a little noise. */
function rowsOf(minutes: number, level: (minute: number) => number, noise = 0.002) {
  const random = createSeededRandom(3);
  const values = Float32Array.from({ length: minutes }, (_, at) => level(at) + (random.next() - 0.5) * noise);
  return { first: MONDAY, values };
}
const endOf = (minutes: number) => epochMs(MONDAY + minutes * 60_000);
const disk = { subject: 'disk:/var', metric: 'disk:/var', target: null, limit: 1, horizon: hours(72) };
const memory = { subject: 'memory', metric: 'memory', target: null, limit: 0.98, horizon: hours(24) };
const budget = { subject: 'budget:cpu', metric: 'cpu', target: null, limit: 0.8, horizon: days(14) };

describe('forecastLevel', () => {
  it('says when a disk will be full, with a range around it, and warns ahead', () => {
    // 60 % now and two points more every hour: full in 20 h.
    const found = forecastLevel(
      disk,
      rowsOf(360, (at) => 0.48 + at * (0.02 / 60)),
      endOf(360),
    );

    expect((found?.likely ?? 0) / HOUR).toBeCloseTo(20, 0);
    expect(found?.soonest).toBeLessThan(found?.likely ?? 0);
    expect(found?.latest).toBeGreaterThan(found?.likely ?? Number.POSITIVE_INFINITY);
    expect(found?.warns).toBe(true);
    expect(found?.text).toMatch(
      /^Disk \/var will be full in about 20 h \(\d+ h at the soonest, \d+ h at the latest\)\.$/,
    );
  });

  it('tells a slow rise without warning yet', () => {
    const found = forecastLevel(
      disk,
      rowsOf(7 * DAY_MINUTES, (at) => 0.5 + at * (0.01 / DAY_MINUTES)),
      endOf(7 * DAY_MINUTES),
    );

    expect((found?.likely ?? 0) / (24 * HOUR)).toBeCloseTo(43, -1);
    expect(found?.warns).toBe(false);
  });

  it('sees memory run out, and nothing in noise, in a fall, or in a gap', () => {
    const rising = rowsOf(360, (at) => 0.7 + at * (0.01 / 60));
    expect(forecastLevel(memory, rising, endOf(360))?.text).toMatch(/^Memory will run out in about 22 h/);

    const nothing = [
      rowsOf(360, () => 0.9, 0.05),
      rowsOf(360, (at) => 0.9 - at / 1_000),
      { ...rising, values: rising.values.map((value, at) => (at % 2 === 0 ? Number.NaN : value)) },
    ];
    for (const rows of nothing) expect(forecastLevel(memory, rows, endOf(360))).toBeNull();
  });
});

describe('forecastBudget', () => {
  it('judges the busy hours of whole days, so that morning and evening predict nothing', () => {
    expect(forecastBudget(budget, loadWeeks(2, OFFICE), endOf(14 * DAY_MINUTES))).toBeNull();
  });

  it('says when growing busy hours will pass the budget', () => {
    const rows = rowsOf(14 * DAY_MINUTES, (at) => {
      const busy = Math.floor(at / 60) % 24 >= 9 && Math.floor(at / 60) % 24 < 18;
      return busy ? 0.5 + (at / DAY_MINUTES) * 0.015 : 0.1;
    });
    const found = forecastBudget(budget, rows, endOf(14 * DAY_MINUTES));

    expect((found?.likely ?? 0) / (24 * HOUR)).toBeGreaterThan(4);
    expect((found?.likely ?? 0) / (24 * HOUR)).toBeLessThan(8);
    expect(found?.warns).toBe(true);
    expect(found?.text).toContain('CPU of this host in its busy hours will pass its budget of 80 % in about');
  });

  it('says nothing with less than eight days', () => {
    const rows = rowsOf(7 * DAY_MINUTES, (at) => 0.3 + at * (0.05 / DAY_MINUTES));

    expect(forecastBudget(budget, rows, endOf(7 * DAY_MINUTES))).toBeNull();
  });
});

describe('createForecastDetector', () => {
  const forecast = (over: Partial<Forecast>): Forecast => ({
    ...disk,
    level: 0.6,
    madeAt: MONDAY,
    soonest: hours(18),
    likely: hours(20),
    latest: hours(23),
    warns: true,
    text: 'Disk /var will be full in about 20 h.',
    ...over,
  });
  const beat = (value: number | null) => ({
    at: MONDAY,
    monotonic: ms(0),
    samples: ['disk:/var', 'memory', 'cpu'].map((metric) => ({ metric, at: MONDAY, value })),
  });
  const judge = (detector: ReturnType<typeof createForecastDetector>, value: number | null) =>
    detector.judge(beat(value), {} as Parameters<typeof detector.judge>[1]);

  it('claims a warning ahead for a disk, memory and a budget, each of its kind, and nothing that is far off', () => {
    const detector = createForecastDetector({
      current: () => [
        forecast({}),
        forecast({ subject: 'memory', metric: 'memory' }),
        forecast({ subject: 'budget:cpu', metric: 'cpu' }),
        forecast({ subject: 'inodes:/', metric: 'cpu', warns: false }),
      ],
    });

    const kinds = judge(detector, 0.6).map(({ kind, severity, verdict }) => [kind, severity, verdict]);

    expect(kinds).toEqual([
      ['disk_filling', 'warning', 'bad'],
      ['running_out', 'warning', 'bad'],
      ['running_out', 'warning', 'bad'],
    ]);
  });

  it('takes it back once it is no longer said, and not because a sample is missing', () => {
    let current: readonly Forecast[] = [forecast({})];
    const detector = createForecastDetector({ current: () => current });
    expect(judge(detector, 0.6)[0]?.verdict).toBe('bad');

    current = [];

    expect(judge(detector, null)[0]?.verdict).toBe('unknown');
    expect(judge(detector, 0.6)[0]?.verdict).toBe('good');
  });
});
