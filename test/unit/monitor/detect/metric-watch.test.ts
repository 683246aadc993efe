import { describe, expect, it } from 'vitest';
import { minutes } from '../../../../src/domain/units.ts';
import { createMetricWatch, type MetricVerdict } from '../../../../src/monitor/detect/metric-watch.ts';
import { PARAMETERS } from '../../../../src/monitor/detect/parameters.ts';
import { createSeededRandom } from '../../../support/memory-ports.ts';

const STEP = minutes(5);
const { limit } = PARAMETERS.metric;

/** Verdicts on `days` of noise around 10, changed by `fault`. */
function watched(days: number, fault: (row: number, value: number) => number): MetricVerdict[] {
  const watch = createMetricWatch(PARAMETERS.metric, { step: STEP, phase: 0 });
  const random = createSeededRandom(4);
  return Array.from({ length: days * 288 }, (_, row) =>
    watch.judge(fault(row, 10 + random.next() + random.next()), row * STEP, true),
  );
}

describe('createMetricWatch', () => {
  it('says nothing before it knows fifty values', () => {
    const verdicts = watched(1, (row, value) => (row === 25 ? 1_000 : value));

    expect(verdicts.slice(0, 50).every((verdict) => verdict.strength === 0)).toBe(true);
  });

  it('stays under its limit on noise and passes it on a level that moved', () => {
    const verdicts = watched(5, (row, value) => (row >= 4 * 288 ? value + 4 : value));

    const quiet = verdicts.slice(288, 4 * 288).filter((verdict) => verdict.strength >= limit);
    expect(quiet.length).toBeLessThanOrEqual(3);
    expect(verdicts.slice(4 * 288, 4 * 288 + 12).some((verdict) => verdict.strength >= limit)).toBe(true);
  });

  it('takes a spike at the same time each day for a habit from the third day on', () => {
    const verdicts = watched(9, (row, value) => (row % 288 === 100 ? value + 40 : value));
    const spikes = [2, 3, 4, 5, 6, 7, 8].map((day) => verdicts[day * 288 + 100]);

    expect(spikes.every((verdict) => (verdict?.strength ?? 0) < limit || verdict?.isHabit)).toBe(true);
  });

  it('hears a spike at a new time of day through the habit', () => {
    const verdicts = watched(9, (row, value) =>
      row % 288 === 100 || row === 8 * 288 + 200 ? value + 60 : value,
    );
    const odd = verdicts.slice(8 * 288 + 200, 8 * 288 + 206);

    expect(odd.some((verdict) => verdict.strength >= limit && !verdict.isHabit)).toBe(true);
  });

  it('judges a value that must not teach, and keeps it out of its own past', () => {
    const watch = createMetricWatch(PARAMETERS.metric, { step: STEP, phase: 0 });
    for (let row = 0; row < 300; row += 1) watch.judge(row % 7, row * STEP, true);
    const before = watch.save().digests.map((digest) => digest.count);
    const strengths = Array.from(
      { length: 50 },
      (_, row) => watch.judge(90, (300 + row) * STEP, false).strength,
    );

    expect(strengths.every((strength) => strength > limit)).toBe(true);
    expect(watch.save().digests.map((digest) => digest.count)).toEqual(before);
  });

  it('neither judges nor learns an unknown value', () => {
    const watch = createMetricWatch(PARAMETERS.metric, { step: STEP, phase: 0 });
    for (let row = 0; row < 300; row += 1) watch.judge(row % 7, row * STEP, true);
    const before = watch.save().digests.map((digest) => digest.count);

    expect(watch.judge(Number.NaN, 300 * STEP, true)).toEqual({ strength: 0, isHabit: false });
    expect(watch.save().digests.map((digest) => digest.count)).toEqual(before);
  });
});
