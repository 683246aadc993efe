/**
 * Which other metrics moved with a trouble, and which before it: each against its own half hour, so that it works from
 * the first hour on, before anything is learnt. Pure.
 *
 * A metric has moved when it left the level it had before by more than four of its own robust deviations. It led when
 * it left that level earlier. `together` says how much its course has in common with that of the trouble.
 */
import { type MetricName, type MetricUnit, type Sample, unitOf } from '../domain/metric.ts';
import { type EpochMs, elapsed, type Ms, minutes, ms } from '../domain/units.ts';

/** The level before is measured up to this long before the trouble: a cause may already have moved by then. */
const LEAD: Ms = minutes(5);
const MOVED_SIGMAS = 4;
const FEWEST = 6;
/** Samples of two metrics belong together when they are this close. */
const GRID: Ms = ms(10_000);
/** A share of the level that counts as no movement, whatever the deviation. */
const FLOOR_SHARE = 0.1;
/** A smaller movement is none to a person, however still the metric stood before: "from 0 % to 0 %". */
const LEAST: Readonly<Partial<Record<MetricUnit, number>>> = {
  ratio: 0.02,
  'per-core': 0.2,
  ms: 20,
  'bytes/s': 2_000,
  bytes: 10_000_000,
};

export interface Moved {
  readonly metric: MetricName;
  readonly before: number;
  readonly now: number;
  /** How long before the trouble it moved; negative = after. */
  readonly lead: Ms;
  /** In deviations of its own past. */
  readonly by: number;
  /** -1..1 */
  readonly together: number;
}

export interface Course {
  readonly metric: MetricName;
  /** The last half hour, oldest first. */
  readonly samples: readonly Sample[];
}

/** Whether a change is large enough that a person would call it one. */
export function isVisible(metric: MetricName, from: number, to: number): boolean {
  return Math.abs(to - from) >= (LEAST[unitOf(metric)] ?? 0);
}

export function movedWith(trouble: Course, others: readonly Course[], since: EpochMs): readonly Moved[] {
  const moved = others
    .filter(({ metric }) => metric !== trouble.metric)
    .flatMap((course) => {
      const movement = movementOf(course, since);
      return movement === null ? [] : [{ movement, course }];
    });
  if (moved.length === 0) return [];
  const own = gridded(trouble.samples);
  return moved.map(({ movement, course }) => ({
    ...movement,
    together: correlation(own, gridded(course.samples)),
  }));
}

function movementOf({ metric, samples }: Course, since: EpochMs): Omit<Moved, 'together'> | null {
  const earlier: number[] = [];
  const around: { readonly at: EpochMs; readonly value: number }[] = [];
  for (const { at, value } of samples) {
    if (value === null) continue;
    if (elapsed(at, since) > LEAD) earlier.push(value);
    else around.push({ at, value });
  }
  const during = around.flatMap(({ at, value }) => (at >= since ? [value] : []));
  if (earlier.length < FEWEST || during.length === 0) return null;
  const before = medianOf(earlier);
  const now = medianOf(during);
  if (!isVisible(metric, before, now)) return null;
  const floor = FLOOR_SHARE * Math.max(Math.abs(before), rangeOf(earlier), 1e-8);
  if (Math.abs(now - before) < MOVED_SIGMAS * floor) return null;
  const spread = 1.4826 * medianOf(earlier.map((value) => Math.abs(value - before)));
  const by = (now - before) / Math.max(spread, floor);
  if (Math.abs(by) < MOVED_SIGMAS) return null;
  const first = around.find(({ value }) => Math.abs(value - before) > Math.abs(now - before) / 2);
  return { metric, before, now, by, lead: elapsed(first?.at ?? since, since) };
}

/** One value a grid step. */
function gridded(samples: readonly Sample[]): ReadonlyMap<number, number> {
  const values = new Map<number, number>();
  for (const { at, value } of samples) if (value !== null) values.set(Math.floor(at / GRID), value);
  return values;
}

/** Pearson's r over the steps that both have; 0 where one of them stood still. */
function correlation(a: ReadonlyMap<number, number>, b: ReadonlyMap<number, number>): number {
  const pairs = [...a].flatMap(([step, value]) => {
    const other = b.get(step);
    return other === undefined ? [] : [[value, other] as const];
  });
  if (pairs.length < FEWEST) return 0;
  const meanA = pairs.reduce((sum, [x]) => sum + x, 0) / pairs.length;
  const meanB = pairs.reduce((sum, [, y]) => sum + y, 0) / pairs.length;
  let [both, ofA, ofB] = [0, 0, 0];
  for (const [x, y] of pairs) {
    both += (x - meanA) * (y - meanB);
    ofA += (x - meanA) ** 2;
    ofB += (y - meanB) ** 2;
  }
  return ofA === 0 || ofB === 0 ? 0 : both / Math.sqrt(ofA * ofB);
}

function rangeOf(values: readonly number[]): number {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const value of values) {
    if (value < low) low = value;
    if (value > high) high = value;
  }
  return values.length === 0 ? 0 : high - low;
}

function medianOf(values: readonly number[]): number {
  const sorted = Float64Array.from(values).sort();
  const half = sorted.length >> 1;
  const upper = sorted[half] ?? 0;
  return sorted.length % 2 === 1 ? upper : ((sorted[half - 1] ?? upper) + upper) / 2;
}
