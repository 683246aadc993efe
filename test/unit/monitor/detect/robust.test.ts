import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { median, quantile, spreadOf } from '../../../../src/monitor/detect/robust.ts';

const numbers = fc.array(fc.integer({ min: -1_000, max: 1_000 }), { minLength: 1, maxLength: 200 });

describe('quantile', () => {
  it('is what sorting and interpolating gives', () => {
    fc.assert(
      fc.property(numbers, fc.double({ min: 0, max: 1, noNaN: true }), (values, share) => {
        const sorted = [...values].sort((a, b) => a - b);
        const place = share * (sorted.length - 1);
        const low = sorted[Math.floor(place)] ?? 0;
        const high = sorted[Math.ceil(place)] ?? 0;

        const found = quantile(Float64Array.from(values), share);
        expect(found).toBeCloseTo(low + (place - Math.floor(place)) * (high - low), 9);
      }),
    );
  });
});

describe('spreadOf', () => {
  it('is not moved by a few absurd values', () => {
    const plain = Float64Array.from({ length: 101 }, (_, index) => index % 11);
    const spoilt = plain.slice();
    spoilt.set([1e9, -1e9, 1e9]);

    expect(spreadOf(spoilt).centre).toBe(spreadOf(plain).centre);
    expect(spreadOf(spoilt).mad).toBeCloseTo(spreadOf(plain).mad, 6);
    expect(median(Float64Array.from([]))).toBeNaN();
  });
});
