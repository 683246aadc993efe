import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createDigest } from '../../../../src/monitor/detect/digest.ts';
import { createSeededRandom } from '../../../support/memory-ports.ts';

const HUGE = 1e9;

describe('createDigest', () => {
  it('knows the least and the greatest value exactly, at once', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ noNaN: true, noDefaultInfinity: true }), { minLength: 1 }),
        (values) => {
          const digest = createDigest({ tail: 0.005, capacity: HUGE, phase: 0 });
          for (const value of values) digest.add(value);

          expect(digest.past()).toMatchObject({
            count: values.length,
            least: Math.min(...values),
            greatest: Math.max(...values),
          });
        },
      ),
    );
  });

  it('comes within a tenth of a percent of rank of the true tail points, on skewed data too', () => {
    const random = createSeededRandom(3);
    const values = Array.from({ length: 30_000 }, () => (-Math.log(1 - random.next())) ** 3);
    const digest = createDigest({ tail: 0.005, capacity: HUGE, phase: 0 });
    for (const value of values) digest.add(value);
    const { low, median, high } = digest.past();

    const rank = (value: number): number => values.filter((one) => one <= value).length / values.length;
    expect(rank(low)).toBeCloseTo(0.005, 3);
    expect(Math.abs(rank(median) - 0.5)).toBeLessThan(0.01);
    expect(rank(high)).toBeCloseTo(0.995, 3);
  });

  it('goes on to the same digit after a save', () => {
    const random = createSeededRandom(5);
    const whole = createDigest({ tail: 0.005, capacity: 500, phase: 0 });
    let part = createDigest({ tail: 0.005, capacity: 500, phase: 0 });
    for (let index = 0; index < 3_000; index += 1) {
      const value = random.next();
      whole.add(value);
      part.add(value);
      if (index % 700 === 3) part = createDigest({ tail: 0.005, capacity: 500, phase: 0 }, part.save());

      expect(part.past()).toEqual(whole.past());
    }
  });

  it('forgets a past that has faded', () => {
    const digest = createDigest({ tail: 0.005, capacity: 1_000, phase: 0 });
    for (let index = 0; index < 1_000; index += 1) digest.add(100 + (index % 10));
    for (let index = 0; index < 6_000; index += 1) digest.add(index % 10);

    expect(digest.past().greatest).toBe(9);
    expect(digest.past().median).toBeLessThan(10);
  });

  it('stays small however much it is given', () => {
    const digest = createDigest({ tail: 0.005, capacity: HUGE, phase: 0 });
    for (let index = 0; index < 200_000; index += 1) digest.add(Math.sin(index) * index);

    expect(digest.save().means.length).toBeLessThan(1_000);
  });
});
