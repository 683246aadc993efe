/**
 * Which shape is looked for in which metric, how often, and how far back. Each look is a pure reading of stored
 * samples; `undefined` = too little to say.
 */
import { familyOf, type MetricName, type Sample, subjectOf } from '../../domain/metric.ts';
import type { QueueIdle } from '../../domain/queue.ts';
import type { MinuteRows } from '../../domain/rollup.ts';
import { before, type EpochMs, hours, type Ms, minutes, ms, seconds } from '../../domain/units.ts';
import {
  findCrashLoop,
  findDiskFilling,
  findFlatLine,
  findLatencyStep,
  findLeak,
  findStuckQueue,
  findSuccessDrop,
  type Shape,
} from '../shapes.ts';
import type { Seen } from './shape-claims.ts';
import type { ShapeKind } from './shape-kinds.ts';

/** A rise is looked for over both: the slow one overnight, the fast one that fills a disk by noon. */
const RISE_SPANS: readonly Ms[] = [hours(6), hours(1)];
const STEP_SPAN: Ms = hours(1);
const FLAT_SPAN: Ms = hours(2);
const QUEUE_SPANS: readonly Ms[] = [seconds(30), minutes(10)];
/** A queue that is idle this much longer than it ever was while work waited is stuck; before that it is slow. */
const IDLE_FACTOR = 3;
const SUCCESS_DROP = 0.15;
/** A line through so many samples is as good as one through thousands. */
const LINE_SAMPLES = 240;
/** With less of a past than this, only what is about to hurt is said. */
const KNOWN_PAST_MINUTES = 1_152;
const ABOUT_TO_HURT: Ms = hours(2);
/** The newest third of a rise must climb nearly as fast as the whole: warming up slows down, a leak does not. */
const STILL_CLIMBING = 0.7;

const OFTEN: Ms = seconds(10);
const EACH_MINUTE: Ms = minutes(1);
const NOW_AND_THEN: Ms = minutes(5);
/** Metrics that move all the time on a host that works; a still one of another kind is no news. */
const RESTLESS: ReadonlySet<string> = new Set(['cpu', 'memory', 'load_per_core', 'net_rx', 'net_tx']);

export interface ShapeSource {
  /** Samples after `from` up to `to`, oldest first. @param most about so many, evenly spread. */
  between(metric: MetricName, from: EpochMs, to: EpochMs, most?: number): readonly Sample[];
  /** The mean of each minute before `until`. */
  minutesUntil(metric: MetricName, until: EpochMs): MinuteRows;
  /** When a target ended lately, oldest first. */
  exits(target: string): readonly EpochMs[];
  /** Where a rise of this metric hurts; `null` where nobody knows. */
  limitOf(metric: MetricName): number | null;
  /** How long a queue has done nothing, as it counts it itself; `null` or absent where it does not. */
  idleOf?(queue: string): QueueIdle | null;
}

export interface Look {
  readonly kind: ShapeKind;
  readonly every: Ms;
  readonly find: (metric: MetricName, now: EpochMs, source: ShapeSource) => Seen['shape'];
}

const LOOKS: Readonly<Record<string, readonly Look[]>> = {
  memory: [riseLook('memory_leak', findLeak)],
  target_memory: [riseLook('memory_leak', findLeak)],
  disk: [riseLook('disk_filling', findDiskFilling)],
  inodes: [riseLook('disk_filling', findDiskFilling)],
  queue_depth: [{ kind: 'queue_stuck', every: OFTEN, find: stuckQueue }],
  target_up: [{ kind: 'crash_loop', every: OFTEN, find: crashLoop }],
  latency: [{ kind: 'latency_step', every: OFTEN, find: stepUp }],
  success_rate: [{ kind: 'success_drop', every: OFTEN, find: drop }],
};

export function looksAt(metric: MetricName): readonly Look[] {
  const family = familyOf(metric);
  const own = LOOKS[family] ?? [];
  return RESTLESS.has(family) ? [...own, { kind: 'flat_line', every: NOW_AND_THEN, find: flat }] : own;
}

function riseLook(kind: 'memory_leak' | 'disk_filling', find: typeof findLeak): Look {
  return {
    kind,
    every: EACH_MINUTE,
    find(metric, now, source) {
      const limit = source.limitOf(metric);
      if (limit === null) return undefined;
      for (const span of RISE_SPANS) {
        const samples = source.between(metric, before(now, span), now, LINE_SAMPLES);
        const shape = find(samples, limit);
        if (isRise(shape) && isStillClimbing(samples, shape, find, limit) && isNews(shape, source))
          return shape;
      }
      return null;
    },
  };
}

type Rise = Extract<Shape, { readonly kind: 'memory_leak' | 'disk_filling' }>;

