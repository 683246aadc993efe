/** `heal run`: a person asks for a step now, for an incident or for a strategy on a target. */
import { type Anomaly, fingerprintOf } from '../../domain/anomaly.ts';
import type { Actor } from '../../domain/approval.ts';
import type { ControlResult } from '../../domain/controls.ts';
import { describeError } from '../../domain/errors.ts';
import { isLive } from '../../domain/incident.ts';
import type { Strategy } from '../../domain/strategy.ts';
import { type EpochMs, ms } from '../../domain/units.ts';
import { actorName } from '../actors.ts';
import { judge } from '../guard.ts';
import { type IncidentRecord, newRecord, withLine } from '../incident-record.ts';
import { newIncidentId } from '../incidents.ts';
import { leadsOf } from '../leads.ts';
import { makePlan } from '../planner.ts';
import { act } from './act.ts';
import { ask } from './ask.ts';
import { liveRecords, note, notFound } from './by-hand.ts';
import type { Core } from './core.ts';
import { logRefusal } from './hold.ts';
import { subjectOf } from './proceed.ts';
import { type Proposed, situationOf } from './situation.ts';
import type { StepQueue } from './step-queue.ts';

export interface HealRequest {
  readonly id?: string;
  readonly strategy?: string;
  readonly target?: string;
}

interface Wanted {
  readonly strategy: Strategy;
  readonly rung: number;
  readonly anomaly: Anomaly;
}

export async function runHeal(
  core: Core,
  queue: StepQueue,
  request: HealRequest,
  by: Actor,
  reason: string,
  dryRun: boolean,
): Promise<ControlResult> {
  const found = findRecord(core, request, by);
  if (found.kind !== 'found') return found.result;
  const { record } = found;
  if (dryRun) return preview(core, record, request);
  const { id } = record.incident;
  return new Promise((answer, fail) => {
    // The person hears at once whether it runs; the action itself goes on in the queue of the incident.
    const job = async (): Promise<void> => {
      if (found.isNew) await core.incidents.changeAll((records) => [...records, record]);
      await note(core, id, by, `Heal run${reason === '' ? '' : `: ${reason}`}`);
      await runNow(core, id, request, by, answer);
      core.poke(id);
    };
    queue.run(id, job).catch((cause: unknown) => {
      core.deps.log.error('heal run failed', { incidentId: id, error: describeError(cause) });
      fail(cause);
    });
  });
}

async function runNow(
  core: Core,
  id: string,
  request: HealRequest,
  by: Actor,
  answer: (result: ControlResult) => void,
): Promise<void> {
  const record = core.incidents.get(id);
  const proposed = record === undefined ? 'it is gone' : propose(core, record, request);
  if (typeof proposed === 'string') {
    answer({ kind: 'refused', reason: proposed });
    return;
  }
  const { plan } = proposed;
  const refusal = judge(situationOf(core, proposed, core.deps.clock.now()));
  if (refusal === null) {
    answer({ kind: 'done', text: `Running: ${plan.effect}. The result is verified and told in the thread.` });
    await act(core, id, proposed, { actor: actorName(by), approvalId: null });
    return;
  }
  if (refusal.gate === 'approval') {
    const approval = await ask(core, id, proposed, by);
    const asked: ControlResult = { kind: 'done', text: `Asked for a yes: ${plan.effect}` };
    answer(approval === null ? { kind: 'refused', reason: 'the incident ended' } : asked);
    return;
  }
  await logRefusal(core, id, refusal, plan);
  const isDry = refusal.gate === 'mode';
  answer(
    isDry
      ? { kind: 'would', text: plan.effect }
      : { kind: 'refused', reason: `${refusal.gate}: ${refusal.reason}` },
  );
}

function preview(core: Core, record: IncidentRecord, request: HealRequest): ControlResult {
  const proposed = propose(core, record, request);
  if (typeof proposed === 'string') return { kind: 'refused', reason: proposed };
  const refusal = judge(situationOf(core, proposed, core.deps.clock.now()));
  const then = refusal === null ? '' : ` (${refusal.gate}: ${refusal.reason})`;
  return { kind: 'would', text: `${proposed.plan.effect}${then}` };
}

