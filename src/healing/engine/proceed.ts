/**
 * The step of an incident that is open or held: what is the next rung, may it run, and if not, what then?
 */
import type { Anomaly } from '../../domain/anomaly.ts';
import { isLive } from '../../domain/incident.ts';
import type { Refusal, Strategy } from '../../domain/strategy.ts';
import { describeOutcome } from '../executor.ts';
import { dependencyRefusal, judge } from '../guard.ts';
import { type IncidentRecord, resolved, withIncident, withLine, withState } from '../incident-record.ts';
import { leadsOf } from '../leads.ts';
import { matchStrategy } from '../matcher.ts';
import { makePlan, type Planned } from '../planner.ts';
import { act, BY_ITSELF } from './act.ts';
import { ask } from './ask.ts';
import type { Core } from './core.ts';
import { hold, isDue, logRefusal } from './hold.ts';
import { escalate, isTried } from './paging.ts';
import { propose } from './propose.ts';
import { countRelapse } from './relapse.ts';
import { lookAround } from './sickness.ts';
import { dependencyOf, type Proposed, situationOf } from './situation.ts';
import { joinCommonCause, joinRoot } from './together.ts';

/** What is healed now: an anomaly, the strategy that answers it, and the rung that is next. */
export interface Subject {
  readonly anomaly: Anomaly;
  readonly strategy: Strategy;
  readonly rung: number;
}

export async function proceed(core: Core, id: string): Promise<void> {
  const record = core.incidents.get(id);
  if (record === undefined || !isLive(record.incident)) return;
  if (record.active.length === 0) {
    await recover(core, id);
    return;
  }
  if (record.incident.severity === 'info') return;
  await countRelapse(core, record);
  if (record.incident.state.kind === 'held' && !isDue(core, id)) return;

  const leads = leadsOf(record, core.deps.targets.graph());
  if (!leads.some(({ confirmed }) => confirmed)) return; // only said so far: it is acted on once it is sure
  const subject = subjectOf(core, record);
  if (subject === null) {
    await giveUp(core, record, 'no strategy answers this');
    return;
  }
  const planned = planFor(core, record, subject);
  if (planned === null) {
    await giveUp(core, record, 'nothing is left to try');
    return;
  }
  if (await waitsForDependency(core, id, subject, planned)) return;
  if (planned.kind === 'cannot') {
    await skip(core, id, subject, planned.reason);
    return;
  }
  await attempt(core, id, {
    plan: planned.plan,
    text: planned.text,
    strategy: subject.strategy,
    anomaly: subject.anomaly,
    byHand: false,
    isApproved: false,
  });
}

/** The best lead that any strategy answers; its ladder begins anew when it is not the one climbed so far. */
export function subjectOf(core: Core, record: IncidentRecord): Subject | null {
  const { strategies } = core.deps.config.current();
  const isEnabled = (strategy: Strategy): boolean => core.switches.isEnabled(strategy.name, strategy.enabled);
  for (const anomaly of leadsOf(record, core.deps.targets.graph())) {
    const strategy = anomaly.confirmed ? matchStrategy(anomaly, strategies, isEnabled) : null;
    if (strategy === null) continue;
    const rung = record.incident.strategy === strategy.name ? record.incident.rung : 0;
    return { anomaly, strategy, rung };
  }
  return null;
}

/** `null` at the end of the ladder. */
export function planFor(core: Core, record: IncidentRecord, subject: Subject): Planned | null {
  const { deps, actions, ledger } = core;
  const { strategy, rung, anomaly } = subject;
  const action = strategy.actions[rung];
  if (action === undefined) return null;
  return makePlan(
    { incidentId: record.incident.id, strategy, rung, action, target: anomaly.target, now: deps.clock.now() },
    { actions, targets: deps.targets, random: deps.random, attempts: () => ledger.attempts() },
  );
}

/**
 * What would only call people, or cannot run here, passes no gate; but nobody is called, and no rung given up, for
 * what a dependency explains. One that is unknown explains nothing.
 */
