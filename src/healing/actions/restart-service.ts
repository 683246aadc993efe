/** Restarts a service by its configured command or control URL. */
import type { ActionDoors, ActionOf, ActionSpec } from './action.ts';
import { onTarget } from './on-target.ts';

export function restartService(doors: ActionDoors): ActionSpec<ActionOf<'restart_service'>> {
  return onTarget(doors, () => ({ capability: 'restart' }));
}
