/**
 * Tells what happened to a worker: audit line first, then the event. Never throws, because what is told here has
 * already happened; the line that must stand before an act is written by whoever acts.
 */
import { describeError } from '../domain/errors.ts';
import type { AuditLog, EventBus, Logger } from '../domain/ports.ts';
import type { WorkerExit } from './restart-window.ts';
import type { SlotName } from './worker-book.ts';
import type { WorkerLogs } from './worker-logs.ts';
import type { RunVerdict } from './worker-watch.ts';

const MOST_EVIDENCE = 3_000;
const EVIDENCE_LINES = 20;

export interface WorkerNotices {
  started(name: SlotName, pid: number, adopted: boolean): Promise<void>;
  exited(name: SlotName, pid: number | null, how: string): Promise<void>;
  /** Ended because somebody asked for it. */
  stopped(name: SlotName, pid: number, killed: boolean, by: string): Promise<void>;
  stuck(name: SlotName, pids: readonly number[]): Promise<void>;
  /** With its exits and the last lines of its output as evidence. */
  gaveUp(name: SlotName, reason: string, exits: readonly WorkerExit[]): Promise<void>;
  health(name: SlotName, pid: number, from: RunVerdict, to: RunVerdict): Promise<void>;
  /** Not started, because nobody can tell whether it still runs. */
  doubtful(name: SlotName, reason: string): Promise<void>;
}

export interface NoticeDeps {
  readonly audit: AuditLog;
  readonly bus: EventBus;
  readonly log: Logger;
  readonly logs: WorkerLogs;
}

export function createWorkerNotices({ audit, bus, log, logs }: NoticeDeps): WorkerNotices {
  async function tell(
    name: SlotName,
    text: string,
    data: Readonly<Record<string, unknown>> = {},
    actor = 'nightshift',
  ): Promise<void> {
    try {
      const where = { instance: name.instance, ...data };
      await audit.append({ kind: 'worker', actor, target: name.worker, text, data: where });
    } catch (cause) {
      log.error('worker audit line lost', { worker: name.worker, text, error: describeError(cause) });
    }
  }

  return {
    async started(name, pid, adopted) {
      await tell(name, `${describeSlot(name)} ${adopted ? 'was found running' : 'runs'} as pid ${pid}.`, {
        pid,
        adopted,
      });
      bus.publish({ type: 'worker.started', worker: name.worker, pid, adopted });
    },
    async exited(name, pid, how) {
      await tell(name, `${describeSlot(name)} ${pid === null ? '' : `(pid ${pid}) `}${how}.`, { pid, how });
      if (pid !== null) bus.publish({ type: 'worker.exited', worker: name.worker, pid, how });
    },
    async stopped(name, pid, killed, by) {
      const how = killed ? 'ended by SIGKILL after the stop signal did not end it' : 'ended on order';
      await tell(name, `${describeSlot(name)} (pid ${pid}) ${how}.`, { pid, killed }, by);
      bus.publish({ type: 'worker.exited', worker: name.worker, pid, how });
    },
    async stuck(name, pids) {
      const reason = `${describeSlot(name)} does not end, even by SIGKILL`;
      await tell(name, `${reason}; no second one is started beside it.`, { pids });
      bus.publish({ type: 'self.unhealthy', part: `worker ${name.worker}`, reason });
    },
    async gaveUp(name, reason, exits) {
      const lines = await logs.tail(name.worker, name.instance, EVIDENCE_LINES);
      const ends = exits.map(({ how, uptime }) => ({ how, uptimeMs: Math.round(uptime) }));
      const text = `${describeSlot(name)} is kept stopped: ${reason}. A person has to start it again.`;
      await tell(name, text, { exits: ends, lines });
      const evidence = evidenceText(exits, lines);
      bus.publish({ type: 'worker.gave_up', worker: name.worker, reason, evidence });
    },
    async health(name, pid, from, to) {
      if (to.kind === 'unhealthy') {
        await tell(name, `${describeSlot(name)} (pid ${pid}) is unhealthy: ${to.reason}.`, { pid });
      } else if (from.kind === 'unhealthy') {
        await tell(name, `${describeSlot(name)} (pid ${pid}) answers well again.`, { pid });
      }
    },
    async doubtful(name, reason) {
      await tell(name, `${describeSlot(name)} is not started: ${reason}.`);
      bus.publish({ type: 'self.unhealthy', part: `worker ${name.worker}`, reason });
    },
  };
}

/** `billing`, and `billing (instance 2)` for its third. */
export function describeSlot({ worker, instance }: SlotName): string {
  return instance === 0 ? worker : `${worker} (instance ${instance})`;
}

function evidenceText(exits: readonly WorkerExit[], lines: readonly string[]): string {
  const ends = exits.map(({ how, uptime }) => `${how} after ${(uptime / 1_000).toFixed(1)} s`);
  return [`Exits: ${ends.join('; ')}.`, ...(lines.length === 0 ? ['No output.'] : ['Last output:', ...lines])]
    .join('\n')
    .slice(0, MOST_EVIDENCE);
}
