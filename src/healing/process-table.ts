/**
 * The processes of this host as the supervisor sees them: by /proc alone, without a fork.
 *
 * `kill(pid, 0)` is no test of life (a zombie passes it; 11 of 20 deaths were missed that way), so a state is
 * always read from /proc/PID/stat. What cannot be read is `unknown`, never gone.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { describeError } from '../domain/errors.ts';

/** In the environment of every worker: `<pool>/<worker>#<instance>/<spawn id>`. */
export const MARK_VARIABLE = 'NIGHTSHIFT_WORKER';

const MARK = new RegExp(`(?:^|\\0)${MARK_VARIABLE}=([0-9a-f]+)/([^/\\0]+)/([0-9a-f]+)(?:\\0|$)`);

/** A living process. */
export interface LiveProcess {
  readonly kind: 'alive';
  /** Clock ticks since boot: with the pid and the boot id it names one process. */
  readonly startTime: number;
  readonly group: number;
  readonly session: number;
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

export interface ProcessTable {
  /** `null` where the system does not tell: nothing is adopted then. */
  readonly bootId: string | null;
  look(pid: number): ProcessLook;
  /** Every living process of ours that carries a mark of this pool. */
  marked(pool: string): readonly MarkedProcess[];
  /** Pids of the living members of a process group. */
  members(group: number): readonly number[];
  /** `target` below 0 = the whole group. `gone` is as good as sent. */
  signal(target: number, signal: NodeJS.Signals): 'sent' | 'gone' | 'refused';
}

export function formatMark(mark: WorkerMark): string {
  return `${mark.pool}/${mark.slot}/${mark.spawnId}`;
}

export function createProcessTable(): ProcessTable {
  const bootId = readBootId();
  return {
    bootId,
    look: bootId === null ? lookWithoutProc : look,
    marked: (pool) => (bootId === null ? [] : marked(pool)),
    members: bootId === null ? membersWithoutProc : members,
    signal,
  };
}

function readBootId(): string | null {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  } catch {
    // No /proc (macOS, Windows): null says so.
    return null;
  }
}

function look(pid: number): ProcessLook {
  try {
    return parseStat(readFileSync(`/proc/${pid}/stat`, 'latin1'));
  } catch (cause) {
    const code = codeOf(cause);
    if (code === 'ENOENT' || code === 'ESRCH') return { kind: 'gone' };
    return { kind: 'unknown', reason: describeError(cause) };
  }
}

/** Fields are counted after the last `)`: the name before it may hold anything. */
function parseStat(stat: string): ProcessLook {
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const state = fields[0];
  if (state === 'Z' || state === 'X' || state === 'x') return { kind: 'zombie' };
  const [group, session, startTime] = [Number(fields[2]), Number(fields[3]), Number(fields[19])];
  if (![group, session, startTime].every(Number.isFinite)) {
    return { kind: 'unknown', reason: 'its stat line cannot be read' };
  }
  return { kind: 'alive', startTime, group, session };
}

/** Alive or not is all that is told; which process it is, is not. */
function lookWithoutProc(pid: number): ProcessLook {
  return reach(pid) ? { kind: 'unknown', reason: 'this system has no /proc' } : { kind: 'gone' };
}

function membersWithoutProc(group: number): readonly number[] {
  return reach(-group) ? [group] : [];
}

function reach(target: number): boolean {
  try {
    process.kill(target, 0);
    return true;
  } catch (cause) {
    return codeOf(cause) === 'EPERM';
  }
}

function marked(pool: string): readonly MarkedProcess[] {
  return allPids().flatMap((pid) => {
    const mark = readMark(pid);
    if (mark?.pool !== pool) return [];
    const process = look(pid);
    return process.kind === 'alive' ? [{ pid, process, mark }] : [];
  });
}

function members(group: number): readonly number[] {
  return allPids().filter((pid) => {
    const process = look(pid);
    return process.kind === 'alive' && process.group === group;
  });
}

function allPids(): readonly number[] {
  return readdirSync('/proc')
    .map(Number)
    .filter((pid) => Number.isInteger(pid) && pid > 0);
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

function signal(target: number, name: NodeJS.Signals): 'sent' | 'gone' | 'refused' {
  try {
    process.kill(target, name);
    return 'sent';
  } catch (cause) {
    return codeOf(cause) === 'ESRCH' ? 'gone' : 'refused';
  }
}

function codeOf(cause: unknown): unknown {
  return cause instanceof Error && 'code' in cause ? cause.code : undefined;
}
