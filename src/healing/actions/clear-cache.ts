/** Empties the cache of a target; what was in it is fetched anew, so there is nothing to undo. */
import type { ActionDoors, ActionOf, ActionSpec } from './action.ts';
import { onTarget } from './on-target.ts';

export function clearCache(doors: ActionDoors): ActionSpec<ActionOf<'clear_cache'>> {
  return onTarget(doors, () => ({ capability: 'clear_cache' }));
}
