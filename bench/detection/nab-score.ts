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

/** What a row is: inside a labelled window, or a distance past the one before. */
type Place =
  | { readonly kind: 'inside'; readonly window: number; readonly rowsLeft: number; readonly width: number }
  | { readonly kind: 'outside'; readonly past: number | null; readonly width: number };

/** For each row: its window and what a detection there is worth, or the cost of a false one. */
function shapeOf(one: StreamCase): readonly Omit<Point, 'value'>[] {
  return placesOf(one).map((place) => {
    if (place.kind === 'inside') {
      const worth = sigmoid(-(place.rowsLeft + 1) / place.width) / sigmoid(-1);
      return { window: place.window, worth };
    }
    return { window: null, worth: place.past === null ? -1 : sigmoid(place.past / (place.width - 1)) };
  });
}

function placesOf({ times, windows }: StreamCase): readonly Place[] {
  const rowOf = new Map<number, number>();
  for (const [row, time] of times.entries()) if (!rowOf.has(time)) rowOf.set(time, row);
  const bounds = [...windows]
    .sort((a, b) => a[0] - b[0] || a[1] - b[1])
    .map(([from, to]) => [rowOf.get(from) ?? -1, rowOf.get(to) ?? -1] as const);
  return Array.from(times, (_, row) => {
    const window = bounds.findIndex(([from, to]) => row >= from && row <= to);
    const [from, to] = bounds[window] ?? [0, 0];
    if (window !== -1) return { kind: 'inside', window, rowsLeft: to - row, width: to - from + 1 };
    const before = bounds.findLast(([, end]) => end < row);
    return {
      kind: 'outside',
      past: before === undefined ? null : row - before[1],
      width: before === undefined ? 0 : before[1] - before[0] + 1,
    };
  });
}

/** The sum so far, and what each window has earned. */
class Ledger {
  readonly missWeight: number;
  readonly falseWeight: number;
  readonly earned: Map<number, number>;
  total: number;
  found = 0;
  falseRows = 0;

  constructor(windows: Iterable<number>, { missWeight, falseWeight }: NabProfile) {
    this.missWeight = missWeight;
    this.falseWeight = falseWeight;
    this.earned = new Map([...windows].map((window) => [window, -missWeight]));
    this.total = -missWeight * this.earned.size;
  }

  detect({ window, worth }: Point): void {
    if (window === null) {
      this.total += worth * this.falseWeight;
      this.falseRows += 1;
      return;
    }
    const had = this.earned.get(window) ?? 0;
    if (worth <= had) return;
    if (had === -this.missWeight) this.found += 1;
    this.total += worth - had;
    this.earned.set(window, worth);
  }
}

function sweep(all: readonly Point[], windows: number, profile: NabProfile, fixed: number | null): NabScore {
  const points = [...all].sort((a, b) => b.value - a.value);
  const seen = points.flatMap((point) => (point.window === null ? [] : [point.window]));
  const ledger = new Ledger(new Set(seen), profile);
  const nothing = ledger.total;
  const snapshot = (threshold: number | null) => ({
    total: ledger.total,
    threshold,
    windowsFound: ledger.found,
    falseRows: ledger.falseRows,
  });
  let best = snapshot(null);
  for (const [index, point] of points.entries()) {
    if (fixed !== null && point.value < fixed) break;
    ledger.detect(point);
    if (points[index + 1]?.value === point.value) continue;
    if (fixed !== null || ledger.total > best.total) best = snapshot(fixed ?? point.value);
  }
  const { total, ...rest } = best;
  return { score: (100 * (total - nothing)) / (windows - nothing), windows, ...rest };
}

function sigmoid(y: number): number {
  return y > 3 ? -1 : 2 / (1 + Math.exp(5 * y)) - 1;
}
