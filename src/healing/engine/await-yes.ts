/** The step of an incident that waits for a person: what was decided, and does it still hold? */
import type { Approval } from '../../domain/approval.ts';
import { type ActionPlan, isErrand, type Refusal } from '../../domain/strategy.ts';
import { NIGHTSHIFT } from '../actors.ts';
import { judge } from '../guard.ts';
import { withLine, withState } from '../incident-record.ts';
import { leadsOf } from '../leads.ts';
import { act } from './act.ts';
import type { Core } from './core.ts';
import { hold, logRefusal } from './hold.ts';
import { escalate } from './paging.ts';
import { recover } from './proceed.ts';
import { replan } from './replan.ts';
import { type Proposed, situationOf } from './situation.ts';

export async function awaitYes(core: Core, id: string): Promise<void> {
  const record = core.incidents.get(id);
  if (record?.incident.state.kind !== 'awaiting_approval') return;
  if (record.active.length === 0 && !record.byHand) {
    await recover(core, id);
    return;
  }
  const approval = core.approvals.get(record.incident.state.approvalId);
  if (approval === undefined) {
    await reopen(core, id, 'its request is not on record any more');
    return;
  }
  switch (approval.state.kind) {
    case 'pending':
      return;
    case 'denied':
      await escalate(core, id, refusalOf(approval));
      return;
    case 'expired':
      await escalate(core, id, 'nobody answered in time, which means no');
      return;
    case 'void':
      await reopen(core, id, approval.state.reason);
      return;
    case 'approved':
      await carryOut(core, id, approval);
  }
}

/** Approved: every other gate is asked again, then the yes is used up and the plan runs. */
async function carryOut(core: Core, id: string, approval: Approval): Promise<void> {
  const { plan } = approval;
  if (isErrand(plan)) return; // never of an incident that has a ladder
  if (core.approvals.isTaken(approval.id)) {
    await withdraw(core, id, approval, 'Nightshift was interrupted before it ran');
    return;
  }
  const again = replan(core, plan);
  if (again.kind === 'changed') {
    await withdraw(core, id, approval, again.reason);
    return;
  }
  const proposed = proposedFor(core, id, plan, approval.requestedBy !== null, again);
  if (proposed === null) return;
  const refusal = judge(situationOf(core, proposed, core.deps.clock.now()));
  if (refusal === null) {
    await act(core, id, proposed, { actor: NIGHTSHIFT, approvalId: approval.id });
    core.poke(id);
    return;
  }
  if (isPassing(core, approval, refusal)) return;
  await core.approvals.void(approval.id, `refused when it was to run: ${refusal.reason}`);
  if (await hold(core, id, refusal)) await logRefusal(core, id, refusal, plan);
}

/** The host is busy, or has not been seen since a restart: the yes waits, though not beyond its own time. */
function isPassing(core: Core, approval: Approval, { gate }: Refusal): boolean {
  if (gate === 'blast_radius') return core.lane.running() !== null;
  return gate === 'unknown_data' && core.deps.clock.now() < approval.expiresAt;
}

function proposedFor(
  core: Core,
  id: string,
  plan: ActionPlan,
  byHand: boolean,
  again: Extract<ReturnType<typeof replan>, { kind: 'same' }>,
): Proposed | null {
  const record = core.incidents.get(id);
  const anomaly = record === undefined ? undefined : leadsOf(record, core.deps.targets.graph())[0];
  if (anomaly === undefined || !anomaly.confirmed) return null; // after a restart: not before it is seen again
  const { text, strategy } = again;
  return { plan, text, strategy, anomaly, byHand, isApproved: true };
}

async function withdraw(core: Core, id: string, approval: Approval, reason: string): Promise<void> {
  await core.approvals.void(approval.id, reason);
  await reopen(core, id, reason);
}

/** Back to the ladder: what is proposed next is made from what is configured now. */
async function reopen(core: Core, id: string, reason: string): Promise<void> {
  const now = core.deps.clock.now();
  await core.incidents.change(id, (record) => {
    if (record.incident.state.kind !== 'awaiting_approval') return record;
    return withLine(withState(record, { kind: 'open' }), now, 'note', `The request is void: ${reason}.`);
  });
  core.poke(id);
}

function refusalOf({ decisions }: Approval): string {
  const no = decisions.find((decision) => decision.verdict === 'deny');
  if (no === undefined) return 'it was denied';
  return `${no.by.display} said no${no.reason === '' ? '' : `: ${no.reason}`}`;
}
