/** What one instance of a worker is doing now, and the words the domain has for it. Pure. */
import { assertNever } from '../domain/errors.ts';
import type { Cancel, Clock } from '../domain/ports.ts';
import type { EpochMs } from '../domain/units.ts';
import type { WorkerChange, WorkerState, WorkerStatus } from '../domain/worker.ts';
import { countExits, type WorkerExit } from './restart-window.ts';
import type { SlotName, WorkerBook } from './worker-book.ts';
import type { LiveWorker } from './worker-process.ts';
import type { RunningRun, SlotRecord, WorkerOrders } from './worker-record.ts';

export type Life =
  | { readonly kind: 'resting'; readonly reason: string }
  | { readonly kind: 'alive'; readonly worker: LiveWorker }
  | { readonly kind: 'waiting'; readonly until: EpochMs; readonly reason: string; readonly cancel: Cancel }
  | { readonly kind: 'ending'; readonly run: RunningRun }
  /** KILL did not help: uninterruptible. No second one is started beside it. */
  | { readonly kind: 'stuck'; readonly run: RunningRun; readonly since: EpochMs };

/** Who wants it, and why, in the words of the audit line. */
export interface SlotOrder {
  readonly by: string;
  readonly why: string;
}

export const STUCK = 'it does not end, even by SIGKILL';

export interface StatusDeps {
  readonly clock: Clock;
  readonly book: WorkerBook;
}

export function statusOf(
  name: SlotName,
  life: Life,
  exits: readonly WorkerExit[],
  { clock, book }: StatusDeps,
): WorkerStatus {
  const record = book.slot(name);
  const counts = countExits(exits, clock.now());
  return {
    ...name,
    state: stateOf(life, record, book.orders(name.worker)),
    exitsInTenMinutes: counts.inTenMinutes,
    exitsInDay: counts.inDay,
    lastExit: exits.at(-1)?.how ?? record.lastExit,
  };
}

function stateOf(life: Life, record: SlotRecord, orders: WorkerOrders): WorkerState {
  switch (life.kind) {
    case 'alive':
      return aliveState(life.worker);
    case 'waiting':
      return { kind: 'backing_off', until: life.until, reason: life.reason };
    case 'ending':
      return { kind: 'stopping', pid: life.run.pid };
    case 'stuck':
      return { kind: 'unhealthy', pid: life.run.pid, since: life.since, reason: STUCK };
    case 'resting':
      return restingState(life.reason, record, orders);
    default:
      return assertNever(life);
  }
}

export function done(text: string): WorkerChange {
  return { kind: 'done', text };
}

export function refused(reason: string): WorkerChange {
  return { kind: 'refused', reason };
}

export function failed(reason: string): WorkerChange {
  return { kind: 'failed', reason };
}

function aliveState({ run, adopted, verdict }: LiveWorker): WorkerState {
  const found = verdict();
  switch (found.kind) {
    case 'starting':
      return { kind: 'starting', pid: run.pid, since: run.at };
    case 'running':
      return { kind: 'running', pid: run.pid, since: run.at, adopted };
    case 'unhealthy':
      return { kind: 'unhealthy', pid: run.pid, since: found.since, reason: found.reason };
    default:
      return assertNever(found);
  }
}

function restingState(reason: string, record: SlotRecord, orders: WorkerOrders): WorkerState {
  if (orders.stopped !== null) return { kind: 'stopped', by: orders.stopped.by, at: orders.stopped.at };
  if (record.gaveUp !== null) return { kind: 'gave_up', at: record.gaveUp.at, reason: record.gaveUp.reason };
  return { kind: 'not_started', reason };
}
