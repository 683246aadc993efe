/**
 * A robust straight line through samples, with honest uncertainty: the median of the slopes between blocks, and
 * the range in which the true slope lies in about nine of ten cases. One spike or one restart moves it little.
 */
import type { Sample } from '../domain/metric.ts';
import { type EpochMs, type Ms, ms } from '../domain/units.ts';

/** Blocks of the window: enough for a rank interval, few enough to be cheap. */
const BLOCKS = 24;
/** 90 % of a standard normal lies within this many deviations. */
const NINE_IN_TEN = 1.645;
/** From the median distance to the error of a median: 1.4826 to a deviation, times 1.2533. */
const MEDIAN_ERROR = 1.858;

export interface Trend {
  /** Units of the metric in a millisecond. */
  readonly slope: number;
  readonly slopeLow: number;
  readonly slopeHigh: number;
  /** The line at the newest sample: less jumpy than that sample. */
  readonly level: number;
  /** How far off the level may be in about nine of ten cases. */
  readonly levelError: number;
  /** Share of neighbouring blocks that went up. */
  readonly rising: number;
  readonly from: EpochMs;
  readonly to: EpochMs;
  /** Median distance of the blocks from the line. */
  readonly noise: number;
}

/** When a line reaches a limit. `latest` is `null` where it may as well never. */
export interface Reach {
  readonly soonest: Ms;
  readonly likely: Ms;
  readonly latest: Ms | null;
}

/** Medians of equal stretches of time, oldest first. */
interface Blocks {
  readonly times: Float64Array;
  readonly values: Float64Array;
}

/** `null` with samples in fewer than a third of the blocks: too little to say. Unknown values are skipped. */
export function fitTrend(samples: readonly Sample[]): Trend | null {
  const { times, values } = toBlocks(samples);
  const from = times[0];
  if (from === undefined || times.length < BLOCKS / 3) return null;
  const slopes = pairSlopes(times, values).sort();
  const slope = middle(slopes);
  const half = intervalHalf(times.length);
  const centre = slopes.length / 2;
  const to = samples.findLast((sample) => sample.value !== null)?.at ?? (times.at(-1) as number);
  const offsets = values.map((value, index) => value - slope * ((times[index] as number) - to)).sort();
  const level = middle(offsets);
  const noise = middle(offsets.map((value) => Math.abs(value - level)).sort());
  return {
    slope,
    slopeLow: slopes[Math.max(0, Math.floor(centre - half))] ?? slope,
    slopeHigh: slopes[Math.min(slopes.length - 1, Math.ceil(centre + half))] ?? slope,
    level,
    rising: risingShare(values),
    from: from as EpochMs,
    to: to as EpochMs,
    noise,
    levelError: (NINE_IN_TEN * MEDIAN_ERROR * noise) / Math.sqrt(times.length),
  };
}

/** From the newest sample on; `null` where the line does not go there. @param limit above the level. */
export function reach(trend: Trend, limit: number): Reach | null {
  if (trend.slope <= 0 || trend.slopeHigh <= 0) return null;
  const room = limit - trend.level;
  const after = (distance: number, slope: number): Ms => ms(Math.max(0, distance) / slope);
  return {
    soonest: after(room - trend.levelError, trend.slopeHigh),
    likely: after(room, trend.slope),
    latest: trend.slopeLow > 0 ? after(room + trend.levelError, trend.slopeLow) : null,
  };
}

/** Empty stretches are left out. Plain numbers and no objects: this is read once a minute for each metric that can fill up. */
function toBlocks(samples: readonly Sample[]): Blocks {
  const known = knownOf(samples);
  const start = known.times[0] ?? 0;
  const span = (known.times.at(-1) ?? 0) - start;
  const times = new Float64Array(BLOCKS);
  const values = new Float64Array(BLOCKS);
  let count = 0;
  for (let from = 0; span > 0 && from < known.times.length; ) {
    const block = blockOf(known.times[from] as number, start, span);
    let to = from + 1;
    while (to < known.times.length && blockOf(known.times[to] as number, start, span) === block) to += 1;
    times[count] = middle(known.times.subarray(from, to));
    values[count] = middle(known.values.subarray(from, to).sort());
    count += 1;
    from = to;
  }
  return { times: times.subarray(0, count), values: values.subarray(0, count) };
}

function knownOf(samples: readonly Sample[]): Blocks {
  const times = new Float64Array(samples.length);
  const values = new Float64Array(samples.length);
  let count = 0;
  for (const { at, value } of samples) {
    if (value === null || !Number.isFinite(value)) continue;
    times[count] = at;
    values[count] = value;
    count += 1;
  }
  return { times: times.subarray(0, count), values: values.subarray(0, count) };
}

function blockOf(at: number, start: number, span: number): number {
  return Math.min(BLOCKS - 1, Math.floor(((at - start) / span) * BLOCKS));
}

function pairSlopes(times: Float64Array, values: Float64Array): Float64Array {
  const count = times.length;
  const slopes = new Float64Array((count * (count - 1)) / 2);
  let at = 0;
  for (let from = 0; from < count; from += 1) {
    for (let to = from + 1; to < count; to += 1) {
      const risen = (values[to] as number) - (values[from] as number);
      slopes[at] = risen / Math.max(1, (times[to] as number) - (times[from] as number));
      at += 1;
    }
  }
  return slopes;
}

/** Kendall's variance of the count of concordant pairs, halved to a rank distance. */
function intervalHalf(count: number): number {
  return (NINE_IN_TEN * Math.sqrt((count * (count - 1) * (2 * count + 5)) / 18)) / 2;
}

function risingShare(values: Float64Array): number {
  let up = 0;
  for (let index = 1; index < values.length; index += 1) {
    if ((values[index] as number) > (values[index - 1] as number)) up += 1;
  }
  return up / Math.max(1, values.length - 1);
}

function middle(sorted: Float64Array): number {
  const half = sorted.length >> 1;
  const upper = sorted[half] ?? 0;
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[half - 1] ?? upper)) / 2;
}
