/** What people look at: the plan of an incident, the strategies, which rungs can run here, and what the night came to. */
import { compareSeverity } from '../../domain/anomaly.ts';
import type { HealPlan, IncidentFilter, RungCheck, StrategyView, Tonight } from '../../domain/controls.ts';
import { gravest, type Incident, isLive } from '../../domain/incident.ts';
import type { Attempt, Strategy } from '../../domain/strategy.ts';
import { type EpochMs, incidentId, ms } from '../../domain/units.ts';
import { judge } from '../guard.ts';
import { ERRAND_PREFIX } from '../incident-record.ts';
import { makePlan } from '../planner.ts';
import type { Core } from './core.ts';
import { planFor, subjectOf } from './proceed.ts';
import { autonomyOf, situationOf } from './situation.ts';

/** Nights begin here, in local time. */
const EVENING_HOUR = 18;

export function listIncidents({ incidents }: Core, filter: IncidentFilter): readonly Incident[] {
  const open = incidents.records().map(({ incident }) => incident);
  const ids = new Set(open.map(({ id }) => id));
  const all = [...open, ...incidents.closed().filter(({ id }) => !ids.has(id))];
  return all
    .filter((incident) => fits(incident, filter))
    .sort((a, b) => Number(isLive(b)) - Number(isLive(a)) || rank(a, b) || b.openedAt - a.openedAt)
    .slice(0, filter.limit);
}

function rank(a: Incident, b: Incident): number {
  return isLive(a) && isLive(b) ? compareSeverity(b.severity, a.severity) : 0;
}

function fits(incident: Incident, { state, severity, target, since }: IncidentFilter): boolean {
  const isState = state === 'live' ? isLive(incident) : state === undefined || incident.state.kind === state;
  return (
    isState &&
    (severity === undefined || incident.severity === severity) &&
    (target === undefined || incident.target === target) &&
    (since === undefined || incident.updatedAt >= since)
  );
}

export function healHistory(
  core: Core,
  filter: { readonly target?: string; readonly limit: number },
): readonly (Attempt & { readonly incidentId: string })[] {
  return listIncidents(core, { limit: Number.MAX_SAFE_INTEGER })
    .flatMap(({ id, attempts }) => attempts.map((attempt) => ({ ...attempt, incidentId: id })))
    .filter((attempt) => filter.target === undefined || attempt.target === filter.target)
    .sort((a, b) => b.startedAt - a.startedAt)
    .slice(0, filter.limit);
}

/** Every rung that can run here with the gate that is shut for it now; the others are named in the note. */
export function healPlan(core: Core, id: string): HealPlan | undefined {
  const record = core.incidents.get(id);
  if (record === undefined) return undefined;
  const { incident } = record;
  const subject = subjectOf(core, record);
  if (subject === null) return { incident, strategy: null, rungs: [], note: 'No strategy answers this.' };
  const { strategy, anomaly } = subject;
  const now = core.deps.clock.now();
  const planned = strategy.actions.map((_, rung) => ({
    rung,
    planned: planFor(core, record, { ...subject, rung }),
  }));
  const rungs = planned.flatMap(({ rung, planned: made }) => {
    if (made === null || made.kind === 'cannot') return [];
    const { plan, text } = made;
    const refusal = judge(
      situationOf(core, { plan, text, strategy, anomaly, byHand: false, isApproved: false }, now),
    );
    return [{ plan, refusal, next: isLive(incident) && rung === subject.rung }];
  });
  const missing = planned.flatMap(({ rung, planned: made }) =>
    made?.kind === 'cannot'
      ? [`${strategy.actions[rung]?.kind ?? 'step'} cannot run here: ${made.reason}.`]
      : [],
  );
  return { incident, strategy: strategy.name, rungs, note: missing.join(' ') };
}

export function listStrategies(core: Core): readonly StrategyView[] {
  return core.deps.config.current().strategies.map((strategy) => ({
    name: strategy.name,
    enabled: core.switches.isEnabled(strategy.name, strategy.enabled),
    autonomy: autonomyOf(core, strategy, null),
    locked: core.switches.autonomy(strategy.name, null) !== null,
    matches: describeMatch(strategy),
    rungs: strategy.actions.map((action) =>
      action.target === null ? action.kind : `${action.kind} on ${action.target}`,
    ),
  }));
}

function describeMatch({ match }: Strategy): string {
  const parts = [
    match.kinds.join(', '),
    match.targets.length > 0 ? `on ${match.targets.join(', ')}` : '',
    match.metrics.length > 0 ? `of ${match.metrics.join(', ')}` : '',
    match.minSeverity === 'critical' ? 'when critical' : '',
  ];
  return parts.filter((part) => part !== '').join(' ');
}

/** Each rung on each target it could meet: can it run here, and why not? */
/** What it takes to say which rungs can run here: no state, so it also works where no bot runs. */
export interface RungDoors {
  readonly deps: Pick<Core['deps'], 'targets' | 'config' | 'host' | 'clock' | 'random'>;
  readonly actions: Core['actions'];
}

export function checkRungs(core: RungDoors): readonly RungCheck[] {
  const names = core.deps.targets.names();
  return core.deps.config.current().strategies.flatMap((strategy) => {
    const wanted = strategy.match.targets.length > 0 ? strategy.match.targets : names;
    const targets: readonly (string | null)[] = wanted.length > 0 ? wanted : [null];
    return targets.flatMap((target) =>
      strategy.actions.map((_, rung) => checkRung(core, strategy, rung, target)),
    );
  });
}

function checkRung(core: RungDoors, strategy: Strategy, rung: number, target: string | null): RungCheck {
  const action = strategy.actions[rung];
  const base = {
    strategy: strategy.name,
    target: target ?? core.deps.host,
    rung,
    action: action?.kind ?? '',
  };
  if (action === undefined) return { ...base, runnable: false, reason: 'there is no such step' };
  const planned = makePlan(
    { incidentId: incidentId('inc-check'), strategy, rung, action, target, now: core.deps.clock.now() },
    { actions: core.actions, targets: core.deps.targets, random: core.deps.random, attempts: () => [] },
  );
  return planned.kind === 'plan'
    ? { ...base, runnable: true, reason: planned.plan.effect }
    : { ...base, runnable: false, reason: planned.reason };
}

/** Since the last evening: what was found, what healed without anybody, and how often people were called. */
export function tonight(core: Core): Tonight {
  const since = lastEvening(core.deps.clock.now(), core.deps.timezone);
  const all = listIncidents(core, { limit: Number.MAX_SAFE_INTEGER });
  return {
    since,
    found: all.filter(
      (one) => one.openedAt >= since && gravest(one) !== 'info' && !one.fingerprint.startsWith(ERRAND_PREFIX),
    ).length,
    healed: all.filter(
      ({ state }) => state.kind === 'resolved' && state.how === 'healed' && state.at >= since,
    ).length,
    paged: all.filter(({ pagedAt }) => pagedAt !== null && pagedAt >= since).length,
  };
}

function lastEvening(now: EpochMs, timezone: string): EpochMs {
  const parts = new Intl.DateTimeFormat('en-US', {
    timeZone: timezone,
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  }).formatToParts(now);
  const part = (type: string): number => Number(parts.find((found) => found.type === type)?.value ?? 0);
  const passed = (part('hour') - EVENING_HOUR + 24) % 24;
  return (now - ms((passed * 60 + part('minute')) * 60_000) - (now % 60_000)) as EpochMs;
}
