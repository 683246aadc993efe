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
  readonly emitted: number;
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

export function createGrid(parameters: GridParameters, mostBlanks: (step: Ms) => number, saved?: GridState): Grid {
  let last = saved?.last ?? null;
  let own = saved?.own ?? 0;
  let emitted = saved?.emitted ?? Number.NEGATIVE_INFINITY;
  let backward = [...(saved?.backward ?? [])];
  let intervals = [...(saved?.intervals ?? [])];
  let rowStep = saved?.rowStep ?? 0;
  let sums = saved?.sums ?? new Float64Array(0);
  let counts = saved?.counts ?? new Float64Array(0);

  function step(): Ms {
    return ms(rowStep === 0 ? 0 : rowStep * Math.max(1, Math.round(parameters.step / rowStep)));
  }

  function offer(at: EpochMs, values: Float64Array): Arrival {
    const passed = last === null ? 0 : at - last;
    if (last !== null && passed <= 0) return turnedBack(at) ? restart(at, values) : { kind: 'late' };
    backward = [];
    last = at;
    if (passed > 0) learnStep(passed);
    own += passed;
    pool(values);
    if (own - emitted < step() - rowStep / 2) return { kind: 'pooled' };
    return { kind: 'rows', rows: flush(at), jumped: false };
  }

  /** Several rows that run on among themselves, all before the last one: the clock was set back. */
  function turnedBack(at: number): boolean {
    const before = backward.at(-1);
    if (before !== undefined && at > before) backward.push(at);
    else backward = [at];
    return backward.length >= parameters.backwardRows;
  }

  function restart(at: EpochMs, values: Float64Array): Arrival {
    backward = [];
    last = at;
    own += step();
    sums.fill(0);
    counts.fill(0);
    pool(values);
    const blanks = blankRows(at, mostBlanks(step()));
    return { kind: 'rows', rows: [...blanks, ...flush(at)], jumped: true };
  }

  function learnStep(passed: number): void {
    intervals = [...intervals.slice(1 - INTERVALS), passed];
    const typical = median(Float64Array.from(intervals));
    const isFirst = rowStep === 0 || (intervals.length === FIRST_LOOK && Math.abs(typical / rowStep - 1) > 0.25);
    const hasChanged = intervals.length === INTERVALS && (typical > 2 * rowStep || typical < rowStep / 2);
    if (isFirst || hasChanged) rowStep = typical;
  }

  function pool(values: Float64Array): void {
    if (sums.length < values.length) {
      sums = grown(sums, values.length);
      counts = grown(counts, values.length);
    }
    for (let column = 0; column < values.length; column += 1) {
      const value = values[column] ?? Number.NaN;
      if (!Number.isFinite(value)) continue;
      sums[column] = (sums[column] ?? 0) + value;
      counts[column] = (counts[column] ?? 0) + 1;
    }
  }

  function flush(at: EpochMs): GridRow[] {
    const missed = Number.isFinite(emitted) && step() > 0 ? Math.round((own - emitted) / step()) - 1 : 0;
    const rows = blankRows(at, Math.min(Math.max(0, missed), mostBlanks(step())));
    const values = Float32Array.from(sums, (sum, column) => {
      const count = counts[column] ?? 0;
      const mean = Math.fround(sum / count);
      return count > 0 && Number.isFinite(mean) ? mean : Number.NaN;
    });
    sums.fill(0);
    counts.fill(0);
    emitted = own;
    rows.push({ at, own: ms(own), values });
    return rows;
  }

  function blankRows(at: EpochMs, count: number): GridRow[] {
    const values = new Float32Array(sums.length).fill(Number.NaN);
    return Array.from({ length: count }, () => ({ at, own: ms(own), values }));
  }

  return {
    offer,
    step,
    save: () => ({ last, own, emitted, backward, intervals, rowStep, sums: sums.slice(), counts: counts.slice() }),
  };
}

function grown(values: Float64Array, length: number): Float64Array<ArrayBuffer> {
  const out = new Float64Array(length);
  out.set(values);
  return out;
}
