/**
 * Regularised Mahalanobis distance: how far a feature vector is from what the host usually shows, with the
 * correlations between its metrics taken out. Correlation is worth more than anything else here (measured).
 */
import { quantile } from './robust.ts';
import { invertSpd } from './spd.ts';

export interface Distance {
  readonly size: number;
  readonly mean: Float64Array;
  /** Covariance + ridge: kept so that unknown features can be taken out exactly. */
  readonly covariance: Float64Array;
  readonly precision: Float64Array;
  /** The distance that the host itself passes in 1 % of its history: ratio 1. */
  readonly unit: number;
}

export interface DistanceOptions {
  readonly ridge: number;
  readonly trim: number;
  readonly ownPoint: number;
}

/** `rows` feature vectors, row-major; NaN = unknown. Fitted twice: the farthest share is dropped in between. */
export function fitDistance(rows: Float64Array, size: number, options: DistanceOptions): Distance {
  const count = rows.length / size;
  const all = new Uint8Array(count).fill(1);
  const rough = momentsOf(rows, size, all, options.ridge);
  const first = distancesOf(rows, size, rough.mean, invertSpd(rough.covariance, size));
  const bound = quantile(first.slice(), 1 - options.trim);
  for (let row = 0; row < count; row += 1) all[row] = (first[row] ?? 0) <= bound ? 1 : 0;
  const { mean, covariance } = momentsOf(rows, size, all, options.ridge);
  const precision = invertSpd(covariance, size);
  const unit = Math.sqrt(quantile(distancesOf(rows, size, mean, precision), options.ownPoint));
  return { size, mean, covariance, precision, unit: Math.max(unit, Number.MIN_VALUE) };
}

/** The part of a model that holds while the features not listed are unknown. */
export function marginalOf(distance: Distance, known: readonly number[]): Distance {
  const size = known.length;
  const mean = Float64Array.from(known, (feature) => distance.mean[feature] ?? 0);
  const covariance = new Float64Array(size * size);
  for (const [row, from] of known.entries()) {
    for (const [column, to] of known.entries()) {
      covariance[row * size + column] = distance.covariance[from * distance.size + to] ?? 0;
    }
  }
  return { size, mean, covariance, precision: invertSpd(covariance, size), unit: distance.unit };
}

/** Ratio of the distance to the host's own 99 % point, and what each feature gave to its square. */
export function measure(distance: Distance, features: Float64Array, shares: Float64Array | null): number {
  const { size, mean, precision } = distance;
  let sum = 0;
  for (let row = 0; row < size; row += 1) {
    const at = row * size;
    let pull = 0;
    for (let column = 0; column < size; column += 1) {
      pull += (precision[at + column] ?? 0) * ((features[column] ?? 0) - (mean[column] ?? 0));
    }
    const share = pull * ((features[row] ?? 0) - (mean[row] ?? 0));
    if (shares !== null) shares[row] = share;
    sum += share;
  }
  return Math.sqrt(Math.max(0, sum)) / distance.unit;
}

interface Moments {
  readonly mean: Float64Array;
  readonly covariance: Float64Array;
}

/**
 * Mean and covariance of the kept rows. An unknown feature stands at the mean, and its column is stretched by
 * what is missing, so that a metric that appeared last week is not taken for a still one.
 */
function momentsOf(rows: Float64Array, size: number, kept: Uint8Array, ridge: number): Moments {
  const mean = new Float64Array(size);
  const known = new Float64Array(size);
  for (let row = 0; row < kept.length; row += 1) {
    if (kept[row] === 1) addRow(rows, row, size, mean, known);
  }
  for (let column = 0; column < size; column += 1) {
    mean[column] = (mean[column] as number) / Math.max(1, known[column] as number);
  }
  const covariance = productsOf(rows, size, kept, mean);
  finish(covariance, size, known, ridge);
  return { mean, covariance };
}

function addRow(
  rows: Float64Array,
  row: number,
  size: number,
  sums: Float64Array,
  known: Float64Array,
): void {
  for (let column = 0; column < size; column += 1) {
    const value = rows[row * size + column] as number;
    if (Number.isNaN(value)) continue;
    sums[column] = (sums[column] as number) + value;
    known[column] = (known[column] as number) + 1;
  }
}

/** Sum of outer products of the centred rows, lower triangle: the dearest loop of a fit, so four rows a turn. */
function productsOf(rows: Float64Array, size: number, kept: Uint8Array, mean: Float64Array): Float64Array {
  const sums = new Float64Array(size * size);
  const block = new Float64Array(4 * size);
  let filled = 0;
  for (let row = 0; row < kept.length; row += 1) {
    if (kept[row] === 0) continue;
    centre(rows, row, size, mean, block, filled);
    filled += 1;
    if (filled < 4) continue;
    addProducts(sums, block, size);
    filled = 0;
  }
  block.fill(0, filled * size);
  addProducts(sums, block, size);
  return sums;
}

function addProducts(sums: Float64Array, block: Float64Array, size: number): void {
  const b = size;
  const c = 2 * size;
  const d = 3 * size;
  for (let i = 0; i < size; i += 1) {
    const at = i * size;
    const p = block[i] as number;
    const q = block[b + i] as number;
    const r = block[c + i] as number;
    const s = block[d + i] as number;
    for (let j = 0; j <= i; j += 1) {
      const pair = p * (block[j] as number) + q * (block[b + j] as number);
      const other = r * (block[c + j] as number) + s * (block[d + j] as number);
      sums[at + j] = (sums[at + j] as number) + pair + other;
    }
  }
}

/** Writes row number `row` less the mean into slot `slot` of `out`; unknown features stand at the mean. */
function centre(
  rows: Float64Array,
  row: number,
  size: number,
  mean: Float64Array,
  out: Float64Array,
  slot: number,
): void {
  for (let column = 0; column < size; column += 1) {
    const value = (rows[row * size + column] as number) - (mean[column] as number);
    out[slot * size + column] = Number.isNaN(value) ? 0 : value;
  }
}

/** From sums of products to covariance + ridge, mirrored to the upper triangle. */
function finish(covariance: Float64Array, size: number, known: Float64Array, ridge: number): void {
  for (let row = 0; row < size; row += 1) {
    for (let column = 0; column <= row; column += 1) {
      const pairs = Math.sqrt((known[row] as number) * (known[column] as number));
      const value = (covariance[row * size + column] as number) / Math.max(1, pairs - 1);
      covariance[row * size + column] = row === column ? value + ridge : value;
      covariance[column * size + row] = covariance[row * size + column] as number;
    }
  }
}

/** Squared distances of all rows. Unknown features stand at the mean here: rare, and only for trim and unit. */
function distancesOf(
  rows: Float64Array,
  size: number,
  mean: Float64Array,
  precision: Float64Array,
): Float64Array {
  const out = new Float64Array(rows.length / size);
  const centred = new Float64Array(size);
  for (let row = 0; row < out.length; row += 1) {
    centre(rows, row, size, mean, centred, 0);
    let sum = 0;
    for (let i = 0; i < size; i += 1) {
      const at = i * size;
      let half = 0;
      for (let j = 0; j < i; j += 1) half += (precision[at + j] as number) * (centred[j] as number);
      const own = centred[i] as number;
      sum += own * (2 * half + (precision[at + i] as number) * own);
    }
    out[row] = sum;
  }
  return out;
}
