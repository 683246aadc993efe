/**
 * Others heal too: systemd by Restart=, Docker by a restart policy, pm2 by autorestart. They get one cycle of
 * theirs before we act; a hold that lasted longer is over, whatever they still try. Pure.
 */
import type { TargetHold } from '../../domain/target.ts';
import { after, type EpochMs, type Ms } from '../../domain/units.ts';
import type { DownEntry } from './memory.ts';

/** @param downSince When it was first seen to be down in this episode. */
export function foreignHold(who: string, downSince: EpochMs, cycle: Ms, now: EpochMs): TargetHold | null {
  const until = after(downSince, cycle);
  if (now >= until) return null;
  const reason = `${who} restarts it itself; it gets ${Math.round(cycle / 1_000)} s for that`;
  return { kind: 'foreign', reason, until };
}

export function stopHold(what: string, entry: DownEntry): TargetHold {
  return {
    kind: 'manual_stop',
    reason: `${what} ${entry.why}; it stays so until a person starts it`,
    until: null,
  };
}
