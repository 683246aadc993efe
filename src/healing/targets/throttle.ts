/**
 * TargetThrottle over the drivers: which way of slowing fits which target. A unit and a container are held to less by
 * their supervisor; what has processes of its own is made nice; a cache is cleared as its driver clears it. A critical
 * target is never among them, nor one that is not on the list of the configuration.
 */
import type { Outcome } from '../../domain/strategy.ts';
import type {
  TargetThrottle,
  ThrottleAnswer,
  ThrottleLimits,
  ThrottleNeed,
  ThrottlePlan,
} from '../../domain/throttle.ts';
import { failed } from './driver.ts';
import {
  type ProcessThrottleDeps,
  planProcesses,
  processesHold,
  releaseProcesses,
  slowProcesses,
} from './process-throttle.ts';
import type { Targets } from './registry.ts';

/** A target that was slowed on the bus or at an engine and has been taken out of the configuration since. */
const GONE = 'it is not configured any more, so its limit has to be set back by hand';

export interface ThrottleDoors extends ProcessThrottleDeps {
  readonly targets: Pick<Targets, 'get' | 'names'>;
  readonly size: { readonly cores: number; readonly memoryBytes: number };
  /** Those that may be slowed; `null` = all that are not critical. */
  readonly allowed: () => readonly string[] | null;
  /** Those whose cache may be cleared. */
  readonly clearable: () => readonly string[];
}

export function createTargetThrottle(deps: ThrottleDoors): TargetThrottle {
  const pidsOf = (target: string): readonly number[] => deps.targets.get(target)?.state().pids ?? [];
  return {
    targets: () => deps.targets.names().filter((name) => whyNot(name, deps) === null),
    clearable: () => deps.clearable().filter((name) => deps.targets.get(name)?.target.critical === false),
    slow: (target, need, limits) => planSlow(target, need, limits, deps),
    clearCache: async (target) => planClear(target, deps),
    holds: (plan) => plan.token['kind'] !== 'processes' || processesHold(plan, pidsOf(plan.target)),
    async apply(plan, signal) {
      if (plan.measure === 'clear_cache') return clear(plan, signal, deps);
      const refusal = whyNot(plan.target, deps);
      if (refusal !== null) return failed(refusal);
      if (plan.token['kind'] === 'processes') return slowProcesses(plan, deps);
      return deps.targets.get(plan.target)?.slowing?.apply(plan, signal) ?? failed(GONE);
    },
    async release(plan, signal) {
      if (plan.token['kind'] === 'processes') return releaseProcesses(plan, deps);
      return deps.targets.get(plan.target)?.slowing?.release(plan, signal) ?? failed(GONE);
    },
  };
}

/** `null` = it may be slowed. */
function whyNot(target: string, { targets, allowed }: ThrottleDoors): string | null {
  const driver = targets.get(target);
  if (driver === undefined) return `there is no target ${target}`;
  if (driver.target.critical) return `${target} is critical`;
  return allowed()?.includes(target) === false ? `${target} is not on the list of what may be slowed` : null;
}

async function planSlow(
  target: string,
  need: ThrottleNeed,
  limits: ThrottleLimits,
  deps: ThrottleDoors,
): Promise<ThrottleAnswer> {
  const driver = deps.targets.get(target);
  if (driver === undefined) return { kind: 'cannot', reason: `there is no target ${target}` };
  const { pids } = driver.state();
  if (driver.slowing !== undefined) {
    const { cores, memoryBytes } = deps.size;
    return driver.slowing.plan({
      need,
      cores: limits.cpu === null ? null : limits.cpu * cores,
      memoryBytes: limits.memory === null ? null : limits.memory * memoryBytes,
      usedBytes: residentOf(pids, deps),
    });
  }
  const { kind } = driver.target;
  if (kind !== 'process' && kind !== 'pm2') {
    return { kind: 'cannot', reason: `a target of kind ${kind} cannot be slowed here` };
  }
  if (need === 'memory') return { kind: 'cannot', reason: 'being nice does not free memory' };
  return planProcesses(target, pids, deps);
}

/** Shared pages count for each process: too much is the safe side. `null` where one cannot be read. */
function residentOf(pids: readonly number[], { proc }: ThrottleDoors): number | null {
  if (pids.length === 0) return null;
  let sum = 0;
  for (const pid of pids) {
    const stat = proc.process(pid);
    if (stat === null) return null;
    sum += stat.resident;
  }
  return sum;
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
  if (driver === undefined) return failed(`there is no target ${plan.target}`);
  if (driver.target.critical) return failed(`${plan.target} is critical`);
  if (!deps.clearable().includes(plan.target))
    return failed(`the cache of ${plan.target} may not be cleared`);
  return driver.perform({ capability: 'clear_cache' }, signal);
}
