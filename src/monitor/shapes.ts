/**
 * Known failure shapes, each a pure look at a window of samples: what it is, since when, and when it will hurt.
 *
 * Unknown samples are skipped and never make a shape; too little history makes none either. What a shape says
 * is a finding, not an alarm: confirmation and severity are decided where the witnesses meet.
 */
import type { MetricName, Sample } from '../domain/metric.ts';
import { days, type EpochMs, elapsed, hours, type Ms, minutes, ms } from '../domain/units.ts';
import { fitTrend, type Reach, reach, type Trend } from '../platform/trend.ts';

/** Longer forecasts are guesses. */
const LONGEST_FORECAST: Ms = days(7);
/** A leak climbs block by block; a load curve goes up and down. */
const LEAK_RISING = 0.7;
/** The rise must stand clear of the noise around its line. */
const CLEAR_OF_NOISE = 4;
const SHORTEST_LEAK: Ms = minutes(30);
const CRASHES_SHORT = { span: minutes(10), exits: 5 };
const CRASHES_LONG = { span: hours(24), exits: 20 };
/** A still-stand this many times longer than the longest usual one is a stuck probe. */
const FLAT_FACTOR = 5;
const FLAT_SHORTEST: Ms = minutes(10);
const FLAT_VALUES = 30;
const STEP_SPREADS = 6;
const STEP_FACTOR = 1.5;
/** A step is judged by the last minute, and by this many samples where they come slower. */
const RECENT: Ms = minutes(1);
const FEWEST_RECENT = 5;
const FEWEST_IDLE = 3;
const FEWEST_BEFORE = 10;
const JUMP: Ms = ms(30_000);

export type Shape =
  /** Steady rise towards a limit: memory, or a disk. */
  | {
      readonly kind: 'memory_leak' | 'disk_filling';
      readonly metric: MetricName;
      readonly since: EpochMs;
      /** Units of the metric in an hour, with the range that holds in nine of ten cases. */
      readonly perHour: number;
      readonly perHourLow: number;
      readonly perHourHigh: number;
      readonly level: number;
      readonly limit: number;
      readonly reach: Reach;
    }
  | {
      readonly kind: 'queue_stuck';
      readonly metric: MetricName;
      readonly since: EpochMs;
      readonly depth: number;
      readonly grownBy: number;
    }
  | { readonly kind: 'crash_loop'; readonly exits: number; readonly span: Ms; readonly since: EpochMs }
  | {
      readonly kind: 'flat_line';
      readonly metric: MetricName;
      readonly since: EpochMs;
      readonly value: number;
      readonly usual: Ms;
    }
  /** A level that moved and stayed: a latency up, a success rate down. */
  | {
      readonly kind: 'latency_step' | 'success_drop';
      readonly metric: MetricName;
      readonly since: EpochMs;
      readonly before: number;
      readonly now: number;
    }
  | { readonly kind: 'clock_jump'; readonly by: Ms; readonly at: EpochMs };

/** Memory that climbs steadily towards `limit`. `null` = no leak, or too little to say. */
export function findLeak(samples: readonly Sample[], limit: number): Shape | null {
  const trend = fitTrend(samples);
  if (trend === null || elapsed(trend.from, trend.to) < SHORTEST_LEAK) return null;
  if (trend.rising < LEAK_RISING || !standsClear(trend)) return null;
  return rise('memory_leak', samples, trend, limit);
}

/** A disk that will be full within the week. A busy disk breathes, so only the lower end of the slope counts. */
export function findDiskFilling(samples: readonly Sample[], limit: number): Shape | null {
  const trend = fitTrend(samples);
  if (trend === null || trend.slopeLow <= 0 || !standsClear(trend)) return null;
  return rise('disk_filling', samples, trend, limit);
}

/** Depth up while nothing is done: the work waits, the workers do not take it. */
export function findStuckQueue(
  depth: readonly Sample[],
  rate: readonly Sample[],
  now: EpochMs,
  span: Ms,
): Shape | null {
  const waiting = known(depth).filter((sample) => elapsed(sample.at, now) <= span);
  const done = known(rate).filter((sample) => elapsed(sample.at, now) <= span);
  const first = waiting[0];
  const last = waiting.at(-1);
  if (first === undefined || last === undefined || done.length < FEWEST_IDLE) return null;
  const isIdle = done.every((sample) => sample.value === 0);
  const isWaiting = waiting.every((sample) => sample.value > 0) && last.value >= first.value;
  if (!isIdle || !isWaiting || elapsed(first.at, now) < span / 2) return null;
  const grownBy = last.value - first.value;
  return { kind: 'queue_stuck', metric: last.metric, since: first.at, depth: last.value, grownBy };
}

/** Exits, oldest first: 5 in 10 min or 20 in 24 h, however long it lived in between. */
export function findCrashLoop(exits: readonly EpochMs[], now: EpochMs): Shape | null {
  for (const { span, exits: bound } of [CRASHES_SHORT, CRASHES_LONG]) {
    const recent = exits.filter((at) => at <= now && elapsed(at, now) < span);
    const [since] = recent;
    if (since !== undefined && recent.length >= bound)
      return { kind: 'crash_loop', exits: recent.length, span, since };
  }
  return null;
}