async function waitsForDependency(
  core: Core,
  id: string,
  { anomaly, strategy, rung }: Subject,
  planned: Planned,
): Promise<boolean> {
  if (planned.kind === 'plan' && planned.plan.action.kind !== 'alert') return false;
  const now = core.deps.clock.now();
  const { target } = anomaly;
  const dependency = dependencyOf(core, target, anomaly, lookAround(core, now));
  if (dependency === null || dependency.wellness === 'unknown') return false;
  if (dependency.wellness === 'sick' && (await joinRoot(core, id, dependency.name))) return true;
  const refusal = dependencyRefusal(target, dependency, now);
  const effect = planned.kind === 'plan' ? planned.plan.effect : (strategy.actions[rung]?.kind ?? '');
  if (await hold(core, id, refusal))
    await logRefusal(core, id, refusal, { target, strategy: strategy.name, effect });
  return true;
}

async function attempt(core: Core, id: string, proposed: Proposed): Promise<void> {
  const { plan } = proposed;
  // Calling people is what everything else leads to: no limit stands before it, only the dry run.
  if (plan.action.kind === 'alert' && core.switches.mode() === 'production') {
    await escalate(core, id, plan.action.message);
    return;
  }
  const now = core.deps.clock.now();
  const situation = situationOf(core, proposed, now);
  const refusal = judge(situation);
  if (refusal === null) {
    core.nextLook.delete(id);
    await act(core, id, proposed, BY_ITSELF);
    core.poke(id);
    return;
  }
  switch (refusal.gate) {
    case 'approval':
      await ask(core, id, proposed, null);
      return;
    case 'mode':
      await propose(
        core,
        id,
        proposed,
        refusal,
        judge({ ...situation, mode: 'production', autonomy: 'auto' }),
      );
      return;
    case 'dependency':
      if (!(await joinRoot(core, id, situation.dependency?.name ?? null)))
        await refuse(core, id, proposed, refusal);
      return;
    case 'blast_radius':
      if (situation.running === null && (await joinCommonCause(core, id, situation.commonCause))) return;
      await refuse(core, id, proposed, refusal);
      return;
    case 'attempts':
    case 'breaker':
      await logRefusal(core, id, refusal, about(proposed));
      await escalate(core, id, refusal.reason);
      return;
    default:
      await refuse(core, id, proposed, refusal);
  }
}

async function refuse(core: Core, id: string, proposed: Proposed, refusal: Refusal): Promise<void> {
  if (await hold(core, id, refusal)) await logRefusal(core, id, refusal, about(proposed));
}

function about({ plan }: Proposed): { target: string | null; strategy: string; effect: string } {
  return { target: plan.target, strategy: plan.strategy, effect: plan.effect };
}

/** A rung that cannot run here is said and passed over; it costs nothing. */
async function skip(core: Core, id: string, { strategy, rung }: Subject, reason: string): Promise<void> {
  const now = core.deps.clock.now();
  const kind = strategy.actions[rung]?.kind ?? 'this step';
  await core.incidents.change(id, (record) =>
    withIncident(withLine(record, now, 'note', `${kind} cannot run here: ${reason}.`), {
      strategy: strategy.name,
      rung: rung + 1,
    }),
  );
  core.poke(id);
}

/** The end of what healing may do. A warning that nothing was tried on stays a quiet thread. */
async function giveUp(core: Core, record: IncidentRecord, why: string): Promise<void> {
  const { id, severity } = record.incident;
  if (severity === 'critical' || isTried(record)) {
    await escalate(core, id, why);
    return;
  }
  const text = `Watching: ${why}.`;
  const isSaid = (latest: IncidentRecord): boolean =>
    latest.incident.timeline.some((line) => line.text === text && line.at >= latest.episodeAt);
  if (isSaid(record)) return;
  const now = core.deps.clock.now();
  await core.incidents.change(id, (latest) =>
    isSaid(latest) ? latest : withLine(withState(latest, { kind: 'open' }), now, 'note', text),
  );
}

/** It ended without us, or after a person had taken over; work by hand ends when its one step has. */
export async function recover(core: Core, id: string): Promise<void> {
  const now = core.deps.clock.now();
  const approval = pendingApproval(core, id);
  if (approval !== null) await core.approvals.void(approval, 'the trouble is over');
  await core.incidents.change(id, (record) => {
    if (record.active.length > 0) return record;
    if (!record.byHand) return resolved(record, 'recovered', 'it came back to normal on its own', now);
    const last = record.incident.attempts.at(-1);
    const why =
      last?.outcome === null || last === undefined ? 'it was not carried out' : describeOutcome(last.outcome);
    return resolved(record, 'by_hand', why, now);
  });
}

function pendingApproval(core: Core, id: string): string | null {
  const state = core.incidents.get(id)?.incident.state;
  return state?.kind === 'awaiting_approval' ? state.approvalId : null;
}
