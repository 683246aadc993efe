/**
 * When a disk will be full, memory will run out or a budget will be spent, with the range that holds in about nine of
 * ten cases. Pure.
 *
 * Only a rise that stands clear of the noise is a forecast; what goes up and down with the day is none. A budget is
 * judged on the busy hours of whole days, so that the evening does not predict the night.
 */
import { type MetricName, type Sample, subjectOf } from '../domain/metric.ts';
import type { Forecast } from '../domain/optimizer.ts';
import type { MinuteRows } from '../domain/rollup.ts';
import { days, type EpochMs, epochMs, hours, type Ms } from '../domain/units.ts';
import { fitTrend, reach, type Trend } from '../platform/trend.ts';
import { type HourMean, hourMeans } from './week.ts';

const MINUTE = 60_000;
/** A sudden rise shows in hours, a slow one in days; the one that ends soonest counts. */
const WINDOWS: readonly Ms[] = [hours(6), hours(24), days(7)];
/** Of the window that must be known. */
const KNOWN_SHARE = 0.7;
const CLEAR_OF_NOISE = 4;
const LEAST_RISING = 0.6;
/** Beyond this it is a guess. */
const LONGEST: Ms = days(90);
const FULL = 1;
const BUSY_HOURS = 0.95;
const LEAST_DAYS = 8;
const HOURS_OF_A_DAY = 18;

export interface ForecastSubject {
  readonly subject: string;
  readonly metric: MetricName;
  readonly target: string | null;
  readonly limit: number;
  /** Told ahead when it is likely within this. */
  readonly horizon: Ms;
}

/** A level that rises towards its end: a disk, memory. `null` = nothing to say. */
export function forecastLevel(subject: ForecastSubject, rows: MinuteRows, now: EpochMs): Forecast | null {
  const found = WINDOWS.flatMap((span) => {
    const samples = lastSamples(subject.metric, rows, span, now);
    if (samples.length < (span / MINUTE) * KNOWN_SHARE) return [];
    const trend = fitTrend(samples);
    return trend === null || !isRise(trend) ? [] : (toForecast(subject, trend, now) ?? []);
  });
  return found.sort((a, b) => a.likely - b.likely)[0] ?? null;
}

/** Use that grows from day to day towards its budget. */
export function forecastBudget(subject: ForecastSubject, rows: MinuteRows, now: EpochMs): Forecast | null {
  const busy = busyDays(
    subject.metric,
    hourMeans(rows, () => 0),
    now,
  );
  if (busy.length < LEAST_DAYS) return null;
  const trend = fitTrend(busy);
  if (trend === null || !isRise(trend) || trend.level >= subject.limit) return null;
  return toForecast(subject, trend, now);
}

function lastSamples(metric: MetricName, rows: MinuteRows, span: Ms, now: EpochMs): readonly Sample[] {
  const from = Math.max(0, Math.ceil((now - span - rows.first) / MINUTE));
  const samples: Sample[] = [];
  for (let index = from; index < rows.values.length; index += 1) {
    const value = rows.values[index] ?? Number.NaN;
    if (!Number.isNaN(value)) samples.push({ metric, at: epochMs(rows.first + index * MINUTE), value });
  }
  return samples;
}

/** The busy-hour level of each whole day before now; a day that was mostly unknown is left out. */
function busyDays(metric: MetricName, means: readonly HourMean[], now: EpochMs): readonly Sample[] {
  const byDay = new Map<number, number[]>();
  for (const { at, mean } of means) {
    const day = Math.floor((at - now) / days(1));
    byDay.set(day, [...(byDay.get(day) ?? []), mean]);
  }
  return [...byDay.entries()]
    .filter(([, values]) => values.length >= HOURS_OF_A_DAY)
    .sort(([a], [b]) => a - b)
    .map(([day, values]) => ({ metric, at: epochMs(now + (day + 0.5) * days(1)), value: busyLevel(values) }));
}

function busyLevel(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * BUSY_HOURS))] ?? 0;
}

function isRise(trend: Trend): boolean {
  const risen = trend.slope * (trend.to - trend.from);
  return (
    trend.slopeLow > 0 && trend.rising >= LEAST_RISING && risen >= CLEAR_OF_NOISE * trend.noise && risen > 0
  );
}

function toForecast(subject: ForecastSubject, trend: Trend, now: EpochMs): Forecast | null {
  const when = reach(trend, subject.limit);
  if (when === null || when.likely > LONGEST) return null;
  const { horizon, ...rest } = subject;
  return {
    ...rest,
    level: trend.level,
    madeAt: now,
    ...when,
    warns: when.likely <= horizon && when.latest !== null,
    text: textOf(subject, when.likely, when.soonest, when.latest),
  };
}

function textOf(subject: ForecastSubject, likely: Ms, soonest: Ms, latest: Ms | null): string {
  const until = latest === null ? 'perhaps never' : `${spanText(latest)} at the latest`;
  return `${eventOf(subject)} in about ${spanText(likely)} (${spanText(soonest)} at the soonest, ${until}).`;
}

function eventOf({ subject, metric, target, limit }: ForecastSubject): string {
  if (subject.startsWith('budget:')) {
    const what = metric.includes('memory') ? 'Memory' : 'CPU';
    return `${what} of ${target ?? 'this host'} in its busy hours will pass its budget of ${Math.round(limit * 100)} %`;
  }
  return metric === 'memory' ? 'Memory will run out' : `Disk ${subjectOf(metric) ?? ''} will be full`;
}

export function levelLimit(metric: MetricName): number {
  return metric === 'memory' ? 0.98 : FULL;
}

function spanText(span: number): string {
  if (span < 5_400_000) return `${Math.max(1, Math.round(span / 60_000))} min`;
  return span < 172_800_000 ? `${Math.round(span / 3_600_000)} h` : `${Math.round(span / 86_400_000)} d`;
}
