/**
 * The processes of this host as the supervisor sees them: by /proc alone, without a fork.
 *
 * `kill(pid, 0)` is no test of life (a zombie passes it; 11 of 20 deaths were missed that way), so a state is
 * read from /proc. What is there and cannot be read is `unknown`, never gone.
 */
import { readFileSync } from 'node:fs';
import { codeOf } from '../platform/durable-file.ts';
import type { ProcReader } from '../platform/proc.ts';
import { isDead } from '../platform/process-stat.ts';

/** In the environment of every worker: `<pool>/<worker>#<instance>/<spawn id>`. */
export const MARK_VARIABLE = 'NIGHTSHIFT_WORKER';
const MARK = new RegExp(`(?:^|\\0)${MARK_VARIABLE}=([0-9a-f]+)/([^/\\0]+)/([0-9a-f]+)(?:\\0|$)`);

/** A living process. */
export interface LiveProcess {
  readonly kind: 'alive';
  /** Clock ticks since boot: with the pid and the boot id it names one process for ever. */
  readonly startTicks: number;
  readonly group: number;
}

export type ProcessLook =
  | LiveProcess
  | { readonly kind: 'zombie' }
  | { readonly kind: 'gone' }
  | { readonly kind: 'unknown'; readonly reason: string };

export interface WorkerMark {
  readonly pool: string;
  /** `worker#instance`. */
  readonly slot: string;
  readonly spawnId: string;
}

export interface MarkedProcess {
  readonly pid: number;
  readonly process: LiveProcess;
  readonly mark: WorkerMark;
}

export interface HostProcesses {
  /** `null` where the system does not tell: nothing can be adopted then. */
  bootId(): string | null;
  look(pid: number): ProcessLook;
  /** Every living process of ours that carries a mark of this pool. */
  marked(pool: string): Promise<readonly MarkedProcess[]>;
  /** Pids of the living members of a process group. */
  members(group: number): Promise<readonly number[]>;
  /** `target` below 0 = the whole group. `gone` is as good as sent. */
  signal(target: number, signal: NodeJS.Signals): 'sent' | 'gone' | 'refused';
}

export function formatMark(mark: WorkerMark): string {
  return `${mark.pool}/${mark.slot}/${mark.spawnId}`;
}

export function createHostProcesses(
  proc: Pick<ProcReader, 'process' | 'processes' | 'bootId'>,
): HostProcesses {
  const alive = async (): Promise<readonly { readonly pid: number; readonly process: LiveProcess }[]> =>
    ((await proc.processes()) ?? [])
      .filter((stat) => !isDead(stat))
      .map(({ pid, startTicks, group }) => ({ pid, process: { kind: 'alive', startTicks, group } }));

  return {
    bootId: proc.bootId,
    look(pid) {
      const stat = proc.process(pid);
      if (stat === null)
        return reach(pid) ? { kind: 'unknown', reason: 'not readable in /proc' } : { kind: 'gone' };
      if (isDead(stat)) return { kind: 'zombie' };
      return { kind: 'alive', startTicks: stat.startTicks, group: stat.group };
    },
    async marked(pool) {
      return (await alive()).flatMap(({ pid, process }) => {
        const mark = readMark(pid);
        return mark?.pool === pool ? [{ pid, process, mark }] : [];
      });
    },
    async members(group) {
      if (proc.bootId() === null) return reach(-group) ? [group] : [];
      return (await alive()).filter(({ process }) => process.group === group).map(({ pid }) => pid);
    },
    signal: send,
  };
}

function readMark(pid: number): WorkerMark | undefined {
  try {
    const found = MARK.exec(readFileSync(`/proc/${pid}/environ`, 'latin1'));
    const [, pool, slot, spawnId] = found ?? [];
    return pool && slot && spawnId ? { pool, slot, spawnId } : undefined;
  } catch {
    // Gone meanwhile, or another user's: either way none of ours.
    return undefined;
  }
}

function reach(target: number): boolean {
  try {
    return process.kill(target, 0);
  } catch (cause) {
    return codeOf(cause) === 'EPERM';
  }
}

function send(target: number, name: NodeJS.Signals): 'sent' | 'gone' | 'refused' {
  try {
    process.kill(target, name);
    return 'sent';
  } catch (cause) {
    return codeOf(cause) === 'ESRCH' ? 'gone' : 'refused';
  }
}