/** A metric that used to move and stopped: its probe is stuck, whatever value it shows. */
export function findFlatLine(samples: readonly Sample[]): Shape | null {
  const values = known(samples);
  const last = values.at(-1);
  if (last === undefined || values.length < FLAT_VALUES) return null;
  const runs = stillStands(values);
  const current = runs.at(-1);
  const earlier = runs.slice(0, -1).map((run) => elapsed(run.from, run.to));
  if (current === undefined || earlier.length < FLAT_VALUES / 3) return null;
  const usual = Math.max(...earlier);
  const lasted = elapsed(current.from, last.at);
  if (lasted < FLAT_SHORTEST || lasted < FLAT_FACTOR * usual) return null;
  return { kind: 'flat_line', metric: last.metric, since: current.from, value: last.value, usual: ms(usual) };
}

/** The last minute stands well above the time before, and by half at least. */
export function findLatencyStep(samples: readonly Sample[], now: EpochMs): Shape | null {
  const isFar = (before: number, level: number): boolean => level >= before * STEP_FACTOR;
  const step = findStep(samples, now, isFar);
  if (step === null || !isFar(step.before, step.now)) return null;
  if (step.now - step.before < STEP_SPREADS * step.spread) return null;
  return { kind: 'latency_step', ...step.shape };
}

/** The last minute fails at least `drop` (a ratio) more often than the time before. */
export function findSuccessDrop(samples: readonly Sample[], now: EpochMs, drop: number): Shape | null {
  const step = findStep(samples, now, (before, level) => before - level >= drop);
  if (step === null || step.before - step.now < Math.max(drop, STEP_SPREADS * step.spread)) return null;
  return { kind: 'success_drop', ...step.shape };
}

/** Wall clock against monotonic clock between two beats: more than 30 s apart is a jump, in either direction. */
export function findClockJump(wallPassed: Ms, monotonicPassed: Ms, at: EpochMs): Shape | null {
  const by = ms(wallPassed - monotonicPassed);
  return Math.abs(by) > JUMP ? { kind: 'clock_jump', by, at } : null;
}

interface KnownSample {
  readonly metric: MetricName;
  readonly at: EpochMs;
  readonly value: number;
}

function known(samples: readonly Sample[]): readonly KnownSample[] {
  return samples.filter((sample): sample is KnownSample => Number.isFinite(sample.value));
}

function standsClear(trend: Trend): boolean {
  const risen = trend.slope * elapsed(trend.from, trend.to);
  return risen > 0 && trend.slopeLow > 0 && risen >= CLEAR_OF_NOISE * trend.noise;
}

function rise(
  kind: 'memory_leak' | 'disk_filling',
  samples: readonly Sample[],
  trend: Trend,
  limit: number,
): Shape | null {
  const metric = samples[0]?.metric;
  const when = reach(trend, limit);
  if (metric === undefined || when === null || when.likely > LONGEST_FORECAST) return null;
  const hour = hours(1);
  return {
    kind,
    metric,
    since: trend.from,
    perHour: trend.slope * hour,
    perHourLow: trend.slopeLow * hour,
    perHourHigh: trend.slopeHigh * hour,
    level: trend.level,
    limit,
    reach: when,
  };
}

function stillStands(
  values: readonly KnownSample[],
): readonly { readonly from: EpochMs; readonly to: EpochMs }[] {
  const runs: { from: EpochMs; to: EpochMs; value: number }[] = [];
  for (const { at, value } of values) {
    const open = runs.at(-1);
    if (open !== undefined) open.to = at;
    if (open === undefined || open.value !== value) runs.push({ from: at, to: at, value });
  }
  return runs;
}

interface Step {
  readonly before: number;
  readonly now: number;
  readonly spread: number;
  readonly shape: {
    readonly metric: MetricName;
    readonly since: EpochMs;
    readonly before: number;
    readonly now: number;
  };
}

/**
 * @param isFar Whether a value lies far enough from the last minute. Nearly every look ends with counting these: the
 * middle of the time before cannot be far where fewer than half of its values are.
 */
function findStep(
  samples: readonly Sample[],
  now: EpochMs,
  isFar: (value: number, level: number) => boolean,
): Step | null {
  const all = known(samples);
  const older = all.findLastIndex((sample) => elapsed(sample.at, now) >= RECENT) + 1;
  const split = Math.min(older, Math.max(0, all.length - FEWEST_RECENT));
  const recent = all.slice(split);
  const [first] = recent;
  if (first === undefined || older === all.length || split < FEWEST_BEFORE) return null;
  const level = medianOf(Float64Array.from(recent.map(({ value }) => value)));
  const earlier = new Float64Array(split);
  let far = 0;
  for (let index = 0; index < split; index += 1) {
    const value = all[index]?.value ?? 0;
    earlier[index] = value;
    if (isFar(value, level)) far += 1;
  }
  if (far < Math.floor(split / 2)) return null;
  const before = medianOf(earlier);
  const spread = 1.4826 * medianOf(earlier.map((value) => Math.abs(value - before)));
  const isMoved = (value: number): boolean => Math.abs(value - before) > Math.abs(level - before) / 2;
  const since = recent.find((sample) => isMoved(sample.value))?.at ?? first.at;
  return { before, now: level, spread, shape: { metric: first.metric, since, before, now: level } };
}

/** Sorts its argument. */
function medianOf(values: Float64Array): number {
  const sorted = values.sort();
  const half = sorted.length >> 1;
  const upper = sorted[half] ?? 0;
  return sorted.length % 2 === 1 ? upper : ((sorted[half - 1] ?? upper) + upper) / 2;
}
