/**
 * What the supervisor tells monitor about its workers. Pure.
 *
 * Down is what should run and does not, or runs and does not answer. A worker that a person stopped, or that is
 * still getting ready, is *unknown*: nobody expects it to be up, so it neither starts nor ends anything.
 */
import { assertNever } from '../domain/errors.ts';
import type { TargetState } from '../domain/target.ts';
import type { WorkerState, WorkerStatus } from '../domain/worker.ts';

interface Verdict {
  readonly up: boolean | null;
  readonly reason: string;
}

/** All instances of one worker folded into one: down when any is, unknown when any is, else up. */
export function targetStateOf(worker: string, instances: readonly WorkerStatus[]): TargetState {
  const verdicts = instances.map((status) => judgeInstance(status, instances.length));
  const worst = verdicts.find(({ up }) => up === false) ??
    verdicts.find(({ up }) => up === null) ??
    verdicts[0] ?? { up: null, reason: 'not started yet' };
  return {
    name: worker,
    up: worst.up,
    pids: instances.flatMap(({ state }) => pidOf(state)),
    reason: worst.reason,
  };
}

function judgeInstance({ state, instance, lastExit }: WorkerStatus, of: number): Verdict {
  const verdict = judgeState(state, lastExit);
  return of === 1 ? verdict : { ...verdict, reason: `instance ${instance}: ${verdict.reason}` };
}

function judgeState(state: WorkerState, lastExit: string | null): Verdict {
  switch (state.kind) {
    case 'running':
      return { up: true, reason: `running as pid ${state.pid}` };
    case 'starting':
      return { up: null, reason: `getting ready as pid ${state.pid}` };
    case 'stopping':
      return { up: null, reason: `being ended (pid ${state.pid})` };
    case 'stopped':
      return { up: null, reason: `stopped by ${state.by}` };
    case 'unhealthy':
      return { up: false, reason: state.reason };
    case 'backing_off':
      return { up: false, reason: `down: ${lastExit ?? state.reason}` };
    case 'gave_up':
      return { up: false, reason: `kept stopped: ${state.reason}` };
    case 'not_started':
      return { up: null, reason: state.reason };
    default:
      return assertNever(state);
  }
}

function pidOf(state: WorkerState): readonly number[] {
  return 'pid' in state ? [state.pid] : [];
}
