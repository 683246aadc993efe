/** Restarts the process behind a target, whatever starts it. */
import type { ActionDoors, ActionOf, ActionSpec } from './action.ts';
import { onTarget } from './on-target.ts';

export function restartProcess(doors: ActionDoors): ActionSpec<ActionOf<'restart_process'>> {
  return onTarget(doors, () => ({ capability: 'restart' }));
}
