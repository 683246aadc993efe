/**
 * Robust centre and scale of every metric, by half hour of the day once the history carries it, and rows
 * scaled by them. A metric that hardly speaks in the history is left out until the next fit.
 */
import type { Ms } from '../../domain/units.ts';
import type { Stretch } from './history.ts';
import type { HostParameters } from './parameters.ts';
import { spreadOf } from './robust.ts';

export const SLOTS = 48;

/** `centre` and `scale` are slot-major over the kept columns; one slot where the day is not split. */
export interface Scaling {
  /** Columns of the history that are modelled, in order. */
  readonly columns: readonly number[];
  readonly slots: number;
  readonly centre: Float64Array;
  readonly scale: Float64Array;
}

export function fitScaling(stretch: Stretch, step: Ms, parameters: HostParameters): Scaling {
  const columns = speakingColumns(stretch, parameters);
  const slots = stretch.span + step >= parameters.timeOfDayFrom ? SLOTS : 1;
  const centre = new Float64Array(slots * columns.length);
  const scale = new Float64Array(slots * columns.length);
  const rowsBySlot = slots === 1 ? [] : splitBySlot(stretch);
  const everyRow = Int32Array.from({ length: stretch.rows }, (_, row) => row);
  for (const [index, column] of columns.entries()) {
    const whole = knownValues(stretch, column, everyRow);
    const floor = parameters.floorShare * fullScale(whole);
    const overall = spreadOf(whole);
    const overallScale = Math.max(overall.mad, 0.3 * overall.deviation, floor, Number.MIN_VALUE);
    for (let slot = 0; slot < slots; slot += 1) {
      const own = knownValues(stretch, column, rowsBySlot[slot] ?? []);
      const place = slot * columns.length + index;
      centre[place] = overall.centre;
      scale[place] = overallScale;
      if (own.length < parameters.timeOfDayRows) continue;
      const spread = spreadOf(own);
      centre[place] = spread.centre;
      scale[place] = Math.max(spread.mad, 0.3 * spread.deviation, floor, overall.mad / 2, Number.MIN_VALUE);
    }
  }
  return { columns, slots, centre, scale };
}

/** Scales rows of the history; unknown stays unknown, wild values are cut. */
export function scaleRows(stretch: Stretch, scaling: Scaling, cut: number): Float32Array {
  const width = scaling.columns.length;
  const out = new Float32Array(stretch.rows * width);
  for (let row = 0; row < stretch.rows; row += 1) {
    const slot = scaling.slots === 1 ? 0 : (stretch.slots[row] as number);
    for (let index = 0; index < width; index += 1) {
      const column = scaling.columns[index] as number;
      const value =
        column < stretch.columns ? (stretch.values[row * stretch.columns + column] as number) : Number.NaN;
      const place = slot * width + index;
      const scaled = (value - (scaling.centre[place] as number)) / (scaling.scale[place] as number);
      out[row * width + index] = Math.max(-cut, Math.min(cut, scaled));
    }
  }
  return out;
}

function speakingColumns(stretch: Stretch, parameters: HostParameters): number[] {
  const known = new Float64Array(stretch.columns);
  for (const [at, value] of stretch.values.entries()) {
    if (!Number.isNaN(value)) known[at % stretch.columns] = (known[at % stretch.columns] as number) + 1;
  }
  const speaking = [...known.keys()].filter((column) => (known[column] as number) >= parameters.fewestRows);
  return speaking.slice(0, parameters.mostMetrics);
}

function knownValues(
  stretch: Stretch,
  column: number,
  rows: Iterable<number> & { readonly length: number },
): Float64Array {
  const out = new Float64Array(rows.length);
  let size = 0;
  for (const row of rows) {
    const value = stretch.values[row * stretch.columns + column] ?? Number.NaN;
    if (Number.isNaN(value)) continue;
    out[size] = value;
    size += 1;
  }
  return out.subarray(0, size);
}

/**
 * The rows of each half hour, its own twice and those of its neighbours once: the usual course of a day is smooth, and
 * four weeks of one half hour alone are few.
 */
function splitBySlot(stretch: Stretch): readonly (readonly number[])[] {
  const rows: number[][] = Array.from({ length: SLOTS }, () => []);
  for (let row = 0; row < stretch.rows; row += 1) rows[stretch.slots[row] ?? 0]?.push(row);
  const at = (slot: number): readonly number[] => rows[(slot + SLOTS) % SLOTS] ?? [];
  return rows.map((own, slot) => [...at(slot - 1), ...own, ...own, ...at(slot + 1)]);
}

/** The larger of range and greatest size: what counts as the whole scale of this metric. */
function fullScale(values: Float64Array): number {
  let least = Number.POSITIVE_INFINITY;
  let greatest = Number.NEGATIVE_INFINITY;
  for (const value of values) {
    least = Math.min(least, value);
    greatest = Math.max(greatest, value);
  }
  return Math.max(greatest - least, Math.abs(least), Math.abs(greatest));
}
