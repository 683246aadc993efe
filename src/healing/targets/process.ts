/** Targets of kind `process`: workers of ours, reached through their supervisor, which audits and counts itself. */
import type { Outcome } from '../../domain/strategy.ts';
import type { Capability, ProcessTarget, TargetState } from '../../domain/target.ts';
import type { WorkerChange, WorkerPool, WorkerState, WorkerStatus } from '../../domain/worker.ts';
import {
  type CapabilityCall,
  type CapabilityText,
  cannot,
  failed,
  succeeded,
  type TargetDriver,
} from './driver.ts';

const BY = 'nightshift';
const CAN: readonly Capability[] = ['restart', 'scale'];

export function createProcessDriver(target: ProcessTarget, pool: WorkerPool): TargetDriver {
  const { worker } = target;
  const instances = (): readonly WorkerStatus[] => pool.list().filter((status) => status.worker === worker);

  return {
    target,
    capabilities: () => CAN,
    describe: (call) => describe(call, target, instances().length),
    async perform(call, signal) {
      if (call.capability === 'restart') return toOutcome(await pool.restart(worker, BY, signal));
      if (call.capability !== 'scale') return failed(`a worker has no ${call.capability}`);
      return toOutcome(await pool.scale(worker, instances().length + call.by, BY));
    },
    async undo(call) {
      if (call.capability !== 'scale') return failed(`${call.capability} of a worker has no inverse`);
      return toOutcome(await pool.scale(worker, Math.max(1, instances().length - call.by), BY));
    },
    state: () => stateOf(target.name, instances()),
    refresh: () => Promise.resolve(),
  };
}

function describe(call: CapabilityCall, target: ProcessTarget, count: number): CapabilityText {
  if (!CAN.includes(call.capability)) return cannot(target, call.capability);
  if (count === 0) return { kind: 'cannot', reason: `the supervisor knows no worker ${target.worker}` };
  if (call.capability !== 'scale') {
    const effect = `stop worker ${target.worker} and start it again`;
    return { kind: 'can', effect, undo: null, idempotent: true, forks: true };
  }
  return {
    kind: 'can',
    effect: `start ${call.by} more of worker ${target.worker} (${count} now)`,
    undo: `stop ${call.by} of worker ${target.worker} again`,
    idempotent: false,
    forks: true,
  };
}

/** One sick instance makes the target sick; one of which nothing is known makes it unknown. */
function stateOf(name: string, instances: readonly WorkerStatus[]): TargetState {
  const views = instances.map(({ state }) => ({ up: upOf(state), reason: describeState(state) }));
  const worst = views.find((view) => view.up === false) ??
    views.find((view) => view.up === null) ??
    views[0] ?? { up: null, reason: 'not known to the supervisor' };
  return { name, up: worst.up, pids: instances.flatMap(({ state }) => pidsOf(state)), reason: worst.reason };
}

/** A person's stop is no trouble, and a start under way is not known yet: both are unknown, never down. */
function upOf(state: WorkerState): boolean | null {
  switch (state.kind) {
    case 'running':
      return true;
    case 'unhealthy':
    case 'backing_off':
    case 'gave_up':
      return false;
    case 'starting':
    case 'stopping':
    case 'stopped':
    case 'not_started':
      return null;
  }
}

function pidsOf(state: WorkerState): readonly number[] {
  return 'pid' in state ? [state.pid] : [];
}

function describeState(state: WorkerState): string {
  switch (state.kind) {
    case 'unhealthy':
    case 'backing_off':
    case 'gave_up':
    case 'not_started':
      return state.reason;
    case 'stopped':
      return `stopped by ${state.by}`;
    case 'starting':
    case 'running':
    case 'stopping':
      return state.kind;
  }
}

function toOutcome(change: WorkerChange): Outcome {
  switch (change.kind) {
    case 'done':
      return succeeded(change.text);
    case 'refused':
      return failed(`the supervisor refused: ${change.reason}`);
    case 'failed':
      return failed(change.reason);
    case 'not_found':
      return failed('the supervisor knows no such worker');
  }
}
