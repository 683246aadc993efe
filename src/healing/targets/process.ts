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
const NO_BOUNDS: InstanceBounds = { min: 1, max: Number.POSITIVE_INFINITY };

/** How many instances may run: what workers.json says, down to up. */
export interface InstanceBounds {
  readonly min: number;
  readonly max: number;
}

export function createProcessDriver(
  target: ProcessTarget,
  pool: WorkerPool,
  bounds: () => InstanceBounds = () => NO_BOUNDS,
): TargetDriver {
  const { worker } = target;
  const instances = (): readonly WorkerStatus[] => pool.list().filter((status) => status.worker === worker);

  return {
    target,
    capabilities: () => CAN,
    describe: (call) => describe(call, target, instances().length, bounds()),
    async perform(call, signal) {
      if (call.capability === 'restart') return toOutcome(await pool.restart(worker, BY, signal));
      if (call.capability !== 'scale') return failed(`a worker has no ${call.capability}`);
      const wanted = instances().length + call.by;
      // Somebody may have scaled it since the plan was made.
      if (wanted > bounds().max) return failed(tooMany(worker, wanted, bounds()));
      return toOutcome(await pool.scale(worker, wanted, BY));
    },
    async undo(call) {
      if (call.capability !== 'scale') return failed(`${call.capability} of a worker has no inverse`);
      const wanted = Math.max(bounds().min, instances().length - call.by);
      return toOutcome(await pool.scale(worker, wanted, BY));
    },
    state: () => stateOf(target.name, instances()),
    logLines: async (count) => (await pool.logs(worker, count)) ?? [],
    refresh: () => Promise.resolve(),
  };
}

function tooMany(worker: string, wanted: number, { max }: InstanceBounds): string {
  return `${worker} would run ${wanted} times, and at most ${max} are allowed`;
}

function describe(
  call: CapabilityCall,
  target: ProcessTarget,
  count: number,
  bounds: InstanceBounds,
): CapabilityText {
  if (!CAN.includes(call.capability)) return cannot(target, call.capability);
  if (count === 0) return { kind: 'cannot', reason: `the supervisor knows no worker ${target.worker}` };
  if (call.capability !== 'scale') {
    const effect = `stop worker ${target.worker} and start it again`;
    return { kind: 'can', effect, undo: null, idempotent: true, forks: true };
  }
  const wanted = count + call.by;
  if (wanted > bounds.max) return { kind: 'cannot', reason: tooMany(target.worker, wanted, bounds) };
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
