import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ratio } from '../../../src/domain/units.ts';
import {
  AT_EASE,
  batchShare,
  HOST_RUNGS,
  isThrottled,
  type Ladder,
  step,
  TARGET_RUNGS,
} from '../../../src/optimizer/ladder.ts';

const rules = { beatsOver: 3, beatsUnder: 12, hysteresis: ratio(0.05), rungs: HOST_RUNGS };

function run(uses: readonly (number | null)[], from: Ladder = AT_EASE, over = rules): Ladder {
  return uses.reduce((ladder, use) => step(ladder, use, over), from);
}
const beats = (count: number, use: number | null): (number | null)[] =>
  Array.from({ length: count }, () => use);

describe('step', () => {
  it('does nothing before the third beat over the budget, then delays batch tasks', () => {
    expect(run(beats(2, 1.2)).rung).toBe('none');
    expect(run(beats(3, 1.2)).rung).toBe('delay_batch');
    expect(batchShare(run(beats(3, 1.2)))).toBe(0);
  });

  it('begins to count anew when one beat is within the budget', () => {
    expect(run([1.2, 1.2, 0.99, 1.2, 1.2]).rung).toBe('none');
  });

  it('goes up rung by rung while it stays over though batch tasks wait: queues, targets, caches', () => {
    const seen = new Set<string>();
    let ladder = AT_EASE;
    for (let beat = 0; beat < 60; beat += 1) {
      ladder = step(ladder, 1.25, rules);
      seen.add(ladder.rung);
    }

    expect([...seen]).toEqual(['none', 'delay_batch', 'slow_queue', 'slow_targets', 'clear_caches']);
    expect(ladder.queueShare).toBe(0.25);
    expect(batchShare(ladder)).toBe(0);
  });

  it.each([0.9, 0.5, 0.05])(
    'holds the mean at the budget where batch tasks fill the host and the rest takes %d of it',
    (rest) => {
      let ladder = AT_EASE;
      const uses: number[] = [];
      for (let beat = 0; beat < 400; beat += 1) {
        const use = batchShare(ladder) === 1 ? 1.25 : rest;
        uses.push(use);
        ladder = step(ladder, use, rules);
      }

      const last = uses.slice(-120);
      expect(last.reduce((sum, use) => sum + use, 0) / last.length).toBeCloseTo(0.98, 1);
      expect(ladder.rung).toBe('delay_batch');
    },
  );

  it('gives back slowly, and everything at last', () => {
    const held = run(beats(30, 1.25));

    expect(run(beats(11, 0.5), held).rung).toBe(held.rung);
    expect(run(beats(12, 0.5), held).rung).toBe('slow_targets');
    expect(run(beats(12 * 14, 0.5), held)).toEqual(AT_EASE);
  });

  it('keeps the rung between the budget and the hysteresis below it', () => {
    const held = run(beats(20, 1.25));

    expect(run(beats(100, 0.97), held).rung).toBe(held.rung);
  });

  it('leaves everything as it is while the use is unknown', () => {
    const held = run(beats(4, 1.2));

    expect(run(beats(50, null), held)).toEqual(held);
    expect(run([1.2, 1.2, null, null])).toMatchObject({ rung: 'none', over: 2 });
  });

  it('does not touch queues for the budget of a target', () => {
    const target = run(beats(9, 1.5), AT_EASE, { ...rules, rungs: TARGET_RUNGS });

    expect(target).toMatchObject({ rung: 'clear_caches', queueShare: 1 });
  });

  it('never leaves less than a quarter of the queue, and always comes back', () => {
    fc.assert(
      fc.property(
        fc.array(fc.option(fc.double({ min: 0, max: 5, noNaN: true })), { maxLength: 300 }),
        (uses) => {
          const ladder = run(uses);
          expect(ladder.queueShare).toBeGreaterThanOrEqual(0.25);
          expect(ladder.queueShare).toBeLessThanOrEqual(1);
          expect(Math.abs(ladder.credit)).toBeLessThanOrEqual(1);
          expect(isThrottled(run(beats(600, 0.1), ladder))).toBe(false);
        },
      ),
      { numRuns: 60 },
    );
  });
});
