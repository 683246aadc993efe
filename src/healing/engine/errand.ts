/**
 * Errands: restores and deletes that a person asks for. They pass the same approval as critical healing, have a card
 * and a thread of their own, and run once. Anomalies, strategies and attempts have no part in them.
 */
import type { Approval } from '../../domain/approval.ts';
import { describeError } from '../../domain/errors.ts';
import { isLive } from '../../domain/incident.ts';
import type { ErrandAsked, ErrandEnd, ErrandRequest, ErrandRunner } from '../../domain/ports.ts';
import { type ErrandPlan, isErrand } from '../../domain/strategy.ts';
import { actionId, type IncidentId } from '../../domain/units.ts';
import { actorName } from '../actors.ts';
import { ERRAND_PREFIX, type IncidentRecord, newErrand, withLine, withState } from '../incident-record.ts';
import { newIncidentId } from '../incidents.ts';
import type { Core } from './core.ts';

export function isErrandRecord({ incident }: IncidentRecord): boolean {
  return incident.fingerprint.startsWith(ERRAND_PREFIX);
}

/** The approval and its card are on disk before anybody is told. */
export async function askErrand(core: Core, request: ErrandRequest): Promise<ErrandAsked> {
  const { deps, approvals, incidents } = core;
  const hindrance = whyNotNow(core);
  if (hindrance !== null) return { kind: 'refused', reason: hindrance };
  const now = deps.clock.now();
  const id = freeIncidentId(core);
  const { twoPerson, approvalFor } = deps.config.current();
  const approval = await approvals.ask({
    plan: planOf(request, id, deps.random.hex(8)),
    why: request.why,
    tried: 'Nothing was tried yet.',
    requestedBy: request.requestedBy,
    approversNeeded: twoPerson.includes(request.errand.kind) ? 2 : 1,
    expiresIn: approvalFor,
  });
  const asked = `Asked for by ${request.requestedBy.display}. ${request.why}`;
  const record = withState(withLine(newErrand(id, deps.host, request.title, now), now, 'note', asked), {
    kind: 'awaiting_approval',
    approvalId: approval.id,
  });
  await incidents.changeAll((records) => [...records, record]);
  await writeDown(core, approval, request);
  deps.bus.publish({ type: 'action.proposed', approval });
  return { kind: 'asked', approvalId: approval.id, incidentId: id, expiresAt: approval.expiresAt };
}

/** One errand at a time, and none while everything is frozen. */
function whyNotNow(core: Core): string | null {
  const live = core.incidents.records().find((one) => isErrandRecord(one) && isLive(one.incident));
  if (live !== undefined)
    return `${live.incident.title} is asked for or under way already (${live.incident.id})`;
  return whyFrozen(core);
}

/** A dry-run mode stops what Nightshift does by itself; what a person asked for and another released is theirs. */
function whyFrozen({ switches }: Core): string | null {
  const freeze = switches.freeze();
  return freeze?.scope === 'all' ? `frozen by ${freeze.by}: ${freeze.reason}` : null;
}

function freeIncidentId({ deps, incidents }: Core): IncidentId {
  const taken = (id: string): boolean =>
    incidents.get(id) !== undefined || incidents.closed().some((past) => past.id === id);
  return newIncidentId((bytes) => deps.random.hex(bytes), taken);
}

function planOf(request: ErrandRequest, incidentId: IncidentId, random: string): ErrandPlan {
  return {
    actionId: actionId(`act-${random}`),
    incidentId,
    strategy: request.errand.kind,
    rung: 0,
    action: request.errand,
    target: request.title.replace(/^\S+ /, ''),
    effect: request.effect,
    undo: request.undo,
    idempotent: false,
    critical: true,
    attempt: 1,
    attemptsAllowed: 1,
    hash: request.hash,
  };
}

async function writeDown(core: Core, { id, plan }: Approval, request: ErrandRequest): Promise<void> {
  try {
    await core.deps.audit.append({
      kind: 'proposal',
      actor: actorName(request.requestedBy),
      text: `Asked for a yes: ${plan.effect}`,
      incidentId: plan.incidentId,
      actionId: plan.actionId,
      data: { approvalId: id, planHash: plan.hash },
    });
  } catch (cause) {
    core.deps.log.error('proposal could not be logged', { error: describeError(cause) });
  }
}

/** Why an errand is not what was shown any more, or `null`. */
export function errandFault(runner: ErrandRunner, plan: ErrandPlan): string | null {
  const now = runner.hashOf(plan.action);
  if (now.kind === 'gone') return now.reason;
  return now.hash === plan.hash ? null : 'what would run is not what was shown any more';
}

