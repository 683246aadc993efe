/** Plain JSON views of what is asked and of what was decided. */
import type { Approval } from '../domain/approval.ts';
import type { WorkPlan } from '../domain/strategy.ts';
import { toIso } from '../domain/units.ts';

export interface PlanView {
  readonly actionId: string;
  readonly strategy: string;
  readonly rung: number;
  readonly action: string;
  readonly target: string | null;
  readonly effect: string;
  readonly undo: string | null;
  readonly critical: boolean;
  readonly idempotent: boolean;
  readonly attempt: number;
  readonly attemptsAllowed: number;
}

export interface ApprovalView {
  readonly id: string;
  readonly incidentId: string;
  /** `pending`, `approved`, `denied`, `expired` or `void`. */
  readonly state: string;
  readonly decidedAt: string | null;
  readonly voidReason: string | null;
  readonly plan: PlanView;
  readonly why: string;
  readonly tried: string;
  readonly requestedBy: string | null;
  readonly requestedAt: string;
  readonly expiresAt: string;
  readonly approversNeeded: number;
  readonly decisions: readonly {
    readonly verdict: string;
    readonly by: string;
    readonly surface: string;
    readonly time: string;
    readonly reason: string;
  }[];
}

export function planView(plan: WorkPlan): PlanView {
  return {
    actionId: plan.actionId,
    strategy: plan.strategy,
    rung: plan.rung,
    action: plan.action.kind,
    target: plan.target,
    effect: plan.effect,
    undo: plan.undo,
    critical: plan.critical,
    idempotent: plan.idempotent,
    attempt: plan.attempt,
    attemptsAllowed: plan.attemptsAllowed,
  };
}

export function approvalView(approval: Approval): ApprovalView {
  const { state } = approval;
  return {
    id: approval.id,
    incidentId: approval.incidentId,
    state: state.kind,
    decidedAt: state.kind === 'pending' ? null : toIso(state.at),
    voidReason: state.kind === 'void' ? state.reason : null,
    plan: planView(approval.plan),
    why: approval.why,
    tried: approval.tried,
    requestedBy: approval.requestedBy?.display ?? null,
    requestedAt: toIso(approval.requestedAt),
    expiresAt: toIso(approval.expiresAt),
    approversNeeded: approval.approversNeeded,
    decisions: approval.decisions.map((decision) => ({
      verdict: decision.verdict,
      by: decision.by.display,
      surface: decision.by.surface,
      time: toIso(decision.at),
      reason: decision.reason,
    })),
  };
}
