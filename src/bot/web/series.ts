/**
 * A metric's history thinned to regular steps for a chart. Each step says the mean and the lowest and highest
 * sample in it, so that a short peak is not averaged away; a step without a known sample is `null`, a gap. Pure.
 */
import type { MetricName, Sample } from '../../domain/metric.ts';
import type { BandSpan } from '../../domain/rollup.ts';
import { type EpochMs, elapsed, type Ms, toIso } from '../../domain/units.ts';

/** Parallel lists, one entry a step. */
export interface SeriesView {
  readonly metric: string;
  readonly from: string;
  readonly to: string;
  readonly stepSeconds: number;
  readonly mean: readonly (number | null)[];
  readonly low: readonly (number | null)[];
  readonly high: readonly (number | null)[];
  /** What was normal when; no entry where nothing was learnt, or nobody watched. */
  readonly bands: readonly BandView[];
}

export interface BandView {
  readonly from: string;
  readonly to: string;
  readonly centre: number;
  readonly low: number;
  readonly high: number;
}

export interface SeriesSpan {
  readonly from: EpochMs;
  readonly to: EpochMs;
  /** At most so many steps. */
  readonly steps: number;
  /** A step is never shorter: else samples that come every 10 s would leave holes. */
  readonly shortestStep: Ms;
}

interface Bucket {
  sum: number;
  count: number;
  low: number;
  high: number;
}

export function seriesView(
  metric: MetricName,
  samples: readonly Sample[],
  bands: readonly BandSpan[],
  span: SeriesSpan,
): SeriesView {
  const whole = Math.max(1, elapsed(span.from, span.to));
  const step = Math.max(span.shortestStep, Math.ceil(whole / span.steps));
  const buckets = fill(samples, span, step, Math.ceil(whole / step));
  return {
    metric,
    from: toIso(span.from),
    to: toIso(span.to),
    stepSeconds: step / 1_000,
    mean: buckets.map((bucket) => bucket && rounded(bucket.sum / bucket.count)),
    low: buckets.map((bucket) => bucket && rounded(bucket.low)),
    high: buckets.map((bucket) => bucket && rounded(bucket.high)),
    bands: bands.map(bandView),
  };
}

function bandView({ from, to, centre, low, high }: BandSpan): BandView {
  return {
    from: toIso(from),
    to: toIso(to),
    centre: rounded(centre),
    low: rounded(low),
    high: rounded(high),
  };
}

function fill(
  samples: readonly Sample[],
  span: SeriesSpan,
  step: number,
  count: number,
): readonly (Bucket | null)[] {
  const buckets: (Bucket | null)[] = Array.from({ length: count }, () => null);
  for (const { at, value } of samples) {
    if (value === null || at < span.from || at >= span.to) continue;
    const index = Math.floor((at - span.from) / step);
    const bucket = buckets[index] ?? { sum: 0, count: 0, low: value, high: value };
    bucket.sum += value;
    bucket.count += 1;
    bucket.low = Math.min(bucket.low, value);
    bucket.high = Math.max(bucket.high, value);
    buckets[index] = bucket;
  }
  return buckets;
}

/** Six significant figures: more is only bytes on the wire. */
function rounded(value: number): number {
  return Number(value.toPrecision(6));
}
