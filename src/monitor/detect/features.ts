/**
 * Windows of scaled rows → the two feature vectors of a host: *level* (where the metrics are and how restless)
 * and *change* (how far the last minutes moved away from the hour before).
 *
 * Both are read straight off the rows, with nothing carried along, so that a restart changes no digit.
 */
import type { Ms } from '../../domain/units.ts';
import { type HostParameters, rowsOf } from './parameters.ts';

/** Window lengths in rows. */
export interface FeatureRows {
  readonly fast: number;
  readonly slow: number;
  readonly rough: number;
  readonly now: number;
  readonly before: number;
  /** Rows that must be at hand for every window to be whole. */
  readonly reach: number;
}

/** Robust centre and scale of each metric's restlessness. */
export interface RoughScale {
  readonly centre: Float64Array;
  readonly scale: Float64Array;
}

/** Rows of scaled values, row-major, oldest first; NaN = unknown. */
export interface ScaledRows {
  readonly values: Float32Array;
  readonly columns: number;
}

export function featureRows(parameters: HostParameters, step: Ms): FeatureRows {
  const fast = rowsOf(parameters.fast, step);
  const slow = rowsOf(parameters.slow, step);
  const rough = rowsOf(parameters.rough, step);
  const now = rowsOf(parameters.now, step);
  const before = rowsOf(parameters.before, step);
  return { fast, slow, rough, now, before, reach: Math.max(fast, slow, rough + 1, now + before) };
}

/** fast means, slow means, restlessness: three for each metric. NaN = unknown. */
export function levelFeatures(
  rows: ScaledRows,
  last: number,
  sizes: FeatureRows,
  rough: RoughScale,
  cut: number,
): Float64Array {
  const { columns } = rows;
  const out = new Float64Array(3 * columns);
  for (let column = 0; column < columns; column += 1) {
    out[column] = bend(meanOf(rows, column, last, sizes.fast), cut);
    out[columns + column] = bend(meanOf(rows, column, last, sizes.slow), cut);
    out[2 * columns + column] = bend(restlessness(rows, column, last, sizes, rough), cut);
  }
  return out;
}

/** the last minutes against the hour before, and restlessness: two for each metric. NaN = unknown. */
export function changeFeatures(
  rows: ScaledRows,
  last: number,
  sizes: FeatureRows,
  rough: RoughScale,
  cut: number,
): Float64Array {
  const { columns } = rows;
  const out = new Float64Array(2 * columns);
  for (let column = 0; column < columns; column += 1) {
    const before = meanOf(rows, column, last - sizes.now, sizes.before);
    out[column] = bend(meanOf(rows, column, last, sizes.now) - before, cut);
    out[columns + column] = bend(restlessness(rows, column, last, sizes, rough), cut);
  }
  return out;
}

/** Mean step from row to row over the window; NaN while fewer than half of the steps are known. */
export function meanStep(rows: ScaledRows, column: number, last: number, size: number): number {
  const { values, columns } = rows;
  let sum = 0;
  let known = 0;
  for (let row = Math.max(1, last - size + 1); row <= last; row += 1) {
    const step = (values[row * columns + column] ?? 0) - (values[(row - 1) * columns + column] ?? 0);
    if (Number.isNaN(step)) continue;
    sum += Math.abs(step);
    known += 1;
  }
  return known > 0 && known * 2 >= size ? sum / known : Number.NaN;
}

function restlessness(
  rows: ScaledRows,
  column: number,
  last: number,
  sizes: FeatureRows,
  rough: RoughScale,
): number {
  const step = meanStep(rows, column, last, sizes.rough);
  return (step - (rough.centre[column] ?? 0)) / (rough.scale[column] ?? 1);
}

function meanOf(rows: ScaledRows, column: number, last: number, size: number): number {
  const { values, columns } = rows;
  let sum = 0;
  let known = 0;
  for (let row = Math.max(0, last - size + 1); row <= last; row += 1) {
    const value = values[row * columns + column] ?? 0;
    if (Number.isNaN(value)) continue;
    sum += value;
    known += 1;
  }
  return known > 0 && known * 2 >= size ? sum / known : Number.NaN;
}

function bend(value: number, cut: number): number {
  return cut * Math.tanh(value / cut);
}
