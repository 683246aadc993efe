/**
 * A ring of slots of the day over the last eight days: what was seen at this time of day, day by day.
 *
 * Slots are numbered by local wall time; a slot that a gap left out is simply not there.
 */

const DAYS = 8;
const DAY = 86_400_000;

export interface DayRingState {
  readonly slots: Float64Array;
  readonly sums: Float64Array;
  readonly counts: Float64Array;
}

export interface DayRing {
  slotOf(local: number): number;
  /** Folds `value` into the slot: `mean` averages, `peak` keeps the greatest. */
  put(slot: number, value: number): void;
  /** Values of the same time of day on day `back` before, `reach` slots to either side. */
  around(slot: number, back: number, reach: number): readonly number[];
  save(): DayRingState;
}

export function createDayRing(slotSpan: number, kind: 'mean' | 'peak', saved?: DayRingState): DayRing {
  const perDay = Math.max(1, Math.round(DAY / slotSpan));
  const size = perDay * DAYS;
  const slots = saved?.slots ?? new Float64Array(size).fill(Number.NaN);
  const sums = saved?.sums ?? new Float64Array(size);
  const counts = saved?.counts ?? new Float64Array(size);
  const placeOf = (slot: number): number => ((slot % size) + size) % size;

  return {
    slotOf: (local) => Math.floor(local / (DAY / perDay)),
    put(slot, value) {
      const place = placeOf(slot);
      if (slots[place] !== slot) {
        slots[place] = slot;
        sums[place] = 0;
        counts[place] = 0;
      }
      const count = (counts[place] ?? 0) + 1;
      const sum = sums[place] ?? 0;
      sums[place] = kind === 'mean' ? sum + value : count === 1 ? value : Math.max(sum, value);
      counts[place] = count;
    },
    around(slot, back, reach) {
      const found: number[] = [];
      for (let off = -reach; off <= reach; off += 1) {
        const wanted = slot - back * perDay + off;
        const place = placeOf(wanted);
        if (wanted >= slot || slots[place] !== wanted) continue;
        const sum = sums[place] ?? 0;
        found.push(kind === 'mean' ? sum / (counts[place] ?? 1) : sum);
      }
      return found;
    },
    save: () => ({ slots: slots.slice(), sums: sums.slice(), counts: counts.slice() }),
  };
}
