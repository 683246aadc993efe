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
/** Up to here an insertion sort is the fastest. */
const FEW = 32;

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

interface Block {
  readonly at: number;
  readonly value: number;
}

/** `null` with samples, oldest first, in fewer than a third of the blocks: too little to say. Unknown values are skipped. */
export function fitTrend(samples: readonly Sample[]): Trend | null {
  const blocks = toBlocks(samples);
  const first = blocks[0];
  const last = blocks.at(-1);
  if (first === undefined || last === undefined || blocks.length < BLOCKS / 3) return null;
  const slopes = pairSlopes(blocks).sort();
  const slope = middle(slopes);
  const half = intervalHalf(blocks.length);
  const centre = slopes.length / 2;
  const to = samples.findLast((sample) => sample.value !== null)?.at ?? last.at;
  const offsets = Float64Array.from(blocks, (block) => block.value - slope * (block.at - to)).sort();
  const level = middle(offsets);
  const noise = middle(offsets.map((value) => Math.abs(value - level)).sort());
  return {
    slope,
    slopeLow: slopes[Math.max(0, Math.floor(centre - half))] ?? slope,
    slopeHigh: slopes[Math.min(slopes.length - 1, Math.ceil(centre + half))] ?? slope,
    level,
    rising: risingShare(blocks),
    from: first.at as EpochMs,
    to: to as EpochMs,
    noise,
    levelError: (NINE_IN_TEN * MEDIAN_ERROR * noise) / Math.sqrt(blocks.length),
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

/** Medians of equal stretches of time, of samples that are oldest first; empty stretches are left out. */
function toBlocks(samples: readonly Sample[]): readonly Block[] {
  const known = samples.filter((sample) => sample.value !== null && Number.isFinite(sample.value));
  const start = known[0]?.at ?? 0;
  const span = (known.at(-1)?.at ?? 0) - start;
  if (span <= 0) return [];
  const groups = new Map<number, { readonly times: number[]; readonly values: number[] }>();
  for (const { at, value } of known) {
    const block = Math.min(BLOCKS - 1, Math.floor(((at - start) / span) * BLOCKS));
    const group = groups.get(block) ?? { times: [], values: [] };
    if (group.times.length === 0) groups.set(block, group);
    group.times.push(at);
    group.values.push(value ?? 0);
  }
  return Array.from(groups.values(), ({ times, values }) => blockOf(times, values));
}

/** Moments come in order; a few values are put in order faster by hand than by a call out of the engine. */
function blockOf(times: readonly number[], values: number[]): Block {
  const isFew = values.length <= FEW;
  return { at: middle(times), value: middle(isFew ? inOrder(values) : Float64Array.from(values).sort()) };
}

/** Sorts its argument by insertion. */
function inOrder(values: number[]): readonly number[] {
  for (let index = 1; index < values.length; index += 1) {
    const value = values[index] ?? 0;
    let place = index;
    for (; place > 0 && (values[place - 1] ?? 0) > value; place -= 1) values[place] = values[place - 1] ?? 0;
    values[place] = value;
  }
  return values;
}

function pairSlopes(blocks: readonly Block[]): Float64Array {
  const slopes = new Float64Array((blocks.length * (blocks.length - 1)) / 2);
  let count = 0;
  for (const [index, from] of blocks.entries()) {
    for (let next = index + 1; next < blocks.length; next += 1, count += 1) {
      const to = blocks[next] ?? from;
      slopes[count] = (to.value - from.value) / Math.max(1, to.at - from.at);
    }
  }
  return slopes;
}

/** Kendall's variance of the count of concordant pairs, halved to a rank distance. */
function intervalHalf(count: number): number {
  return (NINE_IN_TEN * Math.sqrt((count * (count - 1) * (2 * count + 5)) / 18)) / 2;
}

function risingShare(blocks: readonly Block[]): number {
  let up = 0;
  for (let index = 1; index < blocks.length; index += 1) {
    if ((blocks[index]?.value ?? 0) > (blocks[index - 1]?.value ?? 0)) up += 1;
  }
  return up / Math.max(1, blocks.length - 1);
}

function middle(sorted: ArrayLike<number>): number {
  const half = sorted.length >> 1;
  const upper = sorted[half] ?? 0;
  return sorted.length % 2 === 1 ? upper : ((sorted[half - 1] ?? upper) + upper) / 2;
}
