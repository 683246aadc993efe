/**
 * What becomes of a task when a run of it has ended, or when nobody knows how it ended. Pure.
 *
 * A task that is not idempotent is run again only where it is known that it did not run through: it ended with a
 * code, or was never started. What is not known goes to the dead letters with the reason; a person decides.
 */
import type { CommandResult } from '../../domain/ports.ts';
import { type Ms, ms } from '../../domain/units.ts';
import type { QueueRecord } from './records.ts';

/** Starts of an idempotent task that ended with the bot, whatever its own limit: one that ends the bot must stop. */
const MOST_STARTS = 10;
/** A host that cannot fork for a moment must not use up a task that allows one start. */
const STARTS_WHEN_NOT_STARTED = 3;
const JITTER = 0.2;

/** How a run ended. */
export type RunEnd =
  | { readonly kind: 'succeeded' }
  | { readonly kind: 'failed'; readonly why: string }
  /** It cannot be run, today or later. */
  | { readonly kind: 'unfit'; readonly why: string }
  | { readonly kind: 'not_started'; readonly why: string }
  /** It was ended from outside: how far it came is not known. */
  | { readonly kind: 'unsure'; readonly why: string }
  /** This process ends, or ended, while it ran. */
  | { readonly kind: 'interrupted'; readonly why: string }
  | { readonly kind: 'cancelled'; readonly by: string };

export interface RunOf {
  readonly id: string;
  readonly idempotent: boolean;
  readonly starts: number;
  readonly maxStarts: number;
  readonly startedAt: number;
  readonly log: readonly string[];
}

export interface Backoff {
  readonly first: Ms;
  readonly most: Ms;
  /** 0 ≤ x < 1 */
  readonly random: number;
}

/** The record that ends the run. */
export function afterRun(run: RunOf, end: RunEnd, backoff: Backoff, now: number): QueueRecord {
  const { id, log, starts } = run;
  const dead = (why: string): QueueRecord => ({ r: 'dead', id, at: now, why, log });
  const again = (why: string, delay: number): QueueRecord => ({
    r: 'fail',
    id,
    at: now,
    due: now + delay,
    why,
    log,
  });
  const retry = (why: string, most: number): QueueRecord =>
    starts < most ? again(why, nextDelay(backoff, starts)) : dead(`${why} (start ${starts} of ${most})`);

  switch (end.kind) {
    case 'succeeded':
      return { r: 'done', id, at: now, ms: Math.max(0, now - run.startedAt), log };
    case 'cancelled':
      return { r: 'cancel', id, at: now, by: end.by };
    case 'unfit':
      return dead(end.why);
    case 'failed':
      return retry(end.why, run.maxStarts);
    case 'not_started':
      return retry(end.why, Math.max(run.maxStarts, STARTS_WHEN_NOT_STARTED));
    case 'unsure':
      if (run.idempotent) return retry(end.why, run.maxStarts);
      return dead(`${end.why}. How far it came is not known; it is not idempotent and was not run again`);
    case 'interrupted':
      if (!run.idempotent)
        return dead(`${end.why}. How far it came is not known; it is not idempotent and was not run again`);
      return starts < MOST_STARTS
        ? again(end.why, 0)
        : dead(`${end.why}, for the ${MOST_STARTS}th time; it may be what ends Nightshift`);
  }
}

/** Doubles from `first` to `most`, a little more or less, so that what failed together does not return together. */
export function nextDelay({ first, most, random }: Backoff, starts: number): Ms {
  const plain = Math.min(most, first * 2 ** Math.min(30, Math.max(0, starts - 1)));
  return ms(Math.round(plain * (1 - JITTER + 2 * JITTER * random)));
}

/** The end of a command as the end of a run. */
export function endOf(result: CommandResult, timeLimit: Ms): RunEnd {
  switch (result.kind) {
    case 'exited':
      return result.code === 0
        ? { kind: 'succeeded' }
        : { kind: 'failed', why: `it exited with ${result.code}` };
    case 'killed':
      return { kind: 'unsure', why: `it was ended by ${result.signal}` };
    case 'timed_out':
      return {
        kind: 'unsure',
        why: `it was ended after its time limit of ${Math.round(timeLimit / 1_000)} s`,
      };
    case 'not_started':
      return { kind: 'not_started', why: result.reason };
  }
}
