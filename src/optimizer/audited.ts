/** Answers of changing calls, and the actor as the audit log names them. */
import type { Actor } from '../domain/approval.ts';
import type { ControlResult } from '../domain/controls.ts';

export function actorName(by: Actor): string {
  return `${by.surface}:${by.person ?? by.id}`;
}
export function done(text: string): ControlResult {
  return { kind: 'done', text };
}
export function would(text: string): ControlResult {
  return { kind: 'would', text };
}
export function refused(reason: string): ControlResult {
  return { kind: 'refused', reason };
}
export function notFound(reason: string): ControlResult {
  return { kind: 'not_found', reason };
}
