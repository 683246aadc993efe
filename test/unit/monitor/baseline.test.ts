import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { epochMs } from '../../../src/domain/units.ts';
import { baselineAt, deviation, learn, normalRange } from '../../../src/monitor/baseline.ts';

const DAY = 1_440;
const rules = {
  minRows: 720,
  hourOfDayAfterDays: 14,
  hourOf: (at: number) => Math.floor(at / 3_600_000) % 24,
};

function rows(length: number, value: (minute: number) => number) {
  return { first: epochMs(0), values: Float32Array.from({ length }, (_, minute) => value(minute)) };
}

describe('learn', () => {
  it('knows nothing from too few minutes', () => {
    expect(
      learn(
        rows(719, () => 0.2),
        'ratio',
        rules,
      ),
    ).toBeNull();
  });

  it('does not count minutes that are unknown', () => {
    expect(
      learn(
        rows(2_000, (m) => (m % 4 === 0 ? 0.2 : Number.NaN)),
        'ratio',
        rules,
      ),
    ).toBeNull();
  });

  it('finds the middle of what was normal, whatever an hour of trouble did', () => {
    const learnt = learn(
      rows(DAY, (m) => (m < 60 ? 1 : 0.2 + 0.01 * (m % 5))),
      'ratio',
      rules,
    );

    expect(learnt?.overall.centre).toBeCloseTo(0.22, 2);
    expect(learnt?.overall.spread).toBeLessThan(0.06);
  });

  it('gives a metric that never moved a spread that is not nothing', () => {
    const learnt = learn(
      rows(DAY, () => 100),
      'ms',
      rules,
    );

    expect(learnt?.overall).toMatchObject({ centre: 100, spread: 10 });
  });

  it('learns no hours of the day from thirteen days, and does from fourteen', () => {
    const busyAtNoon = (m: number) => (Math.floor(m / 60) % 24 === 12 ? 0.8 : 0.2);

    const few = learn(rows(10 * DAY, busyAtNoon), 'ratio', rules);
    const enough = learn(rows(14 * DAY, busyAtNoon), 'ratio', rules);

    expect(few?.hours).toBeNull();
    expect(enough?.hours?.[12]?.centre).toBeCloseTo(0.8, 3);
    expect(enough?.hours?.[3]?.centre).toBeCloseTo(0.2, 3);
    expect(enough === null ? 0 : baselineAt(enough, 12).centre).toBeCloseTo(0.8, 3);
  });

  it('keeps every normal range around its centre and inside what the metric can be', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 720, maxLength: 800 }),
        fc.double({ min: 2, max: 6, noNaN: true }),
        (values, sigmas) => {
          const learnt = learn(
            rows(values.length, (m) => values[m] ?? 0),
            'ratio',
            rules,
          );
          const baseline = learnt?.overall ?? { centre: 0, spread: 1, rows: 0 };
          const { low, high } = normalRange(baseline, sigmas, 'ratio');
          expect(low).toBeLessThanOrEqual(baseline.centre);
          expect(high).toBeGreaterThanOrEqual(baseline.centre);
          expect(low).toBeGreaterThanOrEqual(0);
          expect(high).toBeLessThanOrEqual(1);
          expect(baseline.spread).toBeGreaterThan(0);
        },
      ),
      { numRuns: 20 },
    );
  });
});

describe('deviation', () => {
  it('counts in robust deviations, below the centre as negative', () => {
    expect(deviation(130, { centre: 100, spread: 10, rows: 1 })).toBe(3);
    expect(deviation(80, { centre: 100, spread: 10, rows: 1 })).toBe(-2);
  });
});
