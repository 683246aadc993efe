/**
 * The step of an incident whose action has ended: fresh evidence decides what comes next. Counted first, logged
 * second, then the incident moves; each of the three may be repeated after a crash and counts once.
 */
import { compareSeverity, type Severity } from '../../domain/anomaly.ts';
import { describeError } from '../../domain/errors.ts';
import type { Verification } from '../../domain/strategy.ts';
import { type EpochMs, type Ms, seconds } from '../../domain/units.ts';
import { NIGHTSHIFT } from '../actors.ts';
import {
  type Acting,
  activeAnomalies,
  type IncidentRecord,
  resolved,
  withIncident,
  withLine,
  withSeverity,
  withState,
} from '../incident-record.ts';
import { withLead } from '../leads.ts';
import { isBadAgain, isRecovered, judgeRecovery } from '../verifier.ts';
import type { Core } from './core.ts';
import { escalate, withEscalation } from './paging.ts';
import { undoWorse } from './undo.ts';

/** No verification waits longer, whatever a record says. */
const LONGEST: Ms = seconds(600);

interface Verdict {
  readonly verification: Verification;
  readonly why: string;
  /** What depends on the target broke. */
  readonly harmed: boolean;
}

const WORDS: Readonly<Record<Verification, string>> = {
  helped: 'Verified, it helped',
  no_effect: 'Verified, no effect',
  worse: 'Verified, it became worse',
  unknown: 'Could not be verified',
};

export async function verify(core: Core, id: string): Promise<void> {
  const record = core.incidents.get(id);
  if (record?.incident.state.kind !== 'verifying') return;
  const { acting } = record;
  if (acting === null || acting.endedAt === null) {
    await escalate(core, id, 'the record of its last action is incomplete');
    return;
  }
  const isOverdue = core.deadlines.isOver(`verify:${id}`, record.incident.state.until, LONGEST);
  const verdict = judgeNow(core, record, acting, acting.endedAt, isOverdue);
  if (verdict === null) return;
  if (verdict.verification === 'worse' && !(await undoWorse(core, id, acting.plan))) return;
  await count(core, id, acting, verdict);
  const now = core.deps.clock.now();
  await core.incidents.change(id, (latest) => move(core, latest, acting, verdict, now));
  core.deps.bus.publish({ type: 'action.verified', plan: acting.plan, verification: verdict.verification });
  core.poke(id);
}

/** `null` = wait. */
function judgeNow(
  core: Core,
  record: IncidentRecord,
  acting: Acting,
  endedAt: EpochMs,
  isOverdue: boolean,
): Verdict | null {
  const { metrics, targets } = core.deps;
  const { target } = acting.plan;
  const dependants = target === null ? [] : targets.graph().dependantsOf(target);
  // Sick before the action and only confirmed after it is no work of ours: fresh samples must say so too.
  const isNewlyCritical = (name: string): boolean =>
    [...metrics.activeAnomalies(), ...activeAnomalies(record)].some(
      ({ target: whose, severity, detectedAt, evidence }) =>
        whose === name &&
        severity === 'critical' &&
        detectedAt > acting.startedAt &&
        isBadAgain(metrics.judgedSince(evidence.metric, endedAt), endedAt),
    );
  const {
    verification,
    why,
    harmed = false,
  } = judgeRecovery({
    samples: metrics.judgedSince(acting.metric, endedAt),
    actionEndedAt: endedAt,
    isOverdue,
    severityBefore: acting.severity,
    severityNow: severityOf(core, record, acting),
    newlyCritical: dependants.filter(isNewlyCritical),
  });
  if (verification === 'waiting') return null;
  const isWaiting = verification === 'helped' && !isOverdue && stillSick(core, record, acting).length > 0;
  // What joined it may need a moment longer; healing goes on only with what has not recovered by then.
  return isWaiting ? null : { verification, why, harmed };
}

/** Of what joined the incident: what fresh samples have not shown to be well since the action ended. */
function stillSick({ deps }: Core, record: IncidentRecord, acting: Acting): readonly string[] {
  const since = acting.endedAt ?? acting.startedAt;
  return activeAnomalies(record)
    .filter(({ fingerprint }) => fingerprint !== acting.fingerprint)
    .filter(({ evidence }) => !isRecovered(deps.metrics.judgedSince(evidence.metric, since), since))
    .map(({ fingerprint }) => fingerprint);
}

