import { describe, expect, it } from 'vitest';
import { fitDistance, marginalOf, measure } from '../../../../src/monitor/detect/distance.ts';
import { createSeededRandom } from '../../../support/memory-ports.ts';

describe('fitDistance', () => {
  const random = createSeededRandom(8);
  const rows = new Float64Array(3 * 4_000);
  for (let row = 0; row < 4_000; row += 1) {
    const shared = 4 * (random.next() + random.next() - 1);
    rows.set([shared, shared + 0.2 * random.next(), random.next()], row * 3);
  }
  const options = { ridge: 0.01, trim: 0.02, ownPoint: 0.99 };
  const model = fitDistance(rows, 3, options);

  it('finds a broken correlation far out though each value alone is ordinary', () => {
    expect(measure(model, Float64Array.of(2, 2.1, 0.5), null)).toBeLessThan(1);
    expect(measure(model, Float64Array.of(2, -2, 0.5), null)).toBeGreaterThan(3);
  });

  it('is passed by one row in a hundred of its own history', () => {
    let beyond = 0;
    for (let row = 0; row < 4_000; row += 1) {
      if (measure(model, rows.slice(row * 3, row * 3 + 3), null) > 1) beyond += 1;
    }
    expect(beyond).toBeGreaterThanOrEqual(38);
    expect(beyond).toBeLessThanOrEqual(42);
  });

  it('judges what is known alone when a feature is unknown', () => {
    const known = marginalOf(model, [0, 2]);

    expect(measure(known, Float64Array.of(2, 0.5), null)).toBeLessThan(1);
    expect(known.precision).toHaveLength(4);
  });

  it('shares the distance out over the features', () => {
    const shares = new Float64Array(3);
    const ratio = measure(model, Float64Array.of(2, -2, 0.5), shares);

    expect(shares.reduce((sum, share) => sum + share, 0)).toBeCloseTo((ratio * model.unit) ** 2, 6);
    expect(Math.abs(shares[2] ?? 1)).toBeLessThan(Math.abs(shares[0] ?? 0));
  });
});
