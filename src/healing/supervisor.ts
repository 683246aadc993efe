/**
 * The supervisor: starts the configured workers, keeps them alive, and says how they are.
 *
 * It restarts what died and stops what dies too often; a worker that hangs is only reported (`unhealthy`), because
 * that is healing's to decide. Orders of people are on disk before they are carried out and hold over restarts of
 * the bot. Own children are heard by their exit event (0.4 ms); a worker that an earlier bot started is looked at
 * in /proc four times a second, which needs neither a fork nor a pipe that the worker might close.
 */
import { join } from 'node:path';
import type { Cancel } from '../domain/ports.ts';
import { type Ms, ms, seconds } from '../domain/units.ts';
import type { WorkerChange, WorkerPool, WorkerStatus } from '../domain/worker.ts';
import { createWorkerLogs, type WorkerLogs } from './worker-logs.ts';
import { openShift, type SupervisorDeps, type WorkerShift } from './worker-shift.ts';

const NOT_FOUND: WorkerChange = { kind: 'not_found' };
/** How soon the end of an adopted worker is noticed; 0.3 % of a core for twenty of them. */
const LOOK_EVERY: Ms = ms(250);
const ROTATE_EVERY: Ms = seconds(5);

export type { SupervisorDeps };

export interface Supervisor {
  /** What people and healing may ask; before `start` it knows no worker. */
  readonly workers: WorkerPool;
  /** Takes over what lives and starts the rest; the second call is the first one's promise. */
  start(): Promise<void>;
  /** Ends the workers that are configured so and leaves the others running. */
  stop(): Promise<void>;
  /** After a reload of the configuration: new workers start, removed ones end, changed ones at their next start. */
  reconcile(): Promise<void>;
  /** After a jump of the wall clock: the ages of exits stay true. */
  clockJumped(by: Ms): Promise<void>;
}

export function createSupervisor(deps: SupervisorDeps): Supervisor {
  const logs = createWorkerLogs({
    folder: join(deps.dataFolder, 'logs'),
    log: deps.log,
    redact: deps.redact,
  });
  const cancels: Cancel[] = [];
  let starting: Promise<void> | undefined;
  let shift: WorkerShift | undefined;

  async function start(): Promise<void> {
    shift = await openShift(deps, logs);
    const { wake, lookAfter, rotateLogs } = shift;
    await wake();
    cancels.push(deps.clock.every(LOOK_EVERY, lookAfter), deps.clock.every(ROTATE_EVERY, rotateLogs));
  }

  const names = (): readonly string[] => deps.config.current().workers.map(({ name }) => name);
  const statusOf = (worker: string): readonly WorkerStatus[] =>
    shift?.crew.of(worker).map((slot) => slot.status()) ?? [];

  return {
    workers: {
      list: () => names().flatMap(statusOf),
      start: async (worker, by) => shift?.desk.start(worker, by) ?? NOT_FOUND,
      stop: async (worker, by) => shift?.desk.stop(worker, by) ?? NOT_FOUND,
      restart: async (worker, by, signal) => shift?.desk.restart(worker, by, signal) ?? NOT_FOUND,
      scale: async (worker, count, by) => shift?.desk.scale(worker, count, by) ?? NOT_FOUND,
      logs: (worker, lines) => logsOf(statusOf(worker), lines, logs),
    },
    start() {
      starting ??= start();
      return starting;
    },
    async stop() {
      await starting?.catch(() => {
        // A start that failed was reported to its caller; what it had begun is ended here all the same.
      });
      for (const cancel of cancels.splice(0)) cancel();
      await shift?.leave();
    },
    reconcile: async () => shift?.fit(),
    clockJumped: async (by) => shift?.shiftExits(by),
  };
}

/** Of several instances each in turn, with its number in front. */
async function logsOf(
  instances: readonly WorkerStatus[],
  lines: number,
  logs: WorkerLogs,
): Promise<readonly string[] | undefined> {
  if (instances.length === 0) return undefined;
  const share = Math.ceil(lines / instances.length);
  const parts = await Promise.all(
    instances.map(({ worker, instance }) => logs.tail(worker, instance, share)),
  );
  if (instances.length === 1) return parts[0];
  return parts.flatMap((part, at) => part.map((line) => `#${instances[at]?.instance ?? at} ${line}`));
}
