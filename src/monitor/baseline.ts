/**
 * What is normal for a metric: a robust centre and spread, learnt from its own minutes.
 *
 * Pure. Median and median deviation, so that an hour of trouble does not widen the band as a mean would; the
 * spread has a floor, so that a metric that never moved is not judged on its last digit. By hour of the day
 * only once there are enough days: with few, hours raise false alarms (measured).
 */
import type { MetricUnit } from '../domain/metric.ts';
import type { MinuteRows } from '../domain/rollup.ts';
import { type EpochMs, epochMs } from '../domain/units.ts';

/** Turns a median deviation into the deviation of a normal distribution. */
const MAD_TO_SIGMA = 1.4826;
/** A heavy tail keeps this share of its plain deviation. */
const TAIL_SHARE = 0.3;
const MINUTES_A_DAY = 1_440;
const MINUTE = 60_000;
/** Fewer minutes than this in an hour of the day: the whole day speaks for it. */
const MIN_HOUR_ROWS = 300;

export interface Baseline {
  readonly centre: number;
  /** One robust deviation. */
  readonly spread: number;
  /** Minutes it was learnt from. */
  readonly rows: number;
}

/** Normal of a metric; `hours` has 24 entries once enough days are known. */
export interface Learnt {
  readonly overall: Baseline;
  readonly hours: readonly (Baseline | null)[] | null;
}

export interface LearnRules {
  readonly minRows: number;
  readonly hourOfDayAfterDays: number;
  /** Hour of the day in the configured zone, 0..23. */
  readonly hourOf: (at: EpochMs) => number;
}

/** `null` while there is too little to learn from. */
export function learn(rows: MinuteRows, unit: MetricUnit, rules: LearnRules): Learnt | null {
  const known = rows.values.filter((value) => !Number.isNaN(value));
  if (known.length < rules.minRows) return null;
  const overall = learnFrom(known, unit);
  const hasDays = known.length >= rules.hourOfDayAfterDays * MINUTES_A_DAY * 0.8;
  return { overall, hours: hasDays ? fitHours(rows, unit, overall, rules) : null };
}

/** The baseline that holds at this moment. */
export function baselineAt(learnt: Learnt, hour: number): Baseline {
  return learnt.hours?.[hour] ?? learnt.overall;
}

/** How far from normal, in robust deviations; negative = below. */
export function deviation(value: number, baseline: Baseline): number {
  return (value - baseline.centre) / baseline.spread;
}

/** The normal range, cut where the metric ends (a share lies between 0 and 1, nothing here is negative). */
export function normalRange(
  baseline: Baseline,
  sigmas: number,
  unit: MetricUnit,
): { readonly low: number; readonly high: number } {
  const low = Math.max(0, baseline.centre - sigmas * baseline.spread);
  const high = baseline.centre + sigmas * baseline.spread;
  return { low, high: unit === 'ratio' ? Math.min(1, high) : high };
}

/** Sorts its argument. */
function learnFrom(values: Float32Array, unit: MetricUnit): Baseline {
  const sd = standardDeviation(values);
  const centre = median(values.sort());
  const deviations = values.map((value) => Math.abs(value - centre));
  const mad = median(deviations.sort());
  const spread = Math.max(MAD_TO_SIGMA * mad, TAIL_SHARE * sd, floorOf(unit, centre));
  return { centre, spread, rows: values.length };
}

function fitHours(
  rows: MinuteRows,
  unit: MetricUnit,
  overall: Baseline,
  rules: LearnRules,
): readonly (Baseline | null)[] {
  const hours: number[][] = Array.from({ length: 24 }, () => []);
  let hour = 0;
  for (const [index, value] of rows.values.entries()) {
    const at = epochMs(rows.first + index * MINUTE);
    if (index === 0 || at % (30 * MINUTE) === 0) hour = rules.hourOf(at);
    if (!Number.isNaN(value)) hours[hour]?.push(value);
  }
  return hours.map((values) => {
    if (values.length < MIN_HOUR_ROWS) return null;
    const own = learnFrom(Float32Array.from(values), unit);
    return { ...own, spread: Math.max(own.spread, overall.spread / 2) };
  });
}

/** The least deviation that means anything, by unit. */
function floorOf(unit: MetricUnit, centre: number): number {
  const share = 0.1 * Math.abs(centre);
  switch (unit) {
    case 'ratio':
      return 0.02;
    case 'ms':
      return Math.max(5, share);
    case 'bytes/s':
      return Math.max(20_000, share);
    case 'bytes':
      return Math.max(4_000_000, share / 4);
    case 'per-core':
      return 0.1;
    case 'count':
    case 's':
    case 'per-min':
      return Math.max(1, share);
    case 'up':
      return 1;
  }
}

function median(sorted: Float32Array): number {
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? 0;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? upper) + upper) / 2;
}

function standardDeviation(values: Float32Array): number {
  let sum = 0;
  for (const value of values) sum += value;
  const mean = sum / values.length;
  let squares = 0;
  for (const value of values) squares += (value - mean) ** 2;
  return Math.sqrt(squares / values.length);
}
