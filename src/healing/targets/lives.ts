/**
 * The lives of something that others restart: each new one has another name (an invocation, a start time, a pid).
 * Counted here because the counters of those others start anew with every manual start. Pure.
 */
import { type EpochMs, elapsed, type Ms, minutes, seconds } from '../../domain/units.ts';

const WINDOW: Ms = minutes(10);
/** So many new lives in the window that nobody here asked for are a crash loop … */
const LOOP = 3;
/** … unless the newest has lasted this long. */
const STEADY: Ms = seconds(60);

export interface Lives {
  /** Name of the life seen last; `null` before the first. */
  readonly current: string | null;
  /** When each new life was seen that we did not begin, oldest first. */
  readonly changes: readonly EpochMs[];
}

export const NO_LIVES: Lives = { current: null, changes: [] };

/** `life: null` = none now. `isOurs` = we restart it just now, so a new one is no crash. */
export function seeLife(lives: Lives, life: string | null, isOurs: boolean, now: EpochMs): Lives {
  if (life === null || life === lives.current) return lives;
  if (lives.current === null || isOurs) return { ...lives, current: life };
  return {
    current: life,
    changes: [...lives.changes.filter((at) => elapsed(at, now) < WINDOW), now],
  };
}

export function restartsLately(lives: Lives, now: EpochMs): number {
  return lives.changes.filter((at) => elapsed(at, now) < WINDOW).length;
}

export function isCrashLoop(lives: Lives, now: EpochMs): boolean {
  const last = lives.changes.at(-1);
  return last !== undefined && elapsed(last, now) < STEADY && restartsLately(lives, now) >= LOOP;
}
