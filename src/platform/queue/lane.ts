/**
 * What one queue lets start now: its slots, its rate, and what was lowered or put off for a while.
 *
 * Configured limits hold for every task; lowered ones and held classes for ordinary and batch tasks only.
 */
import type { QueueLimits, StartRate, TaskClass } from '../../domain/queue.ts';
import { type EpochMs, type Ms, ms } from '../../domain/units.ts';
import type { Admission } from './line.ts';
import type { EmbeddedQueueSettings } from './settings.ts';
import { createTokenBucket, type TokenBucket } from './token-bucket.ts';

/** What was lowered, in memory only. `null` = as configured. */
export interface Lowered {
  readonly concurrency: number | null;
  readonly rate: StartRate | null;
  readonly held: ReadonlyMap<TaskClass, EpochMs>;
}

export interface Slots {
  readonly critical: number;
  readonly others: number;
}

export interface Lane {
  lowered(now: EpochMs): Lowered;
  setLimits(limits: QueueLimits): void;
  hold(held: TaskClass, until: EpochMs | null): void;
  admission(taken: Slots, settings: EmbeddedQueueSettings, now: EpochMs, monotonic: Ms): Admission;
  /** A task of this class starts. */
  spend(started: TaskClass, monotonic: Ms): void;
  /** How long until the rate lets another one start. */
  wait(monotonic: Ms): Ms;
}

interface Paced {
  readonly rate: StartRate;
  readonly tokens: TokenBucket;
}

export function createLane(): Lane {
  const held = new Map<TaskClass, EpochMs>();
  let concurrency: number | null = null;
  let rate: StartRate | null = null;
  let configured: Paced | null = null;
  let low: Paced | null = null;

  function holdsNow(now: EpochMs): ReadonlyMap<TaskClass, EpochMs> {
    for (const [name, until] of held) if (until <= now) held.delete(name);
    return held;
  }

  const lanes = (): readonly Paced[] => [configured, low].filter((paced) => paced !== null);

  return {
    lowered: (now) => ({ concurrency, rate, held: holdsNow(now) }),
    setLimits(limits) {
      if (limits.concurrency !== undefined) concurrency = limits.concurrency;
      if (limits.rate !== undefined) rate = limits.rate;
    },
    hold(name, until) {
      if (until === null) held.delete(name);
      else held.set(name, until);
    },
    admission(taken, settings, now, monotonic) {
      configured = paced(configured, settings.rate, monotonic);
      low = paced(low, rate, monotonic);
      const all = configured === null || configured.tokens.wait(monotonic) === 0;
      const paceOfOthers = all && (low === null || low.tokens.wait(monotonic) === 0);
      const total = taken.critical + taken.others;
      const most = settings.concurrency + settings.criticalSlots;
      const othersMost = Math.min(settings.concurrency, concurrency ?? settings.concurrency);
      const roomForOthers = paceOfOthers && taken.others < othersMost;
      const holds = holdsNow(now);
      return {
        critical: all && total < most,
        others: roomForOthers && total < settings.concurrency,
        overdue: roomForOthers && total < most,
        isHeld: (name) => holds.has(name),
      };
    },
    spend(started, monotonic) {
      configured?.tokens.take(monotonic);
      if (started !== 'critical') low?.tokens.take(monotonic);
    },
    wait: (monotonic) => ms(Math.max(0, ...lanes().map(({ tokens }) => tokens.wait(monotonic)))),
  };
}

/** The bucket of this rate; a new one only where the rate is another. */
function paced(before: Paced | null, rate: StartRate | null, now: Ms): Paced | null {
  if (rate === null) return null;
  if (before !== null && before.rate.max === rate.max && before.rate.per === rate.per) return before;
  return { rate, tokens: createTokenBucket(rate, now) };
}
