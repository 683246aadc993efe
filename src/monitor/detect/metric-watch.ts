/**
 * The single-metric alarm: how far is this metric in the tail of its own past, on seven streams at once?
 *
 * Value, three slow means, what the same time of day does not explain, and two means of that. The strength is
 * the plain mean over the streams that have a past; a mean of tails beats any OR of tuned rules (measured).
 */
import type { Ms } from '../../domain/units.ts';
import { createDayRing, type DayRing, type DayRingState } from './day-ring.ts';
import { createDigest, type Digest, type DigestState, type OwnPast } from './digest.ts';
import { type MetricParameters, rowsOf } from './parameters.ts';
import { median } from './robust.ts';
import { createWindowMeans, type WindowMeansState } from './window-means.ts';

export interface MetricWatchState {
  readonly values: WindowMeansState;
  readonly residuals: WindowMeansState;
  readonly digests: readonly DigestState[];
  readonly season: DayRingState;
  readonly habits: DayRingState;
  readonly firstSlot: number | null;
}

export interface WatchPlace {
  /** Distance between rows. */
  readonly step: Ms;
  /** The column: metrics take turns with what is dear. */
  readonly phase: number;
}

export interface MetricVerdict {
  /** Mean over the streams of tail and record; 0 while nothing is known of the own past. */
  readonly strength: number;
  /** The same strength at the same time on earlier days: a habit, no news. */
  readonly isHabit: boolean;
}

export interface MetricWatch {
  /** Judges a grid row's value against the past, then learns it where it teaches. NaN = unknown: nothing is judged or learnt. */
  judge(value: number, local: number, teaches: boolean): MetricVerdict;
  save(): MetricWatchState;
}

const UNKNOWN: MetricVerdict = { strength: 0, isHabit: false };

export function createMetricWatch(
  parameters: MetricParameters,
  { step, phase }: WatchPlace,
  saved?: MetricWatchState,
): MetricWatch {
  const values = createWindowMeans(
    parameters.means.map((window) => rowsOf(window, step)),
    saved?.values,
  );
  const residuals = createWindowMeans(
    parameters.residualMeans.map((window) => rowsOf(window, step)),
    saved?.residuals,
  );
  const streams = createStreams(parameters, { step, phase }, saved?.digests);
  const season = createSeason(parameters, saved);
  const habits = createHabits(parameters, saved?.habits);

  function judge(value: number, local: number, teaches: boolean): MetricVerdict {
    const residual = season.residual(value, local);
    values.push(value);
    residuals.push(residual);
    if (Number.isNaN(value)) return UNKNOWN;
    if (teaches) season.learn(value, local);

    let total = 0;
    let count = 0;
    for (let index = 0; index < streams.length; index += 1) {
      const strength = judgeStream(streams[index] as Digest, streamValue(index, value, residual), teaches);
      if (strength === null) continue;
      total += strength;
      count += 1;
    }
    const strength = count === 0 ? 0 : total / count;
    return { strength, isHabit: habits.judge(strength, local, teaches) };
  }

  /** Compares, then learns; `null` while the stream has no past or no value. */
  function judgeStream(digest: Digest, value: number, teaches: boolean): number | null {
    if (Number.isNaN(value)) return null;
    const past = digest.past();
    if (teaches) digest.add(value);
    if (past.count < parameters.fewestValues) return null;
    return tailOf(value, past, parameters) + recordOf(value, past, parameters);
  }

  function streamValue(index: number, value: number, residual: number): number {
    if (index === 0) return value;
    if (index <= parameters.means.length) return values.mean(index - 1);
    const rest = index - parameters.means.length - 1;
    return rest === 0 ? residual : residuals.mean(rest - 1);
  }

  return {
    judge,
    save: () => ({
      values: values.save(),
      residuals: residuals.save(),
      digests: streams.map((digest) => digest.save()),
      season: season.ring.save(),
      habits: habits.ring.save(),
      firstSlot: season.firstSlot(),
    }),
  };
}

