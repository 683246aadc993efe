/** Keeps what a person needs at 04:00 before anything else changes it. It looks and touches nothing. */
import type { ActionDoors, ActionOf, ActionSpec } from './action.ts';
import { hasNoInverse } from './action.ts';

export function saveSnapshot(doors: ActionDoors): ActionSpec<ActionOf<'save_snapshot'>> {
  return {
    describe: (action, place) => ({
      kind: 'can',
      effect: `save a snapshot of ${place.target ?? doors.host}: processes, open files, sockets, log, metrics`,
      undo: null,
      idempotent: true,
      forks: false,
      touches: false,
      heals: false,
      needsApproval: action.needsApproval,
    }),
    run: (_action, place, signal) => doors.snapshots.take(place.incidentId, place.target, signal),
    undo: (action) => hasNoInverse(action.kind),
  };
}
