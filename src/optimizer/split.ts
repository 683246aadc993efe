/**
 * Splits numbers into a low and a high group where the groups are tightest (the exact two-means split of a line).
 *
 * Every heap of numbers can be cut in two; whether the cut means anything is judged by the caller, on data that it
 * was not made from.
 */

export interface Split {
  /** At or above: high. */
  readonly threshold: number;
  readonly low: number;
  readonly high: number;
  /** Share of the variance that the two groups explain; 0.64 for plain noise. */
  readonly explained: number;
}

/** `null` where there are not two different numbers. */
export function splitInTwo(values: readonly number[]): Split | null {
  const sorted = [...values].sort((a, b) => a - b);
  const total = sorted.reduce((sum, value) => sum + value, 0);
  const mean = total / sorted.length;
  let best: { readonly index: number; readonly between: number; readonly left: number } | null = null;
  let left = 0;
  for (let index = 1; index < sorted.length; index += 1) {
    left += sorted[index - 1] ?? 0;
    if (sorted[index] === sorted[index - 1]) continue;
    const between =
      index * (left / index - mean) ** 2 +
      (sorted.length - index) * ((total - left) / (sorted.length - index) - mean) ** 2;
    if (best === null || between > best.between) best = { index, between, left };
  }
  if (best === null) return null;
  const below = sorted[best.index - 1] ?? 0;
  const above = sorted[best.index] ?? 0;
  const variance = sorted.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return {
    threshold: (below + above) / 2,
    low: best.left / best.index,
    high: (total - best.left) / (sorted.length - best.index),
    explained: best.between / variance,
  };
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const half = sorted.length >> 1;
  const upper = sorted[half] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[half - 1] ?? upper)) / 2;
}
