/**
 * The scoring rule of the Numenta Anomaly Benchmark v1.1: the earliest detection in a window earns by how early it is,
 * every detection outside costs, one threshold for all files is chosen by exhaustive search.
 */
import type { StreamCase } from './sets.ts';

export interface NabProfile {
  readonly name: string;
  readonly missWeight: number;
  readonly falseWeight: number;
}

export const NAB_PROFILES: readonly NabProfile[] = [
  { name: 'standard', missWeight: 1, falseWeight: 0.11 },
  { name: 'low FP', missWeight: 1, falseWeight: 0.22 },
  { name: 'low FN', missWeight: 2, falseWeight: 0.11 },
];

export interface NabScore {
  readonly score: number;
  readonly threshold: number | null;
  readonly windows: number;
  readonly windowsFound: number;
  readonly falseRows: number;
}

interface Point {
  readonly value: number;
  readonly window: number | null;
  readonly worth: number;
}

/** `values` holds one strength a row for each case, in the order of the cases. */
export function nabScore(
  cases: readonly StreamCase[],
  values: readonly Float64Array[],
  profile: NabProfile,
  fixed: number | null = null,
): NabScore {
  const points: Point[] = [];
  let windows = 0;
  for (const [index, one] of cases.entries()) {
    points.push(...pointsOf(one, values[index] ?? new Float64Array(0), windows));
    windows += one.windows.length;
  }
  return sweep(points, windows, profile, fixed);
}

function pointsOf(one: StreamCase, values: Float64Array, firstWindow: number): readonly Point[] {
  const shape = shapeOf(one);
  const probation = Math.min(Math.floor(0.15 * one.times.length), 750);
  return shape
    .map(({ window, worth }, row) => ({
      value: values[row] ?? 0,
      window: window === null ? null : firstWindow + window,
      worth,
    }))
    .slice(probation);
}

/** For each row: its window and what a detection there is worth, or the cost of a false one. */
function shapeOf({ times, windows }: StreamCase): readonly Omit<Point, 'value'>[] {
  const sorted = [...windows].sort((a, b) => a[0] - b[0] || a[1] - b[1]);
  const firstRow = new Map<number, number>();
  for (const [row, time] of times.entries()) if (!firstRow.has(time)) firstRow.set(time, row);
  const out: Omit<Point, 'value'>[] = [];
  let next = 0;
  let open: {
    readonly window: number;
    readonly right: number;
    readonly width: number;
    readonly end: number;
  } | null = null;
  let before: { readonly right: number; readonly width: number } | null = null;
  for (const [row, time] of times.entries()) {
    const [from, end] = sorted[next] ?? [Number.NaN, Number.NaN];
    if (time === from) {
      const right = firstRow.get(end) ?? row;
      open = { window: next, right, width: right - (firstRow.get(from) ?? row) + 1, end };
      next += 1;
    }
    if (open !== null) {
      out.push({ window: open.window, worth: sigmoid(-(open.right - row + 1) / open.width) / sigmoid(-1) });
      if (time !== open.end) continue;
      before = { right: row, width: open.width };
      open = null;
    } else {
      const past = before === null ? -1 : sigmoid(Math.abs(before.right - row) / (before.width - 1));
      out.push({ window: null, worth: past });
    }
  }
  return out;
}

function sweep(all: readonly Point[], windows: number, profile: NabProfile, fixed: number | null): NabScore {
  const points = [...all].sort((a, b) => b.value - a.value);
  const seen = new Set(points.flatMap((point) => (point.window === null ? [] : [point.window])));
  const earned = new Map([...seen].map((window) => [window, -profile.missWeight]));
  const nothing = -profile.missWeight * seen.size;
  let total = nothing;
  let found = 0;
  let falseRows = 0;
  let best = { total, threshold: null as number | null, found: 0, falseRows: 0 };
  for (let at = 0; at < points.length; ) {
    const { value } = points[at] as Point;
    if (fixed !== null && value < fixed) break;
    for (; at < points.length && points[at]?.value === value; at += 1) {
      const { window, worth } = points[at] as Point;
      if (window === null) {
        total += worth * profile.falseWeight;
        falseRows += 1;
        continue;
      }
      const had = earned.get(window) ?? 0;
      if (worth <= had) continue;
      if (had === -profile.missWeight) found += 1;
      total += worth - had;
      earned.set(window, worth);
    }
    if (fixed !== null || total > best.total) best = { total, threshold: fixed ?? value, found, falseRows };
  }
  const perfect = windows;
  return {
    score: (100 * (best.total - nothing)) / (perfect - nothing),
    threshold: best.threshold,
    windows,
    windowsFound: best.found,
    falseRows: best.falseRows,
  };
}

function sigmoid(y: number): number {
  return y > 3 ? -1 : 2 / (1 + Math.exp(5 * y)) - 1;
}
