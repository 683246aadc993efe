/**
 * Runs one plan for an incident: the lane is claimed in the turn in which the gates were judged, a yes is used up
 * before anything is written, and from there the executor's order holds.
 */
import { describeError, OpsError } from '../../domain/errors.ts';
import { isLive } from '../../domain/incident.ts';
import type { ActionPlan, Attempt, Outcome } from '../../domain/strategy.ts';
import { after, type EpochMs, type Ms, ms, seconds } from '../../domain/units.ts';
import { NIGHTSHIFT } from '../actors.ts';
import { describeOutcome, type Execution, type ExecutorDeps, execute, type Order } from '../executor.ts';
import { type Acting, type IncidentRecord, withIncident, withLine, withState } from '../incident-record.ts';
import { whyStopped } from './brake.ts';
import type { Core } from './core.ts';
import { hold } from './hold.ts';
import type { Proposed } from './situation.ts';

/** An action that failed outright changes nothing: less time is given to evidence that it helped. */
const VERIFY_FAILED: Ms = seconds(30);
const RETRY: Ms = seconds(30);

export interface Release {
  readonly actor: string;
  readonly approvalId: string | null;
}

export const BY_ITSELF: Release = { actor: NIGHTSHIFT, approvalId: null };

/** Call only in the same turn in which the guard allowed it. */
export async function act(core: Core, id: string, proposed: Proposed, release: Release): Promise<void> {
  const { plan } = proposed;
  const { lane, deps } = core;
  if (!lane.claim(plan.actionId, plan.effect)) {
    throw new OpsError('INTERNAL', 'the lane was taken between judging and acting');
  }
  try {
    if (release.approvalId !== null && !(await core.approvals.take(release.approvalId))) return;
    const execution = await tryExecute(core, id, proposed, release);
    if (execution === null) return;
    await settle(core, id, proposed, execution);
    deps.bus.publish({ type: 'action.finished', plan, outcome: execution.outcome });
  } finally {
    lane.release(plan.actionId);
    wakeHeld(core, id);
  }
}

/** `null` when the intent could not be written: then nothing ran, and it is tried again later. */
async function tryExecute(
  core: Core,
  id: string,
  proposed: Proposed,
  release: Release,
): Promise<Execution | null> {
  const { plan } = proposed;
  try {
    const order: Order = { ...release, dryRun: false, inverse: false };
    return await execute(plan, order, executorDeps(core, id, proposed));
  } catch (cause) {
    core.deps.log.error('intent could not be written', {
      actionId: plan.actionId,
      error: describeError(cause),
    });
    await holdBack(core, id, 'the audit log cannot be written: no audit, no action');
    return null;
  }
}

async function holdBack(core: Core, id: string, reason: string): Promise<void> {
  const retryAt = after(core.deps.clock.now(), RETRY);
  await hold(core, id, { gate: 'self_protection', reason, retryAt });
}

function executorDeps(core: Core, id: string, proposed: Proposed): ExecutorDeps {
  const { deps, ledger, actions, leaving } = core;
  return {
    clock: deps.clock,
    audit: deps.audit,
    log: deps.log,
    leaving,
    charge: (plan, at) => ledger.charge(plan, at),
    begin: (plan, at) => begin(core, id, proposed, plan, at),
    run: (plan, signal) =>
      actions.run(plan.action, { target: plan.target, incidentId: plan.incidentId }, signal),
  };
}

async function begin(
  core: Core,
  id: string,
  proposed: Proposed,
  plan: ActionPlan,
  at: EpochMs,
): Promise<void> {
  // The gates were judged a few writes ago; somebody may have pulled the brake since.
  const stopped = whyStopped(core);
  if (stopped !== null) throw new OpsError('REFUSED', stopped);
  const saved = await core.incidents.change(id, (record) => {
    if (!isLive(record.incident)) return record;
    const acting: Acting = actingOf(proposed, plan, at);
    const started = withState({ ...record, acting }, { kind: 'healing', actionId: plan.actionId });
    const attempts = [...started.incident.attempts, newAttempt(plan, at)];
    const said = withLine(
      started,
      at,
      'act',
      `${plan.effect} (attempt ${plan.attempt} of ${plan.attemptsAllowed} this hour).`,
    );
    return withIncident(said, { attempts, strategy: plan.strategy, rung: plan.rung });
  });
  if (saved?.acting?.plan.actionId !== plan.actionId)
    throw new OpsError('INTERNAL', 'the incident ended meanwhile');
  core.deps.bus.publish({ type: 'action.started', plan, dryRun: false });
}

