/** Restarts a worker through its supervisor, which counts it as asked for and not as a crash. */
import type { ActionDoors, ActionOf, ActionSpec } from './action.ts';
import { onTarget } from './on-target.ts';

export function restartWorker(doors: ActionDoors): ActionSpec<ActionOf<'restart_worker'>> {
  return onTarget(doors, () => ({ capability: 'restart' }));
}
