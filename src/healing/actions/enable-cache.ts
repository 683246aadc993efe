/** Switches the response cache of a target on; its inverse switches it off. */
import type { ActionDoors, ActionOf, ActionSpec } from './action.ts';
import { onTarget } from './on-target.ts';

export function enableCache(doors: ActionDoors): ActionSpec<ActionOf<'enable_cache'>> {
  return onTarget(doors, () => ({ capability: 'enable_cache' }));
}
