/**
 * Rows as they come → rows on a steady grid: pooled to a minute where they are faster, blank rows where a gap
 * was, late and repeated rows left out.
 *
 * The grid has its own time that only runs forward, so that a clock set back or ahead starts and ends nothing.
 */
import { type EpochMs, type Ms, ms } from '../../domain/units.ts';
import type { GridParameters } from './parameters.ts';
import { median } from './robust.ts';

const INTERVALS = 21;
const FIRST_LOOK = 10;

/** One row of the grid. `values` by column; NaN = unknown. */
export interface GridRow {
  readonly at: EpochMs;
  /** Runs forward only, whatever the wall clock does. */
  readonly own: Ms;
  readonly values: Float32Array;
}

export type Arrival =
  /** Older than a row before it, or the same moment again: left out. */
  | { readonly kind: 'late' }
  /** Taken in; the grid row is not full yet. */
  | { readonly kind: 'pooled' }
  | { readonly kind: 'rows'; readonly rows: readonly GridRow[]; readonly jumped: boolean };

export interface GridState {
  readonly last: number | null;
  readonly own: number;
  /** Own time of the newest grid row; `null` before the first. */
  readonly emitted: number | null;
  readonly backward: readonly number[];
  readonly intervals: readonly number[];
  readonly rowStep: number;
  readonly sums: Float64Array;
  readonly counts: Float64Array;
}

export interface Grid {
  offer(at: EpochMs, values: Float64Array): Arrival;
  /** Distance between grid rows; 0 until two rows were seen. */
  step(): Ms;
  save(): GridState;
}

/** @param longest no window looks back further: a longer gap is as good as this one. */
export function createGrid(parameters: GridParameters, longest: Ms, saved?: GridState): Grid {
  return new SteadyGrid(parameters, longest, saved ?? FRESH);
}

const FRESH: GridState = {
  last: null,
  own: 0,
  emitted: null,
  backward: [],
  intervals: [],
  rowStep: 0,
  sums: new Float64Array(0),
  counts: new Float64Array(0),
};

class SteadyGrid implements Grid {
  private readonly parameters: GridParameters;
  private readonly longest: Ms;
  private last: number | null;
  private own: number;
  private emitted: number | null;
  private backward: readonly number[];
  private intervals: readonly number[];
  private rowStep: number;
  private sums: Float64Array;
  private counts: Float64Array;

  constructor(parameters: GridParameters, longest: Ms, saved: GridState) {
    this.parameters = parameters;
    this.longest = longest;
    this.last = saved.last;
    this.own = saved.own;
    this.emitted = saved.emitted;
    this.backward = saved.backward;
    this.intervals = saved.intervals;
    this.rowStep = saved.rowStep;
    this.sums = saved.sums.slice();
    this.counts = saved.counts.slice();
  }

  step(): Ms {
    const { rowStep } = this;
    return ms(rowStep === 0 ? 0 : rowStep * Math.max(1, Math.round(this.parameters.step / rowStep)));
  }

  offer(at: EpochMs, values: Float64Array): Arrival {
    const passed = this.last === null ? 0 : at - this.last;
    if (this.last !== null && passed <= 0) {
      return this.turnedBack(at) ? this.restart(at, values) : { kind: 'late' };
    }
    this.backward = [];
    this.last = at;
    if (passed > 0) this.learnStep(passed);
    this.own += passed;
    this.pool(values);
    const since = this.emitted === null ? Number.POSITIVE_INFINITY : this.own - this.emitted;
    if (since < this.step() - this.rowStep / 2) return { kind: 'pooled' };
    return { kind: 'rows', rows: this.flush(at), jumped: false };
  }

  save(): GridState {
    const { last, own, emitted, backward, intervals, rowStep } = this;
    return {
      last,
      own,
      emitted,
      backward,
      intervals,
      rowStep,
      sums: this.sums.slice(),
      counts: this.counts.slice(),
    };
  }

  /** Several rows that run on among themselves, all before the last one: the clock was set back. */
  private turnedBack(at: number): boolean {
    const before = this.backward.at(-1);
    this.backward = before !== undefined && at > before ? [...this.backward, at] : [at];
    return this.backward.length >= this.parameters.backwardRows;
  }

  /** Discards the open windows by a gap as long as the longest of them. */
  private restart(at: EpochMs, values: Float64Array): Arrival {
    this.backward = [];
    this.last = at;
    this.own += this.step();
    this.sums.fill(0);
    this.counts.fill(0);
    this.pool(values);
    const blanks = this.blankRows(at, this.mostBlanks());
    return { kind: 'rows', rows: [...blanks, ...this.flush(at)], jumped: true };
  }

  /** The first interval, set right at the tenth, then only left for one twice or half as long. */
  private learnStep(passed: number): void {
    this.intervals = [...this.intervals.slice(1 - INTERVALS), passed];
    const typical = median(Float64Array.from(this.intervals));
    const { length } = this.intervals;
    const isRough = length === FIRST_LOOK && Math.abs(typical / this.rowStep - 1) > 0.25;
    const hasChanged = length === INTERVALS && (typical > 2 * this.rowStep || typical < this.rowStep / 2);
    if (this.rowStep === 0 || isRough || hasChanged) this.rowStep = typical;
  }

  private pool(values: Float64Array): void {
    this.sums = widened(this.sums, values.length);
    this.counts = widened(this.counts, values.length);
    for (let column = 0; column < values.length; column += 1) {
      const value = values[column] as number;
      if (!Number.isFinite(value)) continue;
      this.sums[column] = (this.sums[column] as number) + value;
      this.counts[column] = (this.counts[column] as number) + 1;
    }
  }

  private flush(at: EpochMs): GridRow[] {
    const rows = this.blankRows(at, Math.min(this.missedRows(), this.mostBlanks()));
    const values = Float32Array.from(this.sums, (sum, column) => meanOf(sum, this.counts[column] as number));
    this.sums.fill(0);
    this.counts.fill(0);
    this.emitted = this.own;
    rows.push({ at, own: ms(this.own), values });
    return rows;
  }

  private missedRows(): number {
    if (this.emitted === null || this.step() === 0) return 0;
    return Math.max(0, Math.round((this.own - this.emitted) / this.step()) - 1);
  }

  private mostBlanks(): number {
    return this.step() === 0 ? 0 : Math.round(this.longest / this.step());
  }

  private blankRows(at: EpochMs, count: number): GridRow[] {
    const values = new Float32Array(this.sums.length).fill(Number.NaN);
    return Array.from({ length: count }, () => ({ at, own: ms(this.own), values }));
  }
}

/** As a 32-bit number: what the history keeps, so that a restart changes no digit. */
function meanOf(sum: number, count: number): number {
  const mean = Math.fround(sum / count);
  return count > 0 && Number.isFinite(mean) ? mean : Number.NaN;
}

function widened(values: Float64Array, length: number): Float64Array {
  if (values.length >= length) return values;
  const out = new Float64Array(length);
  out.set(values);
  return out;
}
