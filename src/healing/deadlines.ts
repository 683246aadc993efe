/**
 * Moments that must not move with the wall clock.
 *
 * A record keeps its deadline as a moment; the first look at it turns what is left into monotonic time, and from
 * then on a clock that is set forward or back changes nothing. After a restart what is left is measured anew.
 */
import type { Clock } from '../domain/ports.ts';
import { type EpochMs, elapsed, hours, type Ms } from '../domain/units.ts';

const KEPT: Ms = hours(2);

export interface Deadlines {
  /**
   * Is `until` over?
   *
   * @param longest No deadline of this sort lasts longer: a record from a wrong clock waits no more than that.
   */
  isOver(key: string, until: EpochMs, longest: Ms): boolean;
  /** We slept (suspend, SIGSTOP): nothing was due in that time, so nothing falls due in a burst after it. */
  shift(span: Ms): void;
  /** Forgets what is long over. */
  sweep(): void;
}

export function createDeadlines(clock: Clock): Deadlines {
  const due = new Map<string, number>();
  return {
    isOver(key, until, longest) {
      const id = `${key}@${until}`;
      let at = due.get(id);
      if (at === undefined) {
        const left = Math.min(longest, Math.max(0, elapsed(clock.now(), until)));
        at = clock.monotonic() + left;
        due.set(id, at);
      }
      return clock.monotonic() >= at;
    },
    shift(span) {
      const now = clock.monotonic() - span;
      for (const [id, at] of due) if (at > now) due.set(id, at + span);
    },
    sweep() {
      const now = clock.monotonic();
      for (const [id, at] of due) if (now - at > KEPT) due.delete(id);
    },
  };
}
