/** Approvals: a person's yes or no with an expiry, bound to the plan that was shown. */
import type { WorkPlan } from './strategy.ts';
import type { ApprovalId, EpochMs, IncidentId } from './units.ts';

export const ROLES = ['viewer', 'responder', 'operator', 'approver'] as const;
export type Role = (typeof ROLES)[number];

export type SurfaceId = 'slack' | 'discord' | 'web' | 'cli' | 'api' | 'mail';

/** Somebody who asks for something, as resolved by the surface from ids (never names); fails closed. */
export interface Actor {
  readonly surface: SurfaceId;
  /** The platform's immutable id, or `local-token` for the holder of the local token. */
  readonly id: string;
  /** For people to read only; never decides anything. */
  readonly display: string;
  /** The mapped person, so that one person with two accounts counts once; `null` when unmapped. */
  readonly person: string | null;
  readonly roles: readonly Role[];
}

/** Roles are a set, not a ladder, but an operator may do what a responder may, and all may view. */
export function mayAct(actor: Actor, needed: Role): boolean {
  if (needed === 'viewer') return true;
  if (needed === 'responder') return actor.roles.includes('responder') || actor.roles.includes('operator');
  return actor.roles.includes(needed);
}

export type Verdict = 'approve' | 'deny';

export interface Decision {
  readonly verdict: Verdict;
  readonly by: Actor;
  readonly at: EpochMs;
  readonly reason: string;
}

export type ApprovalState =
  | { readonly kind: 'pending' }
  | { readonly kind: 'approved'; readonly at: EpochMs }
  | { readonly kind: 'denied'; readonly at: EpochMs }
  | { readonly kind: 'expired'; readonly at: EpochMs }
  | { readonly kind: 'void'; readonly at: EpochMs; readonly reason: string };

/** What is asked, exactly. The record lives on the server; buttons carry the id alone. */
export interface Approval {
  readonly id: ApprovalId;
  readonly incidentId: IncidentId;
  readonly plan: WorkPlan;
  /** Why: the evidence in one or two sentences. */
  readonly why: string;
  /** What was tried before, in words. */
  readonly tried: string;
  /** The person who asked, or `null` when Nightshift itself proposes it. */
  readonly requestedBy: Actor | null;
  readonly requestedAt: EpochMs;
  readonly expiresAt: EpochMs;
  /** Different people needed; 2 for what `twoPerson` names. */
  readonly approversNeeded: 1 | 2;
  readonly decisions: readonly Decision[];
  readonly state: ApprovalState;
}

/** What a press or an answer came to. Only `accepted` changed anything. */
export type DecisionResult =
  | { readonly kind: 'accepted'; readonly approval: Approval }
  | { readonly kind: 'one_more_needed'; readonly approval: Approval }
  | { readonly kind: 'refused'; readonly code: DecisionRefusal; readonly reason: string }
  | { readonly kind: 'not_found' };

export type DecisionRefusal =
  | 'FORBIDDEN'
  | 'ALREADY_DECIDED'
  | 'EXPIRED'
  | 'PLAN_CHANGED'
  | 'OWN_REQUEST'
  | 'SAME_PERSON';
