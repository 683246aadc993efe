/**
 * May an exited worker be started again, and when? Pure: the caller saves the exit first, asks, then acts.
 *
 * Two promises meet here. A single kill is answered at once: the first exit of a streak restarts without delay.
 * A crash loop ends: every exit counts, however long the worker lived, and the window is never cleared by
 * uptime. A worker that lives 1.5 s makes its five exits within about 80 s under the default policy (its own
 * 5 × 1.5 s, and delays of 0, 10, 20 and 40 s), so it is handed over in bounded time and not in hours.
 */
import { days, type EpochMs, elapsed, type Ms, minutes, ms, type Ratio, seconds } from '../domain/units.ts';

const TEN_MINUTES: Ms = minutes(10);
const DAY: Ms = days(1);
const PROBATION: Ms = seconds(5);
/** More exits than this are never kept; the schema allows no limit above it. */
export const MOST_EXITS_KEPT = 500;

export interface RestartPolicy {
  /** Before the first restart of a streak. */
  readonly firstDelay: Ms;
  /** Before the second; doubles with each further exit. */
  readonly backoff: Ms;
  readonly maxBackoff: Ms;
  /** Share by which a delay is spread, so that twenty workers do not return in the same instant. */
  readonly jitter: Ratio;
  readonly maxExitsInTenMinutes: number;
  readonly maxExitsInDay: number;
  /** A run that lasted this long ends the streak: the next exit is a first one again. */
  readonly resetAfter: Ms;
}

/** One exit nobody asked for. */
export interface WorkerExit {
  readonly at: EpochMs;
  /** "exit code 1", "killed by SIGKILL" … */
  readonly how: string;
  readonly uptime: Ms;
}

export type ExitVerdict =
  | { readonly kind: 'restart'; readonly delay: Ms }
  | { readonly kind: 'give_up'; readonly reason: string };

export interface ExitCounts {
  readonly inTenMinutes: number;
  readonly inDay: number;
}

/**
 * Decides after an exit.
 *
 * @param exits All exits kept, oldest first, the newest included.
 * @param draw A random number, 0 ≤ draw < 1, for the jitter.
 */
export function judgeExit(
  exits: readonly WorkerExit[],
  policy: RestartPolicy,
  now: EpochMs,
  draw: number,
): ExitVerdict {
  const counts = countExits(exits, now);
  if (counts.inTenMinutes >= policy.maxExitsInTenMinutes) {
    return { kind: 'give_up', reason: `${counts.inTenMinutes} exits within 10 minutes` };
  }
  if (counts.inDay >= policy.maxExitsInDay) {
    return { kind: 'give_up', reason: `${counts.inDay} exits within 24 hours` };
  }
  return { kind: 'restart', delay: delayFor(streakOf(exits, policy.resetAfter), policy, draw) };
}

/** An exit from the future (the clock was set back) counts as recent: a clock must not widen the allowance. */
export function countExits(exits: readonly WorkerExit[], now: EpochMs): ExitCounts {
  return { inTenMinutes: within(exits, TEN_MINUTES, now), inDay: within(exits, DAY, now) };
}

/** The list with the newest exit added and what no window can see any more left out. */
export function addExit(exits: readonly WorkerExit[], exit: WorkerExit): readonly WorkerExit[] {
  const seen = exits.filter((earlier) => elapsed(earlier.at, exit.at) < DAY);
  return [...seen, exit].slice(-MOST_EXITS_KEPT);
}

/** After a jump of the wall clock: the exits move with it, so that their ages stay true. */
export function shiftExits(exits: readonly WorkerExit[], by: Ms): readonly WorkerExit[] {
  return exits.map((exit) => ({ ...exit, at: (exit.at + by) as EpochMs }));
}

function within(exits: readonly WorkerExit[], span: Ms, now: EpochMs): number {
  return exits.filter((exit) => elapsed(exit.at, now) < span).length;
}

/**
 * How long a run must last before it is called running. After a second exit in a row a few good moments are no
 * evidence: a crash loop that lives 1.5 s would be called healed each time it comes up.
 */
export function probationAfter(exits: readonly WorkerExit[], policy: RestartPolicy): Ms {
  return streakOf(exits, policy.resetAfter) >= 2 ? PROBATION : ms(0);
}

/** Exits in a row without a long run between them; 1 = the first after a good time. */
function streakOf(exits: readonly WorkerExit[], resetAfter: Ms): number {
  const lastGood = exits.findLastIndex((exit) => exit.uptime >= resetAfter);
  return lastGood === -1 ? exits.length : exits.length - lastGood;
}

function delayFor(streak: number, policy: RestartPolicy, draw: number): Ms {
  if (streak <= 1) return policy.firstDelay;
  const doubled = policy.backoff * 2 ** Math.min(streak - 2, 30);
  const spread = 1 + policy.jitter * (2 * draw - 1);
  return ms(Math.round(Math.min(policy.maxBackoff, Math.min(doubled, policy.maxBackoff) * spread)));
}
