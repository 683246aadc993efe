import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ratio } from '../../../src/domain/units.ts';
import { AT_EASE, HOST_RUNGS, type Ladder, step, TARGET_RUNGS } from '../../../src/optimizer/ladder.ts';

const rules = { beatsOver: 3, beatsUnder: 12, hysteresis: ratio(0.05), rungs: HOST_RUNGS };

function run(uses: readonly (number | null)[], from: Ladder = AT_EASE, over = rules): Ladder {
  return uses.reduce((ladder, use) => step(ladder, use, over), from);
}
const beats = (count: number, use: number | null): (number | null)[] =>
  Array.from({ length: count }, () => use);

describe('step', () => {
  it('does nothing before the third beat over the budget, then delays batch tasks', () => {
    expect(run(beats(2, 1.2)).rung).toBe('none');
    expect(run(beats(3, 1.2))).toMatchObject({ rung: 'delay_batch', batchShare: 0.6 });
  });

  it('begins to count anew when one beat is within the budget', () => {
    expect(run([1.2, 1.2, 0.99, 1.2, 1.2]).rung).toBe('none');
  });

  it('goes up rung by rung while it stays over: batch, queues, targets, caches', () => {
    const seen = new Set<string>();
    let ladder = AT_EASE;
    for (let beat = 0; beat < 60; beat += 1) {
      ladder = step(ladder, 1.25, rules);
      seen.add(ladder.rung);
    }

    expect([...seen]).toEqual(['none', 'delay_batch', 'slow_queue', 'slow_targets', 'clear_caches']);
    expect(ladder).toMatchObject({ batchShare: 0, queueShare: 0.25 });
  });

  it('keeps what it has between the budget and the hysteresis below it', () => {
    const held = run(beats(3, 1.2));

    expect(run(beats(100, 0.97), held)).toEqual(held);
  });

  it('gives back slowly: a tenth after every minute of calm, and everything at last', () => {
    const held = run(beats(6, 1.2));

    expect(run(beats(11, 0.5), held).batchShare).toBe(held.batchShare);
    expect(run(beats(12, 0.5), held).batchShare).toBeCloseTo(held.batchShare + 0.1);
    expect(run(beats(12 * 12, 0.5), held)).toEqual(AT_EASE);
  });

  it('leaves everything as it is while the use is unknown', () => {
    const held = run(beats(4, 1.2));

    expect(run(beats(50, null), held)).toEqual(held);
    expect(run([1.2, 1.2, null, null])).toMatchObject({ rung: 'none', over: 2 });
  });

  it('does not touch queues for the budget of a target', () => {
    const target = run(beats(9, 1.5), AT_EASE, { ...rules, rungs: TARGET_RUNGS });

    expect(target).toMatchObject({ rung: 'clear_caches', batchShare: 1, queueShare: 1 });
  });

  it('never gives less than a quarter of the queue, never leaves 0 to 1, and always comes back', () => {
    fc.assert(
      fc.property(
        fc.array(fc.option(fc.double({ min: 0, max: 5, noNaN: true })), { maxLength: 300 }),
        (uses) => {
          const ladder = run(uses);
          expect(ladder.queueShare).toBeGreaterThanOrEqual(0.25);
          expect(ladder.batchShare).toBeGreaterThanOrEqual(0);
          expect(Math.max(ladder.queueShare, ladder.batchShare)).toBeLessThanOrEqual(1);
          expect(run(beats(600, 0.1), ladder)).toEqual(AT_EASE);
        },
      ),
      { numRuns: 60 },
    );
  });
});
