/** Grid rows of the last weeks in one ring, row by row, with the half hour of the day of each. Bounded. */
import { type Ms, ms } from '../../domain/units.ts';

const FIRST_ROWS = 256;

/** A run of rows, oldest first, row-major. */
export interface Stretch {
  readonly rows: number;
  readonly columns: number;
  readonly values: Float32Array;
  readonly slots: Uint8Array;
  /** 1 = the row teaches what is normal; 0 = it belongs to an incident, a maintenance or a drill. */
  readonly taught: Uint8Array;
  /** Own time from the first to the last row. */
  readonly span: Ms;
}

export interface HistoryState {
  readonly stretch: Stretch;
  /** Own time of each row. */
  readonly own: Float64Array;
}

export interface History {
  add(values: Float32Array, own: Ms, slot: number, teaches: boolean): void;
  /** The rows of the last `span`, at most those kept. */
  last(span: Ms): Stretch;
  /** Own time from the first to the last row kept. */
  span(): Ms;
  /** The last `count` rows. */
  tail(count: number): Stretch;
  save(): HistoryState;
}

/** @param capacity rows kept; more push out the oldest. */
export function createHistory(capacity: number, saved?: HistoryState): History {
  return new Ring(capacity, saved);
}

class Ring implements History {
  private readonly capacity: number;
  private columns: number;
  private kept: number;
  private room: number;
  private start = 0;
  private values: Float32Array;
  private own: Float64Array;
  private slots: Uint8Array;
  private taught: Uint8Array;

  constructor(capacity: number, saved: HistoryState | undefined) {
    this.capacity = capacity;
    this.columns = saved?.stretch.columns ?? 0;
    this.kept = saved?.stretch.rows ?? 0;
    this.room = Math.max(this.kept, Math.min(capacity, FIRST_ROWS));
    this.values = new Float32Array(this.room * this.columns).fill(Number.NaN);
    this.own = new Float64Array(this.room);
    this.slots = new Uint8Array(this.room);
    this.taught = new Uint8Array(this.room);
    if (saved === undefined) return;
    this.values.set(saved.stretch.values);
    this.own.set(saved.own);
    this.slots.set(saved.stretch.slots);
    this.taught.set(saved.stretch.taught);
  }

  add(row: Float32Array, own: Ms, slot: number, teaches: boolean): void {
    if (row.length > this.columns) this.resize(this.room, row.length);
    if (this.kept === this.room && this.room < this.capacity) {
      this.resize(Math.min(this.capacity, this.room * 2), this.columns);
    }
    const place = (this.start + this.kept) % this.room;
    if (this.kept === this.room) this.start = (this.start + 1) % this.room;
    else this.kept += 1;
    this.values.set(row, place * this.columns);
    this.values.fill(Number.NaN, place * this.columns + row.length, (place + 1) * this.columns);
    this.own[place] = own;
    this.slots[place] = slot;
    this.taught[place] = Number(teaches);
  }

  last(span: Ms): Stretch {
    const from = this.timeOf(this.kept - 1) - span;
    let low = 0;
    let high = this.kept;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.timeOf(middle) > from) high = middle;
      else low = middle + 1;
    }
    return this.stretch(this.kept - low);
  }

  span(): Ms {
    return ms(this.kept === 0 ? 0 : this.timeOf(this.kept - 1) - this.timeOf(0));
  }

  tail(count: number): Stretch {
    return this.stretch(Math.min(count, this.kept));
  }

  save(): HistoryState {
    return { stretch: this.stretch(this.kept), own: this.newest(this.own, this.kept, 1) };
  }

  private stretch(count: number): Stretch {
    const from = this.kept - count;
    const span = count === 0 ? 0 : this.timeOf(this.kept - 1) - this.timeOf(from);
    return {
      rows: count,
      columns: this.columns,
      values: this.newest(this.values, count, this.columns),
      slots: this.newest(this.slots, count, 1),
      taught: this.newest(this.taught, count, 1),
      span: ms(span),
    };
  }

  /** The last `count` rows of one of the rings, `width` numbers each, in at most two pieces: weeks are copied in a moment. */
  private newest<T extends Float32Array | Float64Array | Uint8Array>(
    ring: T,
    count: number,
    width: number,
  ): T {
    const from = count === 0 ? 0 : (this.start + this.kept - count) % this.room;
    const first = Math.min(count, this.room - from);
    const out = ring.slice(from * width, (from + count) * width) as T;
    if (first === count) return out;
    const whole = new (ring.constructor as new (length: number) => T)(count * width);
    whole.set(out);
    whole.set(ring.subarray(0, (count - first) * width), first * width);
    return whole;
  }

  private resize(room: number, columns: number): void {
    const all = this.stretch(this.kept);
    const times = this.newest(this.own, this.kept, 1);
    this.values = new Float32Array(room * columns).fill(Number.NaN);
    for (let row = 0; row < all.rows; row += 1) {
      this.values.set(all.values.subarray(row * all.columns, (row + 1) * all.columns), row * columns);
    }
    this.own = new Float64Array(room);
    this.own.set(times);
    this.slots = new Uint8Array(room);
    this.slots.set(all.slots);
    this.taught = new Uint8Array(room);
    this.taught.set(all.taught);
    this.start = 0;
    this.room = room;
    this.columns = columns;
  }

  private timeOf(index: number): number {
    return this.own[(this.start + index) % this.room] ?? 0;
  }
}
