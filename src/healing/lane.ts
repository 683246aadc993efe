/**
 * One action at a time on this host. The claim is taken in the same turn in which the gates were judged, before
 * anything is awaited, so that two incidents can never both find the lane free.
 */
import type { ActionId } from '../domain/units.ts';

export interface Lane {
  /** False when another action holds it. */
  claim(actionId: ActionId, effect: string): boolean;
  release(actionId: ActionId): void;
  /** The effect of the action that runs now, or `null`. */
  running(): string | null;
  isRunning(actionId: ActionId): boolean;
}

export function createLane(): Lane {
  let holder: { readonly actionId: ActionId; readonly effect: string } | null = null;
  return {
    claim(actionId, effect) {
      if (holder !== null) return false;
      holder = { actionId, effect };
      return true;
    },
    release(actionId) {
      if (holder?.actionId !== actionId) return;
      holder = null;
    },
    running: () => holder?.effect ?? null,
    isRunning: (actionId) => holder?.actionId === actionId,
  };
}
