/**
 * What becomes of one press of a button. Pure, over the record as it stands at that moment; the caller makes the
 * change inside one compare-and-set write, so that of many presses exactly one can count.
 */
import {
  type Actor,
  type Approval,
  type ApprovalState,
  type Decision,
  type DecisionRefusal,
  mayAct,
  type Verdict,
} from '../domain/approval.ts';
import type { EpochMs } from '../domain/units.ts';

/** An approval and whether its yes was used up: taken once, before anything runs. */
export interface ApprovalRecord {
  readonly approval: Approval;
  readonly takenAt: EpochMs | null;
}

export interface DecisionContext {
  readonly now: EpochMs;
  readonly isExpired: boolean;
  /** One person alone may release what they asked for themselves. */
  readonly soleOperator: boolean;
  /** Mapped people who hold the approver role. */
  readonly people: number;
  /** Why the plan is not what was shown any more, or `null`. */
  readonly planFault: string | null;
}

export type Judged =
  | { readonly kind: 'refused'; readonly code: DecisionRefusal; readonly reason: string }
  /** Refused, and the record changes all the same: it expired or its plan is void. */
  | {
      readonly kind: 'ended';
      readonly code: DecisionRefusal;
      readonly reason: string;
      readonly state: ApprovalState;
    }
  | { readonly kind: 'counted'; readonly decision: Decision; readonly state: ApprovalState };

export interface Press {
  readonly verdict: Verdict;
  readonly by: Actor;
  readonly reason: string;
}

export function judgePress(record: ApprovalRecord, press: Press, context: DecisionContext): Judged {
  const { approval } = record;
  if (!mayAct(press.by, 'approver'))
    return refuse('FORBIDDEN', 'this needs the approver role on this surface');
  if (!isStillOpen(record, press.verdict)) return refuse(...alreadyOver(approval));
  if (context.isExpired && approval.state.kind === 'pending') {
    return end('EXPIRED', 'the time to answer is over', { kind: 'expired', at: context.now });
  }
  const decision: Decision = { ...press, at: context.now };
  // A no needs no more than the role: any deny wins.
  if (press.verdict === 'deny')
    return { kind: 'counted', decision, state: { kind: 'denied', at: context.now } };

  if (context.planFault !== null) {
    const reason = context.planFault;
    return end('PLAN_CHANGED', reason, { kind: 'void', at: context.now, reason });
  }
  return refusePerson(approval, press.by, context) ?? countYes(approval, decision, context.now);
}

/** A yes that was not used yet can still be taken back by a no. */
function isStillOpen({ approval, takenAt }: ApprovalRecord, verdict: Verdict): boolean {
  if (approval.state.kind === 'pending') return true;
  return verdict === 'deny' && approval.state.kind === 'approved' && takenAt === null;
}

function alreadyOver({ state, decisions }: Approval): [DecisionRefusal, string] {
  switch (state.kind) {
    case 'expired':
      return ['EXPIRED', 'the time to answer is over'];
    case 'void':
      return ['PLAN_CHANGED', state.reason];
    case 'pending':
    case 'approved':
    case 'denied': {
      const by = decisions.at(-1)?.by.display;
      return ['ALREADY_DECIDED', `it was ${state.kind} already${by === undefined ? '' : ` by ${by}`}`];
    }
  }
}

function refusePerson(approval: Approval, by: Actor, context: DecisionContext): Judged | null {
  const asked = approval.requestedBy;
  if (asked !== null && isSamePerson(asked, by) && context.people >= 2 && !context.soleOperator) {
    return refuse('OWN_REQUEST', 'you asked for it yourself; another approver must say yes');
  }
  if (approval.approversNeeded === 1) return null;
  if (by.person === null)
    return refuse('FORBIDDEN', 'two people are needed, and this account belongs to no known person');
  const again = approval.decisions.some((past) => past.verdict === 'approve' && isSamePerson(past.by, by));
  return again ? refuse('SAME_PERSON', 'two different people are needed, and you said yes already') : null;
}

function countYes(approval: Approval, decision: Decision, now: EpochMs): Judged {
  const yes = approval.decisions.filter((past) => past.verdict === 'approve').length + 1;
  const state: ApprovalState =
    yes >= approval.approversNeeded ? { kind: 'approved', at: now } : { kind: 'pending' };
  return { kind: 'counted', decision, state };
}

/** Accounts of one mapped person are one; an account without a person stands for itself. */
function isSamePerson(a: Actor, b: Actor): boolean {
  if (a.person !== null || b.person !== null) return a.person === b.person;
  return a.surface === b.surface && a.id === b.id;
}

function refuse(code: DecisionRefusal, reason: string): Judged {
  return { kind: 'refused', code, reason };
}

function end(code: DecisionRefusal, reason: string, state: ApprovalState): Judged {
  return { kind: 'ended', code, reason, state };
}