/** A saved watch of another row step keeps its past of values; only its windows start afresh. */
export function restartWindows(
  state: MetricWatchState,
  parameters: MetricParameters,
  step: Ms,
): MetricWatchState {
  const fresh = createMetricWatch(parameters, { step, phase: 0 }).save();
  return { ...state, values: fresh.values, residuals: fresh.residuals };
}

function createStreams(
  parameters: MetricParameters,
  { step, phase }: WatchPlace,
  saved?: readonly DigestState[],
): Digest[] {
  const count = 2 + parameters.means.length + parameters.residualMeans.length;
  const options = { tail: 1 - parameters.tailPoint, capacity: Math.ceil(parameters.past / step), phase };
  return Array.from({ length: count }, (_, index) => createDigest(options, saved?.[index]));
}

interface Season {
  readonly ring: DayRing;
  /** What the same time of day on the last days does not explain; NaN on the first day. */
  residual(value: number, local: number): number;
  learn(value: number, local: number): void;
  firstSlot(): number | null;
}

function createSeason(parameters: MetricParameters, saved?: MetricWatchState): Season {
  const ring = createDayRing(parameters.seasonSlot, 'mean', saved?.season);
  const slotsPerDay = Math.round(86_400_000 / parameters.seasonSlot);
  let first = saved?.firstSlot ?? null;
  let cachedSlot: number | null = null;
  let cached = Number.NaN;

  function usual(slot: number): number {
    if (first === null || slot - first < slotsPerDay) return Number.NaN;
    if (slot === cachedSlot) return cached;
    const seen: number[] = [];
    for (let back = 1; back <= parameters.seasonDays; back += 1) seen.push(...ring.around(slot, back, 1));
    cachedSlot = slot;
    cached = median(Float64Array.from(seen));
    return cached;
  }

  return {
    ring,
    residual: (value, local) => value - usual(ring.slotOf(local)),
    learn(value, local) {
      const slot = ring.slotOf(local);
      first ??= slot;
      ring.put(slot, value);
    },
    firstSlot: () => first,
  };
}

interface Habits {
  readonly ring: DayRing;
  judge(strength: number, local: number, teaches: boolean): boolean;
}

function createHabits(parameters: MetricParameters, saved?: DayRingState): Habits {
  const ring = createDayRing(parameters.habitSlot, 'peak', saved);
  return {
    ring,
    judge(strength, local, teaches) {
      const slot = ring.slotOf(local);
      let daysSeen = 0;
      if (strength >= parameters.limit) {
        for (let back = 1; back <= parameters.seasonDays; back += 1) {
          const peaks = ring.around(slot, back, parameters.habitSlots);
          if (peaks.some((peak) => peak >= parameters.habitShare * strength)) daysSeen += 1;
        }
      }
      if (teaches) ring.put(slot, strength);
      return daysSeen >= parameters.habitDays;
    },
  };
}

/** Distance from the median, in distances of the 99.5 % (0.5 %) point. */
function tailOf(value: number, past: OwnPast, parameters: MetricParameters): number {
  const distance = Math.abs(value - past.median);
  if (distance === 0) return 0;
  const point = value > past.median ? past.high : past.low;
  const unit = Math.abs(point - past.median) + parameters.rangeShare * (past.greatest - past.least);
  return unit === 0 ? parameters.tailCut : Math.min(parameters.tailCut, distance / unit);
}

/** How far outside everything seen, as a share of the range seen. */
function recordOf(value: number, past: OwnPast, parameters: MetricParameters): number {
  const outside = Math.max(value - past.greatest, past.least - value);
  if (outside <= 0) return 0;
  const unit = parameters.recordShare * (past.greatest - past.least);
  return unit === 0 ? parameters.recordCut : Math.min(parameters.recordCut, outside / unit);
}