/** The worst that is known of the anomaly now, by our record and by the monitor. */
function severityOf({ deps }: Core, record: IncidentRecord, { fingerprint, severity }: Acting): Severity {
  return [...activeAnomalies(record), ...deps.metrics.activeAnomalies()]
    .filter((anomaly) => anomaly.fingerprint === fingerprint)
    .reduce<Severity>(
      (worst, found) => (compareSeverity(found.severity, worst) > 0 ? found.severity : worst),
      severity,
    );
}

/** Breaker and trust, then the log. */
async function count(
  core: Core,
  id: string,
  { plan }: Acting,
  { verification, why }: Verdict,
): Promise<void> {
  const { deps, ledger } = core;
  await ledger.settle(plan.actionId, verification, deps.config.current().limits.breaker);
  try {
    await deps.audit.append({
      kind: 'verification',
      actor: NIGHTSHIFT,
      text: `${WORDS[verification]} (${why}): ${plan.effect}`,
      incidentId: id,
      actionId: plan.actionId,
      strategy: plan.strategy,
      ...(plan.target === null ? {} : { target: plan.target }),
      data: { verification, why },
    });
  } catch (cause) {
    deps.log.error('verification could not be logged', {
      actionId: plan.actionId,
      error: describeError(cause),
    });
  }
}

function move(
  core: Core,
  record: IncidentRecord,
  acting: Acting,
  verdict: Verdict,
  now: EpochMs,
): IncidentRecord {
  const { verification, why } = verdict;
  const { plan } = acting;
  if (record.incident.state.kind !== 'verifying' || record.acting?.plan.actionId !== plan.actionId)
    return record;
  const known = withVerification(record, acting, verification);
  const told = withLine(
    known,
    now,
    verification === 'helped' ? 'good' : 'bad',
    `${WORDS[verification]}: ${why}.`,
  );
  if (record.byHand)
    return resolved(told, 'by_hand', `${plan.effect}; ${WORDS[verification].toLowerCase()}`, now);
  switch (verification) {
    case 'helped':
      return afterHelp(core, told, acting, now);
    case 'no_effect':
      if (acting.byHand) return withEscalation(core, told, `${plan.effect} had no effect`, now);
      return nextRung(told, acting);
    case 'worse':
      return verdict.harmed || acting.byHand
        ? withEscalation(core, told, `${plan.effect} made it worse: ${why}`, now)
        : nextRung(told, acting);
    case 'unknown':
      if (told.active.length === 0) return resolved(told, 'recovered', 'it came back to normal', now);
      return withEscalation(core, told, `${plan.effect} could not be verified: ${why}`, now);
  }
}

function nextRung(record: IncidentRecord, { plan }: Acting): IncidentRecord {
  return withIncident(withState({ ...record, acting: null }, { kind: 'open' }), { rung: plan.rung + 1 });
}

function withVerification(
  record: IncidentRecord,
  { plan }: Acting,
  verification: Verification,
): IncidentRecord {
  return withIncident(record, {
    attempts: record.incident.attempts.map((attempt) =>
      attempt.actionId === plan.actionId ? { ...attempt, verification } : attempt,
    ),
  });
}

/** Healed when an action that is known to have run helped; what ended after an unknown one is over, no more. */
function afterHelp(core: Core, record: IncidentRecord, acting: Acting, now: EpochMs): IncidentRecord {
  const { plan } = acting;
  const active = stillSick(core, record, acting);
  const next = { ...record, active, acting: null };
  if (active.length > 0) {
    return withLead(withSeverity(withState(next, { kind: 'open' }), now), core.deps.targets.graph());
  }
  const outcome = record.incident.attempts.find(({ actionId }) => actionId === plan.actionId)?.outcome;
  return outcome?.kind === 'succeeded'
    ? resolved(next, 'healed', `${plan.effect} helped`, now)
    : resolved(next, 'recovered', `normal again; whether it was healing is not known (${plan.effect})`, now);
}
