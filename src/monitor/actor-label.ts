/** Who did it, as the audit log names people. */
import type { Actor } from '../domain/approval.ts';

export function labelOf({ surface, person, id }: Actor): string {
  return `${surface}:${person ?? id}`;
}
