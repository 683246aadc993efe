/** Starts more instances of a worker; its inverse stops as many again. */
import type { ActionDoors, ActionOf, ActionSpec } from './action.ts';
import { onTarget } from './on-target.ts';

export function scaleUpWorkers(doors: ActionDoors): ActionSpec<ActionOf<'scale_up_workers'>> {
  return onTarget(doors, (action) => ({ capability: 'scale', by: action.by }));
}
