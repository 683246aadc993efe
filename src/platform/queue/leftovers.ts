/**
 * After a restart: every start without an end is unknown. What still runs of it is ended first, so that nothing runs
 * twice at the same time; then it is run again if it is idempotent, else it becomes a dead letter.
 */
import type { Clock, Logger } from '../../domain/ports.ts';
import { ms, seconds } from '../../domain/units.ts';
import type { ProcessIdentity, ProcessTable } from '../process-identity.ts';
import type { Entry } from './book.ts';

const TERM_GRACE = seconds(2);
const KILL_GRACE = seconds(2);
const LOOK_AGAIN = ms(50);

export interface LeftoverDeps {
  readonly clock: Clock;
  readonly log: Logger;
  readonly processes: ProcessTable;
  /** Sends a signal to a process group; a test hands in its own. */
  readonly signal?: (pid: number, signal: 'SIGTERM' | 'SIGKILL') => void;
}

/** What was left running, and what is known of it now. */
export type Leftover =
  | { readonly kind: 'ended'; readonly words: string }
  | { readonly kind: 'runs_on'; readonly words: string };

/** Ends the process of an earlier run, if it is certain that it is that one. */
export async function endLeftover(entry: Entry, deps: LeftoverDeps): Promise<Leftover> {
  const identity = entry.state.k === 'running' ? entry.state.process : null;
  if (identity === null) return { kind: 'ended', words: 'Nightshift ended before it did' };
  const gone = { kind: 'ended', words: 'Nightshift ended before it did' } as const;
  switch (deps.processes.liveness(identity)) {
    case 'dead':
      return gone;
    case 'unknown':
      return {
        kind: 'runs_on',
        words: `Nightshift ended before it did, and whether process ${identity.pid} is still the task cannot be seen`,
      };
    case 'alive':
      deps.log.warn('task of an earlier run is ended', { task: entry.task.id, pid: identity.pid });
      return (await endGroup(identity, deps))
        ? { kind: 'ended', words: 'Nightshift ended before it did; what still ran of it was ended' }
        : {
            kind: 'runs_on',
            words: `Nightshift ended before it did, and process ${identity.pid} cannot be ended`,
          };
  }
}

async function endGroup(identity: ProcessIdentity, deps: LeftoverDeps): Promise<boolean> {
  const send = deps.signal ?? signalGroup;
  for (const [signal, grace] of [
    ['SIGTERM', TERM_GRACE],
    ['SIGKILL', KILL_GRACE],
  ] as const) {
    send(identity.pid, signal);
    const until = deps.clock.monotonic() + grace;
    while (deps.clock.monotonic() < until) {
      if (deps.processes.liveness(identity) === 'dead') return true;
      await deps.clock.sleep(LOOK_AGAIN);
    }
  }
  return deps.processes.liveness(identity) === 'dead';
}

function signalGroup(pid: number, signal: 'SIGTERM' | 'SIGKILL'): void {
  try {
    process.kill(process.platform === 'win32' ? pid : -pid, signal);
  } catch {
    // Gone in the meantime, or not ours to end: the caller looks again and says which.
  }
}
