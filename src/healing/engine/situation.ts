/** Gathers everything the guard asks for, in one turn without an await, so that the picture is of one moment. */
import type { Anomaly } from '../../domain/anomaly.ts';
import type { ActionPlan, Strategy } from '../../domain/strategy.ts';
import type { EpochMs } from '../../domain/units.ts';
import type { ActionText } from '../actions/action.ts';
import { judgeAutonomy } from '../autonomy.ts';
import { type CommonCause, findCommonCause } from '../blast-radius.ts';
import { judgeBreaker } from '../breaker.ts';
import { sickRootOf } from '../dependencies.ts';
import { whyUnknown } from '../evidence.ts';
import type { GuardInput, SickDependency } from '../guard.ts';
import { activeAnomalies } from '../incident-record.ts';
import { findInterlock } from '../interlocks.ts';
import type { Core } from './core.ts';
import { lookAround, type Sickness } from './sickness.ts';

export interface Proposed {
  readonly plan: ActionPlan;
  readonly text: ActionText;
  readonly strategy: Strategy;
  readonly anomaly: Anomaly;
  /**
   * A person asked for it: they have eyes of their own, so stale data, a suggestion and a maintenance window do not
   * stop them. Every limit does.
   */
  readonly byHand: boolean;
  readonly isApproved: boolean;
}

export function situationOf(core: Core, proposed: Proposed, now: EpochMs): GuardInput {
  const { deps, ledger, switches, lane } = core;
  const { plan, text, strategy, anomaly, byHand } = proposed;
  const config = deps.config.current();
  const { limits } = config;
  const sickness = lookAround(core, now);
  const autonomy = byHand ? 'auto' : autonomyOf(core, strategy, plan.target);
  return {
    now,
    act: {
      strategy: strategy.name,
      kind: plan.action.kind,
      target: plan.target,
      effect: plan.effect,
      critical: plan.critical,
      forks: text.forks,
      touches: text.touches,
    },
    freeze: switches.freeze(),
    mode: switches.mode(),
    autonomy,
    unknown: byHand ? null : unknownOf(core, anomaly, now),
    interlock: interlockOf(core, plan.target, byHand, now),
    dependency: byHand
      ? sickRoot(core, plan.target, sickness)
      : dependencyOf(core, plan.target, anomaly, sickness),
    allowListed: plan.target !== null && config.criticalAllowList.includes(plan.target),
    attempts: ledger.attempts(),
    limits: {
      gracePeriod: strategy.gracePeriod,
      maxAttemptsPerHour: strategy.maxAttemptsPerHour,
      perTargetPerHour: limits.perTargetPerHour,
      perHostPerHour: limits.perHostPerHour,
      minFreeDisk: limits.selfProtection.minFreeDisk,
      maxPids: limits.selfProtection.maxPids,
    },
    breaker: judgeBreaker(ledger.breaker(strategy.name, plan.target), limits.breaker, now),
    running: lane.running(),
    commonCause: lastingCause(core, plan.incidentId, now) ?? sickness.commonCause,
    self: deps.selfState(),
    auditWritable: deps.audit.isWritable() && core.isResumed(),
    approval: proposed.isApproved ? 'granted' : approvalOf(proposed, autonomy),
  };
}

/** What stands before healing `anomaly` by acting on `target`: a dependency that is not well, or was not a moment ago. */
export function dependencyOf(
  core: Core,
  target: string | null,
  anomaly: Anomaly,
  sickness: Sickness,
): SickDependency | null {
  const root = sickRoot(core, target, sickness);
  if (root?.wellness === 'sick') return root;
  const settling = sickness.settlingRoot(anomaly);
  return settling === null ? root : { name: settling, wellness: 'settling' };
}

function sickRoot({ deps }: Core, target: string | null, { wellness }: Sickness): SickDependency | null {
  return target === null ? null : sickRootOf(target, deps.targets.graph(), wellness);
}

export function autonomyOf(
  core: Core,
  strategy: Strategy,
  target: string | null,
): 'suggest' | 'ask' | 'auto' {
  const config = core.deps.config.current();
  return judgeAutonomy({
    strategy,
    target,
    locked: core.switches.autonomy(strategy.name, target),
    rules: config.autonomy,
    earned: config.earnedAutonomy,
    successes: core.ledger.successes(strategy.name, target),
  });
}

/** The incident of a common cause stays one while it holds, also when the minutes are over in which it began. */
function lastingCause({ deps, incidents }: Core, id: string, now: EpochMs): CommonCause | null {
  const record = incidents.get(id);
  if (record?.commonCause !== true) return null;
  const names = new Set(activeAnomalies(record).flatMap(({ target }) => (target === null ? [] : [target])));
  const sick = [...names].map((name) => ({ name, foundAt: now }));
  return findCommonCause(sick, deps.targets.names().length, deps.config.current().limits.blastRadius, now);
}

/** What only looks needs no yes, unless its rung says so. */
function approvalOf({ plan, text }: Proposed, autonomy: 'suggest' | 'ask' | 'auto'): 'needed' | 'not_needed' {
  if (text.needsApproval) return 'needed';
  return text.touches && (plan.critical || autonomy === 'ask') ? 'needed' : 'not_needed';
}

function unknownOf({ deps }: Core, anomaly: Anomaly, now: EpochMs): string | null {
  const up = anomaly.target === null ? null : (deps.targets.get(anomaly.target)?.state().up ?? null);
  const latest = deps.metrics.latest(anomaly.evidence.metric);
  return whyUnknown(anomaly, latest, up, now, deps.config.current().limits.staleAfter);
}

function interlockOf(
  core: Core,
  target: string | null,
  byHand: boolean,
  now: EpochMs,
): GuardInput['interlock'] {
  const { deps, switches } = core;
  const driver = target === null ? undefined : deps.targets.get(target);
  const known = driver?.target;
  const worker = known?.kind === 'process' ? known.worker : null;
  return findInterlock({
    target,
    now,
    timezone: deps.timezone,
    weekly: byHand ? [] : deps.config.current().maintenance,
    windows: byHand ? [] : switches.maintenance(),
    others: deps.interlocks(),
    workers: deps.pool.list().filter((status) => status.worker === worker),
    hold: driver?.state().hold ?? null,
  });
}
