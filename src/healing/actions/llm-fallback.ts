/** Sends the target to its fallback model; its inverse goes back to the first one. */
import type { ActionDoors, ActionOf, ActionSpec } from './action.ts';
import { onTarget } from './on-target.ts';

export function llmFallback(doors: ActionDoors): ActionSpec<ActionOf<'llm_fallback'>> {
  return onTarget(doors, () => ({ capability: 'fallback' }));
}
