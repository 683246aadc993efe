/**
 * The last 35 days of every metric, minute by minute: what baselines, hour-of-day profiles, forecasts and reports
 * learn from. A minute nobody sampled is NaN, never 0.
 */
import type { MetricName } from './metric.ts';
import type { EpochMs } from './units.ts';

/** One value a minute, oldest first; `NaN` where it is unknown or must not teach. */
export interface MinuteRows {
  /** The first minute, on a whole minute. */
  readonly first: EpochMs;
  readonly values: Float32Array;
}

/** Answers from memory. */
export interface RollupReader {
  /**
   * The means of the whole minutes from `from` up to but without `to`. With `teaching`, minutes of incidents,
   * maintenance and drills are NaN too.
   */
  minutes(metric: MetricName, from: EpochMs, to: EpochMs, which: 'all' | 'teaching'): MinuteRows;
  /** Every metric that has at least one minute. */
  metrics(): readonly MetricName[];
  /** The oldest minute that is kept, or `null` where there is none. */
  oldest(): EpochMs | null;
}

/** What was normal for a while: from `from` up to but without `to`. */
export interface BandSpan {
  readonly from: EpochMs;
  readonly to: EpochMs;
  readonly centre: number;
  readonly low: number;
  readonly high: number;
}

/** Answers from memory. */
export interface BandReader {
  /** The bands that held between the two, oldest first; no span where none was known. */
  bands(metric: MetricName, from: EpochMs, to: EpochMs): readonly BandSpan[];
}
