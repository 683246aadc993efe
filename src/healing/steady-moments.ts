/**
 * Moments of the past on a wall clock that may jump.
 *
 * When a moment is first seen, its age is taken by the wall clock and from then on counted by the monotonic one:
 * a clock set forward makes nothing older, a clock set back nothing younger. What seems to lie in the future (the
 * clock was set back while we were down) counts as just now.
 *
 * A moment that was written down together with the time since boot keeps its age over a restart of the process too,
 * whatever the wall clock did meanwhile.
 */
import type { Clock } from '../domain/ports.ts';
import { before, type EpochMs, elapsed, type Ms, ms } from '../domain/units.ts';

/** Time since boot, and which boot: a clock that nobody sets. */
export interface BootTime {
  readonly boot: string;
  readonly at: Ms;
}

/** `null` where the system does not tell. */
export type ReadBootTime = () => BootTime | null;

export interface SteadyMoments {
  /** What was written beside a moment of an earlier process; the wall clock is not asked then. */
  recall(key: string, written: BootTime | null): void;
  /** `moment` as the wall clock of now would name it. The key names what happened then. */
  now(key: string, moment: EpochMs): EpochMs;
  age(key: string, moment: EpochMs): Ms;
  /** Forgets all keys that are not among these. */
  keepOnly(keys: ReadonlySet<string>): void;
}

export function createSteadyMoments(clock: Clock, bootTime: ReadBootTime = () => null): SteadyMoments {
  const seen = new Map<string, number>();
  const age = (key: string, moment: EpochMs): Ms => {
    let at = seen.get(key);
    if (at === undefined) {
      at = clock.monotonic() - Math.max(0, elapsed(moment, clock.now()));
      seen.set(key, at);
    }
    return ms(clock.monotonic() - at);
  };
  return {
    recall(key, written) {
      const here = bootTime();
      if (written === null || here === null || written.boot !== here.boot || seen.has(key)) return;
      seen.set(key, clock.monotonic() - Math.max(0, here.at - written.at));
    },
    age,
    now: (key, moment) => before(clock.now(), age(key, moment)),
    keepOnly(keys) {
      for (const key of seen.keys()) if (!keys.has(key)) seen.delete(key);
    },
  };
}
