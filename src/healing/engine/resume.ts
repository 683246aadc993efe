/**
 * The first thing after a start: what a crash or a stop left half done is brought to a known state. Intents without
 * an outcome get one, attempts that were not charged are charged, what may have run is verified and never repeated.
 */
import { describeError } from '../../domain/errors.ts';
import { isLive } from '../../domain/incident.ts';
import type { Outcome } from '../../domain/strategy.ts';
import { after, before, days, type EpochMs, elapsed, type Ms, seconds } from '../../domain/units.ts';
import { NIGHTSHIFT } from '../actors.ts';
import { line } from '../executor.ts';
import { type Acting, type IncidentRecord, withIncident, withLine, withState } from '../incident-record.ts';
import { type IntentFound, readIntents } from '../recovery.ts';
import { newAttempt, withOutcome } from './act.ts';
import type { Core } from './core.ts';
import { withEscalation } from './paging.ts';
import { verifyWithin } from './windows.ts';

const LOOK_BACK: Ms = days(3);
const MOST_LINES = 5_000;
/** A request this young may be on its way to its incident. */
const STILL_ASKING: Ms = seconds(30);
const LOST: Outcome = { kind: 'unknown', reason: 'Nightshift was interrupted while it ran' };

/** @throws OpsError `AUDIT_UNWRITABLE` when an outcome cannot be written: then healing must not begin. */
export async function resume(core: Core): Promise<void> {
  for (const intent of await readLog(core)) await settle(core, intent);
  await extendVerifications(core);
  await dropOrphanedRequests(core);
}

async function readLog({ deps }: Core): Promise<readonly IntentFound[]> {
  const since = before(deps.clock.now(), LOOK_BACK);
  const intents = await deps.audit.query({ kind: 'intent', since, limit: MOST_LINES });
  const outcomes = await deps.audit.query({ kind: 'outcome', since, limit: MOST_LINES });
  return readIntents([...intents, ...outcomes]);
}

async function settle(core: Core, intent: IntentFound): Promise<void> {
  const { deps, ledger } = core;
  const { plan, isInverse, approvalId } = intent;
  if (intent.outcome === null) {
    const order = { actor: NIGHTSHIFT, dryRun: false, inverse: isInverse, approvalId };
    const text = `Unknown whether it was done, Nightshift was interrupted: ${plan.effect}`;
    await deps.audit.append({
      ...line('outcome', text, plan, order),
      data: { outcome: LOST, inverse: isInverse },
    });
    deps.log.warn('an action was interrupted', { actionId: plan.actionId, incidentId: plan.incidentId });
  }
  if (isInverse) {
    if (intent.outcome === null) await tellInverse(core, intent);
    return;
  }
  // A ledger that was rolled back or never written: the log knows better.
  const mayHaveRun = intent.outcome === null || !isLeftUndone(intent.outcome);
  if (mayHaveRun && !ledger.isCharged(plan.actionId)) await ledger.charge(plan, intent.at);
  const known = core.incidents.get(plan.incidentId)?.incident.attempts;
  const isSettled = known?.some((attempt) => attempt.actionId === plan.actionId && attempt.outcome !== null);
  if (known === undefined || isSettled === true) return;
  const now = deps.clock.now();
  await core.incidents.change(plan.incidentId, (record) => brought(core, record, intent, now));
}

/** The record of an incident with an attempt whose end it does not know. */
function brought(core: Core, record: IncidentRecord, intent: IntentFound, now: EpochMs): IncidentRecord {
  const { plan } = intent;
  const known = record.incident.attempts.find(({ actionId }) => actionId === plan.actionId);
  if (known !== undefined && known.outcome !== null) return record;
  const outcome = intent.outcome ?? LOST;
  if (isLeftUndone(outcome) && known === undefined) return record;

  const listed =
    known === undefined
      ? withIncident(record, { attempts: [...record.incident.attempts, newAttempt(plan, intent.at)] })
      : record;
  const told = withLine(withOutcome(listed, plan, outcome, now), now, 'bad', sentence(outcome, plan.effect));
  if (!isLive(record.incident)) return told;
  if (isLeftUndone(outcome)) return withState({ ...told, acting: null }, { kind: 'open' });
  const acting = {
    ...(record.acting?.plan.actionId === plan.actionId ? record.acting : actingFor(record, intent)),
    endedAt: now,
  };
  return withState(withIncident({ ...told, acting }, { strategy: plan.strategy, rung: plan.rung }), {
    kind: 'verifying',
    actionId: plan.actionId,
    until: after(now, verifyWithin(core.deps, plan.strategy)),
  });
}

function actingFor({ incident }: IncidentRecord, { plan, at }: IntentFound): Acting {
  const anomaly = incident.anomalies.find(({ target }) => target === plan.target) ?? incident.anomalies[0];
  return {
    plan,
    fingerprint: anomaly?.fingerprint ?? incident.fingerprint,
    metric: anomaly?.evidence.metric ?? '',
    severity: anomaly?.severity ?? incident.severity,
    startedAt: at,
    endedAt: null,
    byHand: false,
  };
}

/** The outcome line itself says that the action was never begun. */
function isLeftUndone(outcome: Outcome): boolean {
  return outcome.kind === 'failed' && outcome.reason.startsWith('not run:');
}

function sentence(outcome: Outcome, effect: string): string {
  if (outcome.kind !== 'unknown') return `Nightshift was interrupted after: ${effect}. It is verified now.`;
  return `Nightshift was interrupted; unknown whether it was done: ${effect}. It is verified, not repeated.`;
}

async function tellInverse(core: Core, { plan }: IntentFound): Promise<void> {
  const now = core.deps.clock.now();
  await core.incidents.change(plan.incidentId, (record) => {
    const told = withLine(
      record,
      now,
      'bad',
      `Nightshift was interrupted; unknown whether it was undone: ${plan.effect}.`,
    );
    return withEscalation(core, told, `unknown whether it was undone: ${plan.effect}`, now);
  });
}

/** Time in which nobody looked is not time in which evidence could come. */
async function extendVerifications(core: Core): Promise<void> {
  const now = core.deps.clock.now();
  await core.incidents.changeAll((records) =>
    records.map((record) => {
      const { state } = record.incident;
      if (state.kind !== 'verifying' || record.acting === null) return record;
      const until = after(now, verifyWithin(core.deps, record.acting.plan.strategy));
      return state.until >= until ? record : withState(record, { ...state, until });
    }),
  );
}

/** A request that no incident waits for was cut off before anybody saw it; called now and then as well. */
export async function dropOrphanedRequests(core: Core): Promise<void> {
  const now = core.deps.clock.now();
  for (const approval of core.approvals.list('pending')) {
    const state = core.incidents.get(approval.incidentId)?.incident.state;
    if (state?.kind === 'awaiting_approval' && state.approvalId === approval.id) continue;
    if (core.isResumed() && elapsed(approval.requestedAt, now) < STILL_ASKING) continue;
    try {
      await core.approvals.void(approval.id, 'Nightshift was interrupted while asking');
    } catch (cause) {
      core.deps.log.error('request could not be voided', { error: describeError(cause) });
    }
  }
}
