/** Asks people: the approval is on disk first, then the incident waits for it, then everybody is told. */
import type { Actor, Approval } from '../../domain/approval.ts';
import { describeError } from '../../domain/errors.ts';
import { isLive } from '../../domain/incident.ts';
import type { ActionPlan, Attempt } from '../../domain/strategy.ts';
import { actorName, NIGHTSHIFT } from '../actors.ts';
import { type IncidentRecord, withIncident, withLine, withState } from '../incident-record.ts';
import type { Core } from './core.ts';
import type { Proposed } from './situation.ts';

/**
 * @param requestedBy The person who asked for it, or `null` when healing proposes it.
 */
export async function ask(
  core: Core,
  id: string,
  { plan, anomaly }: Proposed,
  requestedBy: Actor | null,
): Promise<Approval | null> {
  const { deps, approvals } = core;
  const before = core.incidents.get(id);
  if (before === undefined) return null;
  const approval = await approvals.ask({
    plan,
    why: anomaly.summary,
    tried: triedOf(before),
    requestedBy,
    approversNeeded: needsTwo(plan, deps.config.current().twoPerson) ? 2 : 1,
    expiresIn: deps.config.current().approvalFor,
  });
  const now = deps.clock.now();
  const saved = await core.incidents.change(id, (record) => {
    if (!isLive(record.incident)) return record;
    const waiting = withState(
      { ...record, acting: null },
      { kind: 'awaiting_approval', approvalId: approval.id },
    );
    const said = withLine(waiting, now, 'note', `Needs a yes: ${plan.effect}. No answer in time means no.`);
    return withIncident(said, { strategy: plan.strategy, rung: plan.rung });
  });
  const { state } = saved?.incident ?? before.incident;
  if (state.kind !== 'awaiting_approval' || state.approvalId !== approval.id) {
    await approvals.void(approval.id, 'the incident ended before it was asked');
    return null;
  }
  await writeDown(core, approval, requestedBy);
  deps.bus.publish({ type: 'action.proposed', approval });
  return approval;
}

async function writeDown(core: Core, { id, plan }: Approval, requestedBy: Actor | null): Promise<void> {
  const { audit, log } = core.deps;
  try {
    await audit.append({
      kind: 'proposal',
      actor: requestedBy === null ? NIGHTSHIFT : actorName(requestedBy),
      text: `Asked for a yes: ${plan.effect}`,
      incidentId: plan.incidentId,
      actionId: plan.actionId,
      strategy: plan.strategy,
      ...(plan.target === null ? {} : { target: plan.target }),
      data: { approvalId: id, planHash: plan.hash },
    });
  } catch (cause) {
    log.error('proposal could not be logged', { error: describeError(cause) });
  }
}

function needsTwo({ action, target }: ActionPlan, twoPerson: readonly string[]): boolean {
  return (
    twoPerson.includes(action.kind) ||
    (target !== null && twoPerson.includes(`target:${target}`)) ||
    (action.kind === 'run_command' && twoPerson.includes(`command:${action.command}`))
  );
}

function triedOf({ incident }: IncidentRecord): string {
  const tried = incident.attempts.map((attempt) => `${attempt.effect}: ${resultOf(attempt)}`);
  return tried.length === 0 ? 'Nothing was tried yet.' : `${tried.join('. ')}.`;
}

function resultOf({ verification, outcome }: Attempt): string {
  switch (verification) {
    case 'helped':
      return 'helped';
    case 'no_effect':
      return 'no effect';
    case 'worse':
      return 'made it worse';
    case 'unknown':
    case null:
      return outcome?.kind === 'failed' ? 'failed' : 'result unknown';
  }
}
