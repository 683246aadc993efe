/**
 * When each target ended, as far as its processes show it: everything that ran is gone and something else runs, or
 * nothing does. Children that come and go beside a process that stays are no exits; a target that a person stopped
 * is unknown to its watch and no exit either.
 */
import type { TargetState } from '../../domain/target.ts';
import { type EpochMs, elapsed, hours, type Ms } from '../../domain/units.ts';

const KEPT: Ms = hours(24);
/** Enough for any rule about a day; a target that flaps for ever must not fill memory. */
const MOST = 100;

export interface ExitLog {
  observe(states: readonly TargetState[], now: EpochMs): void;
  /** Oldest first. */
  of(target: string): readonly EpochMs[];
  targets(): readonly string[];
}

export function createExitLog(): ExitLog {
  const before = new Map<string, TargetState>();
  const exits = new Map<string, readonly EpochMs[]>();
  return {
    observe(states, now) {
      for (const state of states) {
        const known = before.get(state.name);
        if (known !== undefined && hasEnded(known, state)) {
          const recent = (exits.get(state.name) ?? []).filter((at) => elapsed(at, now) < KEPT);
          exits.set(state.name, [...recent, now].slice(-MOST));
        }
        before.set(state.name, state);
      }
    },
    of: (target) => exits.get(target) ?? [],
    targets: () => [...before.keys()],
  };
}

function hasEnded(before: TargetState, now: TargetState): boolean {
  if (before.up !== true || now.up === null) return false;
  if (before.pids.length === 0) return !now.up;
  return before.pids.every((pid) => !now.pids.includes(pid));
}
