/** How somebody is named in audit lines and in what people read. */
import type { Actor } from '../domain/approval.ts';

/** The bot itself, wherever an actor is asked for. */
export const NIGHTSHIFT = 'nightshift';

/** `slack:ada`: the door and the mapped person, or the account where nobody is mapped. */
export function actorName(actor: Actor): string {
  return `${actor.surface}:${actor.person ?? actor.id}`;
}
