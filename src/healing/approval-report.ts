/** What is written down and told of an approval: every press, the refused ones too; what counted is then told. */
import type { Actor, Approval, DecisionResult } from '../domain/approval.ts';
import { describeError } from '../domain/errors.ts';
import type { AuditEntry, AuditLog, EventBus, Logger } from '../domain/ports.ts';
import { actorName } from './actors.ts';
import type { Judged, Press } from './approval-rules.ts';

export interface ApprovalRecordDeps {
  readonly audit: AuditLog;
  readonly bus: EventBus;
  readonly log: Logger;
}

export async function reportPress(
  approval: Approval | undefined,
  press: Press,
  judged: Judged | null,
  deps: ApprovalRecordDeps,
): Promise<DecisionResult> {
  if (approval === undefined || judged === null) {
    await writeApproval(deps, {
      kind: 'approval',
      actor: actorName(press.by),
      text: `Refused ${press.verdict}: no such approval`,
    });
    return { kind: 'not_found' };
  }
  if (judged.kind !== 'counted') {
    await writeApproval(
      deps,
      aboutApproval(
        approval,
        press.by,
        `Refused ${press.verdict} of ${approval.plan.effect}: ${judged.reason}`,
      ),
    );
    if (judged.kind === 'ended' && judged.state.kind === 'expired') {
      deps.bus.publish({ type: 'action.expired', approval });
    }
    return { kind: 'refused', code: judged.code, reason: judged.reason };
  }
  const said = press.reason === '' ? '' : ` (${press.reason})`;
  const word = press.verdict === 'approve' ? 'Approved' : 'Denied';
  await writeApproval(deps, aboutApproval(approval, press.by, `${word}: ${approval.plan.effect}${said}`));
  const { decision } = judged;
  if (judged.state.kind === 'pending') return { kind: 'one_more_needed', approval };
  const type = press.verdict === 'approve' ? 'action.approved' : 'action.denied';
  deps.bus.publish({ type, approval, decision });
  return { kind: 'accepted', approval };
}

export function aboutApproval(approval: Approval, by: Actor | null, text: string): AuditEntry {
  return {
    kind: 'approval',
    actor: by === null ? 'nightshift' : actorName(by),
    text,
    incidentId: approval.incidentId,
    actionId: approval.plan.actionId,
    data: { approvalId: approval.id, planHash: approval.plan.hash },
  };
}

/** The decision is on disk already; a log that cannot take the line stops the action later, at its intent. */
export async function writeApproval(deps: ApprovalRecordDeps, entry: AuditEntry): Promise<void> {
  try {
    await deps.audit.append(entry);
  } catch (cause) {
    deps.log.error('approval could not be logged', { error: describeError(cause) });
  }
}
