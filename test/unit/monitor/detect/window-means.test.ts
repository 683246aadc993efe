import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createWindowMeans } from '../../../../src/monitor/detect/window-means.ts';

describe('createWindowMeans', () => {
  it('is the plain mean of what is known, and unknown while half is missing', () => {
    const value = fc.oneof(fc.integer({ min: -100, max: 100 }), fc.constant(Number.NaN));
    fc.assert(
      fc.property(
        fc.array(value, { minLength: 1, maxLength: 60 }),
        fc.integer({ min: 1, max: 9 }),
        (values, size) => {
          const means = createWindowMeans([size, 5]);
          for (const one of values) means.push(one);
          const known = values.slice(-size).filter((one) => !Number.isNaN(one));

          const isEnough = known.length > 0 && known.length * 2 >= size;
          const mean = known.reduce((sum, one) => sum + one, 0) / known.length;
          if (isEnough) expect(means.mean(0)).toBeCloseTo(mean, 9);
          else expect(means.mean(0)).toBeNaN();
        },
      ),
    );
  });
});
