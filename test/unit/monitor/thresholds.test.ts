import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ms, ratio } from '../../../src/domain/units.ts';
import { directionOf, isBeyond, type Threshold, thresholdFor } from '../../../src/monitor/thresholds.ts';

const HYSTERESIS = ratio(0.05);

function threshold(metric: string): Threshold {
  return {
    metric,
    direction: 'high',
    warn: 0.9,
    critical: 0.97,
    warnAfter: ms(0),
    criticalAfter: ms(0),
    confirm: null,
  };
}

describe('thresholdFor', () => {
  it('prefers the entry of the metric itself to the one of its family', () => {
    const entries = [threshold('disk'), threshold('disk:/var')];

    expect(thresholdFor('disk:/var', entries)?.metric).toBe('disk:/var');
    expect(thresholdFor('disk:/', entries)?.metric).toBe('disk');
    expect(thresholdFor('cpu', entries)).toBeUndefined();
  });
});

describe('isBeyond', () => {
  it('counts the limit itself as crossed', () => {
    expect(isBeyond(0.9, 0.9, 'high', HYSTERESIS, false)).toBe(true);
    expect(isBeyond(0.8, 0.8, 'low', HYSTERESIS, false)).toBe(true);
  });

  it('lets a crossed limit go only when the value came back by 5 %', () => {
    expect(isBeyond(0.87, 0.9, 'high', HYSTERESIS, true)).toBe(true);
    expect(isBeyond(0.85, 0.9, 'high', HYSTERESIS, true)).toBe(false);
    expect(isBeyond(0.83, 0.8, 'low', HYSTERESIS, true)).toBe(true);
    expect(isBeyond(0.85, 0.8, 'low', HYSTERESIS, true)).toBe(false);
  });

  it('lets a success rate of 100 % clear any low limit', () => {
    fc.assert(
      fc.property(fc.double({ min: 0.01, max: 0.999, noNaN: true }), (limit) => {
        expect(isBeyond(1, limit, 'low', ratio(0.5), true)).toBe(false);
      }),
    );
  });

  it('never calls bad while crossed what would be worse than good when not', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.double({ min: 0.01, max: 0.99, noNaN: true }),
        fc.constantFrom('high' as const, 'low' as const),
        (value, limit, direction) => {
          if (isBeyond(value, limit, direction, HYSTERESIS, false)) {
            expect(isBeyond(value, limit, direction, HYSTERESIS, true)).toBe(true);
          }
        },
      ),
    );
  });
});

describe('directionOf', () => {
  it('knows that success and being up are bad when low', () => {
    expect(['success_rate:api', 'target_up:web', 'probe_up:api'].map(directionOf)).toEqual([
      'low',
      'low',
      'low',
    ]);
    expect(['cpu', 'latency:api', 'queue_depth:mail'].map(directionOf)).toEqual(['high', 'high', 'high']);
  });
});
