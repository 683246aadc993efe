/** Medians and quantiles of plain numbers. All of them reorder the array they are given. */

/** Quantile with linear interpolation between neighbours; NaN for an empty array. */
export function quantile(values: Float64Array, share: number): number {
  if (values.length === 0) return Number.NaN;
  const place = share * (values.length - 1);
  const below = Math.floor(place);
  const low = select(values, below);
  if (below + 1 >= values.length || place === below) return low;
  let high = Number.POSITIVE_INFINITY;
  for (let index = below + 1; index < values.length; index += 1)
    high = Math.min(high, values[index] as number);
  return low + (place - below) * (high - low);
}

export function median(values: Float64Array): number {
  return quantile(values, 0.5);
}

export interface Spread {
  readonly centre: number;
  /** 1.4826 × the median distance from the centre. */
  readonly mad: number;
  readonly deviation: number;
}

export function spreadOf(values: Float64Array): Spread {
  let sum = 0;
  for (const value of values) sum += value;
  const mean = sum / values.length;
  let squares = 0;
  for (const value of values) squares += (value - mean) ** 2;
  const centre = median(values);
  for (let index = 0; index < values.length; index += 1)
    values[index] = Math.abs((values[index] as number) - centre);
  return { centre, mad: 1.4826 * median(values), deviation: Math.sqrt(squares / values.length) };
}

/** The `rank`-th smallest; everything before it is no greater, everything after it no smaller. */
function select(values: Float64Array, rank: number): number {
  let low = 0;
  let high = values.length - 1;
  while (low < high) {
    const [right, left] = partition(values, low, high);
    if (rank > right && rank < left) break;
    if (rank <= right) high = right;
    else low = left;
  }
  return values[rank] as number;
}

/** Splits around the value in the middle: all up to `right` no greater, all from `left` on no smaller. */
function partition(values: Float64Array, low: number, high: number): readonly [right: number, left: number] {
  const pivot = values[(low + high) >> 1] as number;
  let left = low;
  let right = high;
  while (left <= right) {
    while ((values[left] as number) < pivot) left += 1;
    while ((values[right] as number) > pivot) right -= 1;
    if (left > right) break;
    const kept = values[left] as number;
    values[left] = values[right] as number;
    values[right] = kept;
    left += 1;
    right -= 1;
  }
  return [right, left];
}