function actingOf({ anomaly, byHand }: Proposed, plan: ActionPlan, at: EpochMs): Acting {
  return {
    plan,
    fingerprint: anomaly.fingerprint,
    metric: anomaly.evidence.metric,
    severity: anomaly.severity,
    startedAt: at,
    endedAt: null,
    byHand,
  };
}

export function newAttempt(plan: ActionPlan, at: EpochMs): Attempt {
  return {
    actionId: plan.actionId,
    strategy: plan.strategy,
    rung: plan.rung,
    kind: plan.action.kind,
    target: plan.target,
    effect: plan.effect,
    startedAt: at,
    finishedAt: null,
    outcome: null,
    verification: null,
  };
}

/** The outcome is known: look for evidence, or go on where the action was never meant to heal. */
async function settle(
  core: Core,
  id: string,
  proposed: Proposed,
  { ran, outcome }: Execution,
): Promise<void> {
  const { plan, text, strategy } = proposed;
  const now = core.deps.clock.now();
  const within =
    outcome.kind === 'failed' ? ms(Math.min(VERIFY_FAILED, strategy.verifyWithin)) : strategy.verifyWithin;
  await core.incidents.change(id, (record) => {
    const known = withOutcome(record, plan, outcome, now);
    const told = withLine(
      known,
      now,
      outcome.kind === 'failed' ? 'bad' : 'act',
      `${describeOutcome(outcome)}.`,
    );
    if (record.incident.state.kind !== 'healing' || record.acting?.plan.actionId !== plan.actionId)
      return told;
    if (!text.heals) {
      const next = withState({ ...told, acting: null }, { kind: 'open' });
      return withIncident(next, { rung: plan.rung + 1 });
    }
    const acting = { ...record.acting, endedAt: now };
    return withState(
      { ...told, acting },
      { kind: 'verifying', actionId: plan.actionId, until: after(now, within) },
    );
  });
  // Certainly nothing was done, so there is nothing to verify: the same rung waits.
  if (!ran) await holdBack(core, id, describeOutcome(outcome));
}

/** Writes the outcome to the attempt, and keeps what can be taken back. */
export function withOutcome(
  record: IncidentRecord,
  plan: ActionPlan,
  outcome: Outcome,
  now: EpochMs,
): IncidentRecord {
  const attempts = record.incident.attempts.map((attempt) =>
    attempt.actionId === plan.actionId ? { ...attempt, outcome, finishedAt: now } : attempt,
  );
  const mayHaveRun = outcome.kind === 'succeeded' || outcome.kind === 'unknown';
  const undoable = plan.undo === null || !mayHaveRun ? [] : [{ plan, dueAt: dueOf(plan, now) }];
  return withIncident({ ...record, undoable: [...record.undoable, ...undoable] }, { attempts });
}

/** A rate limit ends by itself; the rest is taken back when it made things worse, or by a person. */
function dueOf({ action }: ActionPlan, now: EpochMs): EpochMs | null {
  return action.kind === 'rate_limit' ? after(now, action.span) : null;
}

/** The host is free again: whoever waited for that is looked at now. */
export function wakeHeld(core: Core, except: string): void {
  for (const { incident } of core.incidents.records()) {
    if (incident.id === except || incident.state.kind !== 'held' || incident.state.gate !== 'blast_radius')
      continue;
    core.nextLook.set(incident.id, core.deps.clock.monotonic());
    core.poke(incident.id);
  }
}
