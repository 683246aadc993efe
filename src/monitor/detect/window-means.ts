/**
 * Running means of one stream over several windows. A row may be unknown (NaN); a mean needs half its rows.
 */

export interface WindowMeansState {
  readonly ring: Float64Array;
  readonly rows: number;
  readonly sums: Float64Array;
  readonly known: Float64Array;
}

export interface WindowMeans {
  push(value: number): void;
  /** Mean of window number `index`; NaN while fewer than half of its rows are known. */
  mean(index: number): number;
  save(): WindowMeansState;
}

export function createWindowMeans(windows: readonly number[], saved?: WindowMeansState): WindowMeans {
  const longest = Math.max(...windows);
  const ring = saved?.ring ?? new Float64Array(longest).fill(Number.NaN);
  const sums = saved?.sums ?? new Float64Array(windows.length);
  const known = saved?.known ?? new Float64Array(windows.length);
  let rows = saved?.rows ?? 0;

  function push(value: number): void {
    const fresh = Number.isNaN(value);
    for (let index = 0; index < windows.length; index += 1) {
      const left = ring[(rows + longest - (windows[index] ?? 1)) % longest] ?? Number.NaN;
      if (!Number.isNaN(left)) shift(index, -left, -1);
      if (!fresh) shift(index, value, 1);
    }
    ring[rows % longest] = value;
    rows += 1;
    if (rows % longest === 0) recount();
  }

  function shift(index: number, by: number, count: number): void {
    sums[index] = (sums[index] ?? 0) + by;
    known[index] = (known[index] ?? 0) + count;
  }

  /** Once a turn of the ring the sums are taken afresh, so that rounding never adds up. */
  function recount(): void {
    sums.fill(0);
    known.fill(0);
    for (let index = 0; index < windows.length; index += 1) {
      for (let back = 1; back <= (windows[index] ?? 1); back += 1) {
        const value = ring[(rows + longest - back) % longest] ?? Number.NaN;
        if (!Number.isNaN(value)) shift(index, value, 1);
      }
    }
  }

  return {
    push,
    mean(index) {
      const count = known[index] ?? 0;
      return count * 2 >= (windows[index] ?? 1) && count > 0 ? (sums[index] ?? 0) / count : Number.NaN;
    },
    save: () => ({ ring: ring.slice(), rows, sums: sums.slice(), known: known.slice() }),
  };
}