/** The step of an errand in its state; safe to call at any time. */
export async function stepErrand(core: Core, id: string): Promise<void> {
  const record = core.incidents.get(id);
  if (record === undefined || !isLive(record.incident)) return;
  const { state } = record.incident;
  if (state.kind === 'awaiting_approval') {
    const approval = core.approvals.get(state.approvalId);
    await (approval === undefined
      ? close(core, id, { kind: 'failed', reason: 'its request is not on record any more' })
      : answer(core, id, approval));
  } else if (state.kind === 'healing' && !core.errands.has(state.actionId)) {
    await settle(core, id);
  }
}

async function answer(core: Core, id: string, approval: Approval): Promise<void> {
  switch (approval.state.kind) {
    case 'pending':
      return;
    case 'denied': {
      const no = approval.decisions.find(({ verdict }) => verdict === 'deny');
      const said = no === undefined || no.reason === '' ? '' : `: ${no.reason}`;
      await close(core, id, { kind: 'failed', reason: `${no?.by.display ?? 'somebody'} said no${said}` });
      return;
    }
    case 'expired':
      await close(core, id, { kind: 'failed', reason: 'nobody answered in time, which means no' });
      return;
    case 'void':
      await close(core, id, { kind: 'failed', reason: approval.state.reason });
      return;
    case 'approved':
      await begin(core, id, approval);
  }
}

/** The yes is used up on disk before anything runs: of many presses and restarts exactly one run comes. */
async function begin(core: Core, id: string, approval: Approval): Promise<void> {
  const { plan } = approval;
  if (!isErrand(plan) || core.lane.running() !== null) return;
  const hindrance = errandFault(core.deps.errands, plan) ?? whyFrozen(core);
  if (hindrance !== null) {
    await core.approvals.void(approval.id, hindrance);
    await close(core, id, { kind: 'failed', reason: hindrance });
    return;
  }
  if (core.approvals.isTaken(approval.id)) {
    await settle(core, id);
    return;
  }
  if (!(await core.approvals.take(approval.id))) return;
  core.errands.add(plan.actionId);
  try {
    await core.incidents.change(id, (record) =>
      withLine(
        withState(record, { kind: 'healing', actionId: plan.actionId }),
        core.deps.clock.now(),
        'act',
        `${plan.effect}.`,
      ),
    );
  } catch (cause) {
    core.errands.delete(plan.actionId);
    throw cause;
  }
  // Not awaited: it takes as long as it takes, and the queue of its incident must stay free for people.
  void carryOut(core, id, plan, approval);
}

async function carryOut(core: Core, id: string, plan: ErrandPlan, approval: Approval): Promise<void> {
  const { deps } = core;
  const by = approval.decisions.find(({ verdict }) => verdict === 'approve')?.by ?? approval.requestedBy;
  const tell = (line: string): void => {
    core.incidents
      .change(id, (record) => withLine(record, deps.clock.now(), 'act', line))
      .catch((cause: unknown) =>
        deps.log.warn('progress could not be told', { error: describeError(cause) }),
      );
  };
  try {
    if (by === null) throw new Error('nobody asked for it');
    await close(core, id, await deps.errands.run(plan.action, by, tell));
  } catch (cause) {
    deps.log.error('errand failed', { incidentId: id, error: describeError(cause) });
    await close(core, id, { kind: 'failed', reason: describeError(cause) }).catch(() => {}); // settled at the next step
  } finally {
    core.errands.delete(plan.actionId);
  }
}

/** It was running when Nightshift ended: the runner knows what became of it. */
async function settle(core: Core, id: string): Promise<void> {
  const approval = core.approvals.list('all').find(({ incidentId }) => incidentId === id);
  const plan = approval?.plan;
  const end: ErrandEnd =
    plan !== undefined && isErrand(plan)
      ? await core.deps.errands.settled(plan.action)
      : { kind: 'failed', reason: 'its request is not on record any more' };
  await close(core, id, end);
}

async function close(core: Core, id: string, end: ErrandEnd): Promise<void> {
  const at = core.deps.clock.now();
  const reason = end.kind === 'done' ? end.text : `Not done: ${end.reason}`;
  await core.incidents.change(id, (record) => {
    if (!isLive(record.incident)) return record;
    const said = withLine(record, at, end.kind === 'done' ? 'good' : 'bad', reason);
    return withState(said, { kind: 'resolved', at, how: 'by_hand', reason });
  });
}