/** The plan of what was asked for, or why there is none. */
function propose(core: Core, record: IncidentRecord, request: HealRequest): Proposed | string {
  const { incident } = record;
  if (!isLive(incident)) return `${incident.id} is over already`;
  if (incident.state.kind === 'healing' || incident.state.kind === 'verifying')
    return 'an action is under way already';
  if (incident.state.kind === 'awaiting_approval') return 'it waits for a yes already';
  const wanted = wantedFor(core, record, request);
  if (typeof wanted === 'string') return wanted;
  const { strategy, rung, anomaly } = wanted;
  const action = strategy.actions[rung];
  if (action === undefined) return `${strategy.name} has nothing left to try`;
  const planned = makePlan(
    {
      incidentId: incident.id,
      strategy,
      rung,
      action,
      target: request.target ?? anomaly.target,
      now: core.deps.clock.now(),
    },
    {
      actions: core.actions,
      targets: core.deps.targets,
      random: core.deps.random,
      attempts: () => core.ledger.attempts(),
    },
  );
  if (planned.kind === 'cannot') return `${action.kind} cannot run here: ${planned.reason}`;
  return { plan: planned.plan, text: planned.text, strategy, anomaly, byHand: true, isApproved: false };
}

function wantedFor(core: Core, record: IncidentRecord, request: HealRequest): Wanted | string {
  const lead = leadsOf(record, core.deps.targets.graph())[0];
  if (request.strategy === undefined) {
    const subject = subjectOf(core, record);
    return subject ?? 'no strategy answers this; name one';
  }
  const strategy = core.deps.config.current().strategies.find(({ name }) => name === request.strategy);
  if (strategy === undefined) return `there is no strategy ${request.strategy}`;
  if (lead === undefined) return 'it has no anomaly to verify against';
  const rung = record.incident.strategy === strategy.name ? record.incident.rung : 0;
  return { strategy, rung: rung < strategy.actions.length ? rung : 0, anomaly: lead };
}

type Found =
  | { readonly kind: 'found'; readonly record: IncidentRecord; readonly isNew: boolean }
  | { readonly kind: 'none'; readonly result: ControlResult };

function findRecord(core: Core, request: HealRequest, by: Actor): Found {
  const none = (result: ControlResult): Found => ({ kind: 'none', result });
  if (request.id !== undefined) {
    const record = core.incidents.get(request.id);
    return record === undefined ? none(notFound(request.id)) : { kind: 'found', record, isNew: false };
  }
  const { target, strategy } = request;
  if (target === undefined)
    return none({ kind: 'refused', reason: 'name an incident, or a strategy and a target' });
  const live = liveRecords(core).find(({ incident }) => incident.target === target);
  if (live !== undefined) return { kind: 'found', record: live, isNew: false };
  const known = core.deps.config.current().strategies.find(({ name }) => name === strategy);
  if (known === undefined) {
    const reason =
      strategy === undefined
        ? `nothing is wrong with ${target}; name a strategy`
        : `there is no strategy ${strategy}`;
    return none({ kind: 'not_found', reason });
  }
  if (core.deps.targets.get(target) === undefined)
    return none({ kind: 'not_found', reason: `there is no target ${target}` });
  return { kind: 'found', record: recordByHand(core, known, target, by), isNew: true };
}

/** An incident of its own for work that no anomaly asked for: its thread and its log hold what was done. */
function recordByHand(core: Core, strategy: Strategy, target: string, by: Actor): IncidentRecord {
  const { deps, incidents } = core;
  const now = deps.clock.now();
  const taken = (id: string): boolean =>
    incidents.get(id) !== undefined || incidents.closed().some((past) => past.id === id);
  const id = newIncidentId((bytes) => deps.random.hex(bytes), taken);
  const anomaly = syntheticAnomaly(core, strategy, target, now);
  const fresh = newRecord(id, anomaly, now, { title: `${strategy.name} on ${target}, by hand`, target });
  return withLine({ ...fresh, active: [], byHand: true }, now, 'note', `Asked for by ${by.display}.`);
}

function syntheticAnomaly({ deps }: Core, strategy: Strategy, target: string, now: EpochMs): Anomaly {
  const metric = `target_up:${target}`;
  const kind = strategy.match.kinds[0] ?? 'service_down';
  return {
    fingerprint: `${fingerprintOf(deps.host, target, kind)}/by-hand`,
    host: deps.host,
    target,
    kind,
    severity: 'info',
    witnesses: ['external'],
    confirmed: true,
    since: now,
    detectedAt: now,
    summary: `${strategy.name} was asked for on ${target}.`,
    evidence: {
      metric,
      value: deps.metrics.latest(metric)?.value ?? null,
      band: deps.metrics.band(metric),
      score: 0,
      lasted: ms(0),
      chart: [],
      topProcesses: [],
      causes: [],
    },
  };
}
