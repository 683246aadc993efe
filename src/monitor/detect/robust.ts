/** Medians and quantiles of plain numbers. All of them reorder the array they are given. */

/** Quantile with linear interpolation between neighbours; NaN for an empty array. */
export function quantile(values: Float64Array, share: number): number {
  if (values.length === 0) return Number.NaN;
  const place = share * (values.length - 1);
  const below = Math.floor(place);
  const low = select(values, below);
  if (below + 1 >= values.length || place === below) return low;
  let high = Number.POSITIVE_INFINITY;
  for (let index = below + 1; index < values.length; index += 1) high = Math.min(high, values[index] ?? high);
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
  for (let index = 0; index < values.length; index += 1) values[index] = Math.abs((values[index] ?? 0) - centre);
  return { centre, mad: 1.4826 * median(values), deviation: Math.sqrt(squares / values.length) };
}

/** The `rank`-th smallest; everything before it is no greater, everything after it no smaller. */
function select(values: Float64Array, rank: number): number {
  let low = 0;
  let high = values.length - 1;
  while (low < high) {
    const pivot = values[(low + high) >> 1] ?? 0;
    let left = low;
    let right = high;
    while (left <= right) {
      while ((values[left] ?? 0) < pivot) left += 1;
      while ((values[right] ?? 0) > pivot) right -= 1;
      if (left <= right) {
        const kept = values[left] ?? 0;
        values[left] = values[right] ?? 0;
        values[right] = kept;
        left += 1;
        right -= 1;
      }
    }
    if (rank <= right) high = right;
    else if (rank >= left) low = left;
    else break;
  }
  return values[rank] ?? Number.NaN;
}
