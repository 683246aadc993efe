/**
 * TargetThrottle over the drivers: which way of slowing fits which target. What has processes of its own is made nice;
 * a cache is cleared as its driver clears it. A critical target is never among them.
 */
import type { Outcome } from '../../domain/strategy.ts';
import type { TargetThrottle, ThrottleAnswer, ThrottleNeed, ThrottlePlan } from '../../domain/throttle.ts';
import { failed } from './driver.ts';
import {
  type ProcessThrottleDeps,
  planProcesses,
  processesHold,
  releaseProcesses,
  slowProcesses,
} from './process-throttle.ts';
import type { Targets } from './registry.ts';

export interface ThrottleDoors extends ProcessThrottleDeps {
  readonly targets: Pick<Targets, 'get' | 'names'>;
}

export function createTargetThrottle(deps: ThrottleDoors): TargetThrottle {
  const pidsOf = (target: string): readonly number[] => deps.targets.get(target)?.state().pids ?? [];
  return {
    targets: () => deps.targets.names().filter((name) => deps.targets.get(name)?.target.critical === false),
    slow: (target, need) => planSlow(target, need, pidsOf(target), deps),
    clearCache: async (target) => planClear(target, deps),
    holds: (plan) => plan.token['kind'] !== 'processes' || processesHold(plan, pidsOf(plan.target)),
    async apply(plan, signal) {
      if (isCritical(plan.target, deps)) return failed(`${plan.target} is critical`);
      if (plan.measure === 'clear_cache') return clear(plan, signal, deps);
      return slowProcesses(plan, deps);
    },
    release: (plan) => releaseProcesses(plan, deps),
  };
}

async function planSlow(
  target: string,
  need: ThrottleNeed,
  pids: readonly number[],
  deps: ThrottleDoors,
): Promise<ThrottleAnswer> {
  const kind = deps.targets.get(target)?.target.kind;
  if (kind === undefined) return { kind: 'cannot', reason: `there is no target ${target}` };
  if (kind !== 'process') return { kind: 'cannot', reason: `a target of kind ${kind} cannot be slowed here` };
  if (need === 'memory') return { kind: 'cannot', reason: 'being nice does not free memory' };
  return planProcesses(target, pids, deps);
}

function planClear(target: string, deps: ThrottleDoors): ThrottleAnswer {
  const text = deps.targets.get(target)?.describe({ capability: 'clear_cache' });
  if (text === undefined) return { kind: 'cannot', reason: `there is no target ${target}` };
  if (text.kind === 'cannot') return text;
  const token = { kind: 'clear_cache' };
  return { kind: 'can', plan: { target, measure: 'clear_cache', effect: text.effect, undo: null, token } };
}

async function clear(plan: ThrottlePlan, signal: AbortSignal, deps: ThrottleDoors): Promise<Outcome> {
  const driver = deps.targets.get(plan.target);
  return driver === undefined
    ? failed(`there is no target ${plan.target}`)
    : driver.perform({ capability: 'clear_cache' }, signal);
}

function isCritical(target: string, deps: ThrottleDoors): boolean {
  return deps.targets.get(target)?.target.critical !== false;
}
