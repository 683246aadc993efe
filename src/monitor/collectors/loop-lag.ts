/**
 * `loop_lag`: the longest that Nightshift's own event loop was late since the last beat, in ms.
 *
 * A timer that says when it should have run and when it did. The histogram of Node is not used: it forgets what
 * happens right after each reset, and that is exactly where a beat does its work.
 */
import type { Cancel, Clock } from '../../domain/ports.ts';
import { type Ms, ms } from '../../domain/units.ts';
import type { Collector } from '../collector.ts';

/** Coarse on purpose: each tick wakes the process. */
const TICK: Ms = ms(250);

export interface LoopLagCollector extends Collector {
  stop(): void;
}

export function createLoopLagCollector(clock: Clock): LoopLagCollector {
  let longest = 0;
  let due = 0;
  let cancel: Cancel | null = null;

  function look(): void {
    longest = Math.max(longest, clock.monotonic() - due);
  }
  function arm(): void {
    due = clock.monotonic() + TICK;
    cancel = clock.in(TICK, () => {
      look();
      arm();
    });
  }

  return {
    name: 'loop lag',
    metrics: () => ['loop_lag'],
    async collect() {
      if (cancel === null) {
        arm();
        return [];
      }
      look();
      const value = longest;
      longest = 0;
      return [{ metric: 'loop_lag', value }];
    },
    stop: () => cancel?.(),
  };
}