function isRise(shape: Shape | null): shape is Rise {
  return shape?.kind === 'memory_leak' || shape?.kind === 'disk_filling';
}

function isStillClimbing(
  samples: readonly Sample[],
  { perHour }: Rise,
  find: typeof findLeak,
  limit: number,
): boolean {
  const third = samples.slice(Math.floor((samples.length * 2) / 3));
  const newest = find === findLeak ? findDiskFilling(third, limit) : find(third, limit);
  return isRise(newest) && newest.perHour >= STILL_CLIMBING * perHour;
}

/** Load goes up every morning. A rise is news once it is above everything the last days have shown. */
function isNews({ metric, since, level, reach }: Rise, source: ShapeSource): boolean {
  let known = 0;
  let highest = Number.NEGATIVE_INFINITY;
  for (const value of source.minutesUntil(metric, since).values) {
    if (Number.isNaN(value)) continue;
    known += 1;
    highest = Math.max(highest, value);
  }
  return known >= KNOWN_PAST_MINUTES ? level > highest : reach.likely <= ABOUT_TO_HURT;
}

/** Over half a minute where the depth grows and nothing was ever idle so long; over ten where it only stays. */
function stuckQueue(metric: MetricName, now: EpochMs, source: ShapeSource): Seen['shape'] {
  const queue = subjectOf(metric) ?? '';
  const rate = `queue_rate:${queue}`;
  const [short = seconds(30), long = minutes(10)] = QUEUE_SPANS;
  const idle = source.idleOf?.(queue) ?? null;
  const depths = source.between(metric, before(now, STEP_SPAN), now);
  const own = idle === null ? null : findIdleQueue(depths, idle, now, short);
  if (own !== null) return own;
  if (isWorking(source.between(rate, before(now, long), now))) return null;
  const rates = source.between(rate, before(now, STEP_SPAN), now);
  const slow = findStuckQueue(depths, rates, now, long);
  if (slow?.kind === 'queue_stuck') return slow;
  const fast = findStuckQueue(depths, rates, now, short);
  if (fast?.kind !== 'queue_stuck' || fast.grownBy < 1)
    return fast === null && rates.length === 0 ? undefined : null;
  const { current, longest } = idleSpans(rates);
  return current >= IDLE_FACTOR * longest ? fast : null;
}

/** Most looks end here: something was done just now. */
function isWorking(rates: readonly Sample[]): boolean {
  return (rates.findLast(({ value }) => value !== null)?.value ?? 0) > 0;
}

/** It says itself that nothing was done for half a minute, and three times as long as it is used to; work piles up. */
function findIdleQueue(
  depths: readonly Sample[],
  { current, longest }: QueueIdle,
  now: EpochMs,
  span: Ms,
): Seen['shape'] | null {
  if (current < Math.max(span, IDLE_FACTOR * longest)) return null;
  const nothing = [2, 1, 0].map((step) => ({ metric: '', at: before(now, ms(step)), value: 0 }));
  const found = findStuckQueue(depths, nothing, now, span);
  return found?.kind === 'queue_stuck' && found.grownBy >= 1 ? found : null;
}

/** How long the queue has done nothing, and the longest time before in which it did not. */
function idleSpans(rates: readonly Sample[]): { readonly current: number; readonly longest: number } {
  let longest = 0;
  let from: number | null = null;
  let current = 0;
  for (const { at, value } of rates) {
    if (value === null) continue;
    if (value > 0) {
      longest = Math.max(longest, current);
      from = null;
      current = 0;
      continue;
    }
    from ??= at;
    current = at - from;
  }
  return { current, longest };
}

function crashLoop(metric: MetricName, now: EpochMs, source: ShapeSource): Seen['shape'] {
  return known(findCrashLoop(source.exits(subjectOf(metric) ?? ''), now));
}

function flat(metric: MetricName, now: EpochMs, source: ShapeSource): Seen['shape'] {
  const shape = known(findFlatLine(source.between(metric, before(now, FLAT_SPAN), now)));
  // Nothing at all is what an idle host shows.
  return shape?.kind === 'flat_line' && shape.value === 0 ? null : shape;
}

function stepUp(metric: MetricName, now: EpochMs, source: ShapeSource): Seen['shape'] {
  return known(findLatencyStep(source.between(metric, before(now, STEP_SPAN), now), now));
}

function drop(metric: MetricName, now: EpochMs, source: ShapeSource): Seen['shape'] {
  return known(findSuccessDrop(source.between(metric, before(now, STEP_SPAN), now), now, SUCCESS_DROP));
}

function known(shape: Shape | null): Seen['shape'] {
  return shape?.kind === 'clock_jump' ? null : shape;
}
