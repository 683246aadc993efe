/** Hands waiting tasks of a queue to others. */
import type { ActionDoors, ActionOf, ActionSpec } from './action.ts';
import { onTarget } from './on-target.ts';

export function redistributeTasks(doors: ActionDoors): ActionSpec<ActionOf<'redistribute_tasks'>> {
  return onTarget(doors, (action) => ({ capability: 'redistribute', to: action.to }));
}
