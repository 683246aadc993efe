/**
 * Starts a long-lived process that may outlive us: own session and group, no shell, stdin closed, output
 * appended to a file (a pipe would kill the process with SIGPIPE when we die; measured).
 *
 * A machine that cannot start processes now (no pids, descriptors or memory left) is `unknown`, never a failed
 * program: the caller tries again and charges nobody.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { type FileHandle, open } from 'node:fs/promises';
import { describeError } from '../domain/errors.ts';
import { codeOf } from './durable-file.ts';

const MACHINE_FAULTS: readonly string[] = ['EAGAIN', 'EMFILE', 'ENFILE', 'ENOMEM'];

export interface SpawnRequest {
  /** Absolute program first. */
  readonly argv: readonly string[];
  readonly cwd: string | null;
  /** The whole environment of the process. */
  readonly env: Readonly<Record<string, string>>;
  readonly outputPath: string;
}

export interface ProcessExit {
  readonly code: number | null;
  readonly signal: string | null;
}

export type Spawned =
  | {
      readonly kind: 'started';
      readonly pid: number;
      readonly exited: Promise<ProcessExit>;
      /** Why its output is not kept (read-only disk …); `null` when it is. */
      readonly outputLost: string | null;
    }
  /** The machine could not; nothing is known about the program. */
  | { readonly kind: 'unknown'; readonly reason: string }
  /** The program is missing or may not be run. */
  | { readonly kind: 'failed'; readonly reason: string };

/** Never throws: each way to fail is a kind. */
export async function spawnDetached(request: SpawnRequest): Promise<Spawned> {
  const output = await openOutput(request.outputPath);
  if (output.kind === 'unknown') return output;
  try {
    return await start(request, output.handle, output.lost);
  } catch (cause) {
    return refused(cause);
  } finally {
    await output.handle?.close().catch(() => {
      // The process has its own copy of the descriptor; a failed close of ours changes nothing for it.
    });
  }
}

type Output =
  | { readonly kind: 'open'; readonly handle: FileHandle | null; readonly lost: string | null }
  | { readonly kind: 'unknown'; readonly reason: string };

async function openOutput(path: string): Promise<Output> {
  try {
    return { kind: 'open', handle: await open(path, 'a', 0o600), lost: null };
  } catch (cause) {
    if (isMachineFault(cause)) return { kind: 'unknown', reason: describeError(cause) };
    return { kind: 'open', handle: null, lost: describeError(cause) };
  }
}

async function start(
  request: SpawnRequest,
  output: FileHandle | null,
  lost: string | null,
): Promise<Spawned> {
  const [program = '', ...args] = request.argv;
  const sink = output?.fd ?? 'ignore';
  const child = spawn(program, args, {
    detached: true,
    shell: false,
    env: request.env,
    stdio: ['ignore', sink, sink],
    ...(request.cwd === null ? {} : { cwd: request.cwd }),
  });
  const exited = exitOf(child);
  const failure = await firstWord(child);
  if (failure !== undefined) return refused(failure);
  if (child.pid === undefined) return { kind: 'failed', reason: 'it has no process id' };
  child.unref();
  return { kind: 'started', pid: child.pid, exited, outputLost: lost };
}

function exitOf(child: ChildProcess): Promise<ProcessExit> {
  return new Promise((resolve) => {
    child.once('exit', (code, signal) => resolve({ code, signal }));
  });
}

/** Node says `spawn` or `error` in the next turn, whatever happens. */
function firstWord(child: ChildProcess): Promise<unknown> {
  return new Promise((resolve) => {
    child.once('spawn', () => resolve(undefined));
    child.on('error', (cause) => resolve(cause));
  });
}

function refused(cause: unknown): Spawned {
  return { kind: isMachineFault(cause) ? 'unknown' : 'failed', reason: describeError(cause) };
}

function isMachineFault(cause: unknown): boolean {
  return MACHINE_FAULTS.includes(codeOf(cause));
}
