/** Grid rows of the last weeks, row by row in one ring, with the half hour of the day of each. Bounded. */
import type { Ms } from '../../domain/units.ts';

const FIRST_ROWS = 256;

export interface HistoryState {
  readonly columns: number;
  readonly rows: number;
  readonly values: Float32Array;
  readonly own: Float64Array;
  readonly slots: Uint8Array;
}

/** A run of rows, oldest first, row-major. */
export interface Stretch {
  readonly rows: number;
  readonly columns: number;
  readonly values: Float32Array;
  readonly slots: Uint8Array;
  /** Own time from the first to the last row. */
  readonly span: Ms;
}

export interface History {
  add(values: Float32Array, own: Ms, slot: number): void;
  /** The rows of the last `span`, at most those kept. */
  last(span: Ms): Stretch;
  /** The last `count` rows. */
  tail(count: number): Stretch;
  save(): HistoryState;
}

/** @param capacity rows kept; more push out the oldest. */
export function createHistory(capacity: number, saved?: HistoryState): History {
  let columns = saved?.columns ?? 0;
  let kept = saved?.rows ?? 0;
  let room = Math.max(kept, Math.min(capacity, FIRST_ROWS));
  let start = 0;
  let values = extend(saved?.values ?? new Float32Array(0), room * columns);
  let own = extendTimes(saved?.own ?? new Float64Array(0), room);
  let slots = extendSlots(saved?.slots ?? new Uint8Array(0), room);

  function resize(newRoom: number, newColumns: number): void {
    const all = stretch(kept);
    const times = Float64Array.from({ length: kept }, (_, index) => own[(start + index) % room] ?? 0);
    values = new Float32Array(newRoom * newColumns).fill(Number.NaN);
    for (let row = 0; row < kept; row += 1) {
      values.set(all.values.subarray(row * columns, (row + 1) * columns), row * newColumns);
    }
    own = extendTimes(times, newRoom);
    slots = extendSlots(all.slots, newRoom);
    start = 0;
    room = newRoom;
    columns = newColumns;
  }

  function stretch(count: number): Stretch {
    const out = new Float32Array(count * columns);
    const outSlots = new Uint8Array(count);
    for (let row = 0; row < count; row += 1) {
      const place = (start + kept - count + row) % room;
      out.set(values.subarray(place * columns, (place + 1) * columns), row * columns);
      outSlots[row] = slots[place] ?? 0;
    }
    const span = count === 0 ? 0 : timeOf(kept - 1) - timeOf(kept - count);
    return { rows: count, columns, values: out, slots: outSlots, span: span as Ms };
  }

  function timeOf(index: number): number {
    return own[(start + index) % room] ?? 0;
  }

  return {
    add(row, at, slot) {
      if (row.length > columns) resize(room, row.length);
      if (kept === room && room < capacity) resize(Math.min(capacity, room * 2), columns);
      const place = (start + kept) % room;
      if (kept === room) start = (start + 1) % room;
      else kept += 1;
      values.set(row, place * columns);
      values.fill(Number.NaN, place * columns + row.length, (place + 1) * columns);
      own[place] = at;
      slots[place] = slot;
    },
    last(span) {
      const from = timeOf(kept - 1) - span;
      let low = 0;
      let high = kept;
      while (low < high) {
        const middle = (low + high) >> 1;
        if (timeOf(middle) > from) high = middle;
        else low = middle + 1;
      }
      return stretch(kept - low);
    },
    tail: (count) => stretch(Math.min(count, kept)),
    save() {
      const all = stretch(kept);
      const times = Float64Array.from({ length: kept }, (_, index) => timeOf(index));
      return { columns, rows: kept, values: all.values, own: times, slots: all.slots };
    },
  };
}

function extend(values: Float32Array, length: number): Float32Array<ArrayBuffer> {
  const out = new Float32Array(length).fill(Number.NaN);
  out.set(values);
  return out;
}

function extendTimes(values: Float64Array, length: number): Float64Array<ArrayBuffer> {
  const out = new Float64Array(length);
  out.set(values);
  return out;
}

function extendSlots(values: Uint8Array, length: number): Uint8Array<ArrayBuffer> {
  const out = new Uint8Array(length);
  out.set(values);
  return out;
}
