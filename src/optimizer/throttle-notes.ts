/** What the throttle says once: rungs it passes over because there is nothing to slow, and that it can do no more. */
import { THROTTLE_RUNGS, type ThrottleRung } from '../domain/budget.ts';
import type { AuditLog } from '../domain/ports.ts';
import type { Move } from './ladder-book.ts';
import type { LadderNow } from './throttle-plan.ts';

const ACTOR = 'nightshift';
const NOTHING_THERE: Readonly<Record<ThrottleRung, string>> = {
  none: '',
  delay_batch: 'no batch task waits or runs',
  slow_queue: 'no task below critical waits or runs',
  slow_targets: 'no target may be slowed',
  clear_caches: 'no cache may be cleared',
};

export interface ThrottleNotes {
  passed(move: Move): Promise<void>;
  stuck(all: readonly LadderNow[]): Promise<void>;
}

export function createThrottleNotes(audit: AuditLog): ThrottleNotes {
  let told: ReadonlySet<string | null> = new Set();

  async function say(text: string, target: string | null): Promise<void> {
    await audit.append({ kind: 'refusal', actor: ACTOR, text, ...(target === null ? {} : { target }) });
  }

  return {
    async passed({ from, to }) {
      const rungs = THROTTLE_RUNGS.slice(
        THROTTLE_RUNGS.indexOf(from.rung) + 1,
        THROTTLE_RUNGS.indexOf(to.ladder.rung),
      );
      // The queues are no rung of a target's own ladder.
      const mine = to.target === null ? rungs : rungs.filter((rung) => rung === 'slow_targets');
      if (mine.length === 0) return;
      const why = mine.map((rung) => NOTHING_THERE[rung]).join(', ');
      await say(`Throttle goes on to its next step: ${why}; ${to.reason}`, to.target);
    },
    async stuck(all) {
      const now = all.filter(({ stuck }) => stuck);
      const fresh = now.filter(({ target }) => !told.has(target));
      told = new Set(now.map(({ target }) => target));
      for (const { target, reason, ladder } of fresh) {
        const more = ladder.rung === 'none' ? 'nothing' : 'nothing more';
        await say(`There is ${more} here that may be slowed, though ${reason}`, target);
      }
    },
  };
}
