/**
 * Starts one instance: audit line, record with a fresh spawn id, process, record with its pid, in this order.
 *
 * Whoever dies between two of these steps is found again: a record without a pid is matched by the spawn id in
 * the environment of the process. Nothing is started that could not be written down before.
 */
import { assertNever, describeError } from '../domain/errors.ts';
import type { AuditLog, Clock, Logger, Random } from '../domain/ports.ts';
import type { ProcessExit, Spawned, SpawnRequest } from '../platform/spawn-detached.ts';
import { formatMark, type HostProcesses, MARK_VARIABLE } from './host-processes.ts';
import type { SlotName, WorkerBook } from './worker-book.ts';
import type { WorkerLogs } from './worker-logs.ts';
import { describeSlot } from './worker-notices.ts';
import { type RunningRun, slotKey, type WorkerRun } from './worker-record.ts';
import type { WorkerConfig } from './workers-config.ts';

/** What every worker sees of the bot's environment; all else by `envFrom`. */
const COMMON_ENV: readonly string[] = ['PATH', 'HOME', 'LANG', 'TZ', 'USER', 'TMPDIR'];

export interface LaunchDeps {
  readonly clock: Clock;
  readonly log: Logger;
  readonly audit: AuditLog;
  readonly random: Random;
  readonly book: WorkerBook;
  readonly logs: WorkerLogs;
  readonly processes: HostProcesses;
  lookup(name: string): string | undefined;
  readonly pool: string;
  spawn(request: SpawnRequest): Promise<Spawned>;
}

export type Launch =
  | { readonly kind: 'started'; readonly run: RunningRun; readonly exited: Promise<ProcessExit> }
  /** Nothing is known about the worker; nothing is charged. */
  | { readonly kind: 'not_now'; readonly reason: string }
  | { readonly kind: 'failed'; readonly reason: string };

export interface LaunchOrder {
  readonly name: SlotName;
  readonly config: WorkerConfig;
  readonly by: string;
  readonly why: string;
}

/** Never throws. */
export async function launchWorker(order: LaunchOrder, deps: LaunchDeps): Promise<Launch> {
  const spawnId = deps.random.hex(8);
  const at = deps.clock.now();
  try {
    await deps.audit.append({
      kind: 'worker',
      actor: order.by,
      target: order.name.worker,
      text: `Starting ${describeSlot(order.name)}: ${order.why}.`,
      data: { instance: order.name.instance, spawnId },
    });
    await deps.book.changeSlot(order.name, (slot) => ({ ...slot, run: { phase: 'spawning', spawnId, at } }));
  } catch (cause) {
    return { kind: 'not_now', reason: `the start cannot be recorded: ${describeError(cause)}` };
  }

  const spawned = await deps.spawn(requestFor(order, spawnId, deps));
  switch (spawned.kind) {
    case 'started':
      if (spawned.outputLost !== null) {
        deps.log.warn('worker output is lost', { worker: order.name.worker, error: spawned.outputLost });
      }
      return {
        kind: 'started',
        run: await recordPid(order.name, spawnId, spawned.pid, deps),
        exited: spawned.exited,
      };
    case 'unknown':
      return { kind: 'not_now', reason: `this machine cannot start processes now: ${spawned.reason}` };
    case 'failed':
      return { kind: 'failed', reason: spawned.reason };
    default:
      return assertNever(spawned);
  }
}

/** For what has happened already: that it could not be written down is logged and changes nothing. */
export async function saveRun(
  name: SlotName,
  run: WorkerRun | null,
  { book, log }: Pick<LaunchDeps, 'book' | 'log'>,
): Promise<void> {
  try {
    await book.changeSlot(name, (slot) => ({ ...slot, run }));
  } catch (cause) {
    log.error('worker record cannot be saved', { worker: name.worker, error: describeError(cause) });
  }
}

function requestFor(order: LaunchOrder, spawnId: string, deps: LaunchDeps): SpawnRequest {
  const { name, config } = order;
  const [program = '', ...args] = config.command;
  const mark = formatMark({ pool: deps.pool, slot: slotKey(name.worker, name.instance), spawnId });
  return {
    argv: [program === 'node' ? process.execPath : program, ...args],
    cwd: config.cwd,
    env: {
      ...pick([...COMMON_ENV, ...config.envFrom], deps.lookup),
      ...config.env,
      [MARK_VARIABLE]: mark,
      NIGHTSHIFT_INSTANCE: String(name.instance),
    },
    outputPath: deps.logs.pathOf(name.worker, name.instance),
  };
}

async function recordPid(
  name: SlotName,
  spawnId: string,
  pid: number,
  deps: LaunchDeps,
): Promise<RunningRun> {
  const look = deps.processes.look(pid);
  const run: RunningRun = {
    phase: 'running',
    spawnId,
    at: deps.clock.now(),
    pid,
    startTicks: look.kind === 'alive' ? look.startTicks : null,
    bootId: deps.processes.bootId(),
  };
  await saveRun(name, run, deps);
  return run;
}

function pick(names: readonly string[], lookup: LaunchDeps['lookup']): Readonly<Record<string, string>> {
  return Object.fromEntries(
    names.flatMap((name) => {
      const value = lookup(name);
      return value === undefined ? [] : [[name, value] as const];
    }),
  );
}
