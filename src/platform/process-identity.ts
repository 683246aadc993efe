/**
 * Is this still the process that was meant? A pid alone is used again; with its start time and the boot it names
 * one process for ever. Where the system does not tell start times the pid has to do.
 */
import { codeOf } from './durable-file.ts';
import type { ProcReader } from './proc.ts';
import { isDead } from './process-stat.ts';

export interface ProcessIdentity {
  readonly pid: number;
  /** `null` where it is not known. */
  readonly startTicks: number | null;
  readonly bootId: string | null;
}

export type Liveness = 'alive' | 'dead' | 'unknown';

export interface ProcessTable {
  identify(pid: number): ProcessIdentity;
  /** `unknown`: something has this pid, and whether it is the same cannot be seen. */
  liveness(identity: ProcessIdentity): Liveness;
}

export interface ProcessTableDeps {
  readonly proc: Pick<ProcReader, 'process' | 'bootId'>;
  /** Sends signal 0; a test hands in its own. */
  readonly exists?: (pid: number) => boolean;
}

export function createProcessTable({ proc, exists = pidExists }: ProcessTableDeps): ProcessTable {
  return {
    identify: (pid) => ({ pid, startTicks: proc.process(pid)?.startTicks ?? null, bootId: proc.bootId() }),
    liveness(identity) {
      const bootId = proc.bootId();
      if (bootId !== null && identity.bootId !== null && bootId !== identity.bootId) return 'dead';
      const stat = proc.process(identity.pid);
      if (stat === null) return livenessByPid(identity, bootId, exists);
      if (isDead(stat)) return 'dead'; // a zombie still answers to signal 0
      if (identity.startTicks === null) return 'unknown';
      return stat.startTicks === identity.startTicks ? 'alive' : 'dead';
    },
  };
}

/** No line in /proc: there is no /proc, or it hides what belongs to others. */
function livenessByPid(
  { pid, startTicks }: ProcessIdentity,
  bootId: string | null,
  exists: (pid: number) => boolean,
): Liveness {
  if (!exists(pid)) return 'dead';
  return startTicks === null && bootId === null ? 'alive' : 'unknown';
}

function pidExists(pid: number): boolean {
  if (!Number.isSafeInteger(pid) || pid <= 0) return false;
  try {
    return process.kill(pid, 0);
  } catch (cause) {
    return codeOf(cause) === 'EPERM'; // it is there, under another user
  }
}
