/** Lets fewer requests through for a while; the limit ends by itself (see engine/reversals.ts). */
import type { ActionDoors, ActionOf, ActionSpec } from './action.ts';
import { onTarget } from './on-target.ts';

export function rateLimit(doors: ActionDoors): ActionSpec<ActionOf<'rate_limit'>> {
  return onTarget(doors, (action) => ({
    capability: 'rate_limit',
    perSecond: action.perSecond,
    span: action.span,
  }));
}
