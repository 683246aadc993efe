import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Kept, toPrune } from '../../../src/backup/retention.ts';
import { days, type EpochMs, epochMs, toIso } from '../../../src/domain/units.ts';

const RULES = { daily: 7, weekly: 4, monthly: 6 };
const NONE: ReadonlySet<string> = new Set();
const START = Date.parse('2026-11-22T03:30:00Z');

const dateOf = (at: EpochMs): string => toIso(at).slice(0, 10);
const daily = (count: number, good: boolean | null = true): Kept[] =>
  Array.from({ length: count }, (_, day) => ({ id: `b${day}`, at: epochMs(START - day * days(1)), good }));

const backups = fc
  .uniqueArray(fc.integer({ min: 0, max: 2_000_000 }), { maxLength: 60 })
  .chain((minutes) =>
    fc.tuple(
      ...minutes.map((minute) =>
        fc
          .constantFrom(true, false, null)
          .map((good) => ({ id: `m${minute}`, at: epochMs(START - minute * 60_000), good })),
      ),
    ),
  );

describe('toPrune', () => {
  it('keeps seven days, four weeks and six months of a year of nights', () => {
    const gone = new Set(toPrune(daily(365), RULES, dateOf, NONE));

    const kept = daily(365).filter(({ id }) => !gone.has(id));

    expect(kept.length).toBeGreaterThanOrEqual(13);
    expect(kept.length).toBeLessThanOrEqual(17);
    expect(kept.slice(0, 7).map(({ id }) => id)).toEqual(['b0', 'b1', 'b2', 'b3', 'b4', 'b5', 'b6']);
  });

  it('removes nothing of a host that was never verified', () => {
    expect(toPrune(daily(365, null), RULES, dateOf, NONE)).toEqual([]);
  });

  it('never removes the newest verified one, nor anything newer, nor what is held', () => {
    fc.assert(
      fc.property(backups, fc.nat(59), (all, heldAt) => {
        const held = new Set(all.slice(heldAt, heldAt + 1).map(({ id }) => id));
        const gone = new Set(toPrune(all, { daily: 1, weekly: 0, monthly: 0 }, dateOf, held));
        const newestFirst = [...all].sort((a, b) => b.at - a.at);
        const verified = newestFirst.findIndex(({ good }) => good === true);
        const safe = verified < 0 ? newestFirst : newestFirst.slice(0, verified + 1);
        expect([...safe.map(({ id }) => id), ...held].filter((id) => gone.has(id))).toEqual([]);
      }),
    );
  });

  it('comes to the same when it is asked again after it was done', () => {
    fc.assert(
      fc.property(backups, (all) => {
        const gone = new Set(toPrune(all, RULES, dateOf, NONE));
        const left = all.filter(({ id }) => !gone.has(id));
        expect(toPrune(left, RULES, dateOf, NONE)).toEqual([]);
      }),
    );
  });
});
