/**
 * Orders to workers, from people and from healing: audit line, then the order on disk, then the deed.
 *
 * A person's start forgives: it clears a stop, a "kept stopped" and the window of exits. The bot itself (healing)
 * may start nothing that a person stopped or that was handed to a person. While a freeze holds nobody starts
 * anything; a stop always works.
 */
import { describeError } from '../domain/errors.ts';
import type { AuditLog, Clock } from '../domain/ports.ts';
import type { WorkerChange, WorkerPool } from '../domain/worker.ts';
import type { Turns } from './turns.ts';
import type { WorkerBook } from './worker-book.ts';
import { done, failed, refused, type SlotOrder } from './worker-life.ts';
import type { SlotRecord, WorkerOrders } from './worker-record.ts';
import type { WorkerSlot } from './worker-slot.ts';
import { MOST_INSTANCES, type WorkerConfig } from './workers-config.ts';

/** The actor of everything that nobody ordered. */
const BOT = 'nightshift';

export interface DeskDeps {
  readonly clock: Clock;
  readonly audit: AuditLog;
  readonly book: WorkerBook;
  configOf(worker: string): WorkerConfig | undefined;
  slotsOf(worker: string): readonly WorkerSlot[];
  frozen(): boolean;
  /** Makes the instances of a worker as many as are wanted. */
  fit(worker: string, order: SlotOrder): Promise<WorkerChange>;
  /** One order to a worker at a time. */
  turnsOf(worker: string): Turns;
}

export type WorkerDesk = Pick<WorkerPool, 'start' | 'stop' | 'restart' | 'scale'>;

export function createWorkerDesk(deps: DeskDeps): WorkerDesk {
  const inTurn = async (worker: string, work: () => Promise<WorkerChange>): Promise<WorkerChange> =>
    deps.configOf(worker) === undefined ? { kind: 'not_found' } : deps.turnsOf(worker)(work);

  return {
    start: (worker, by) => inTurn(worker, () => start(worker, by, deps)),
    stop: (worker, by) => inTurn(worker, () => stop(worker, by, deps)),
    restart: (worker, by, signal) =>
      untilAborted(
        inTurn(worker, () => restart(worker, by, deps)),
        signal,
      ),
    scale: (worker, count, by) => inTurn(worker, () => scale(worker, count, by, deps)),
  };
}

async function start(worker: string, by: string, deps: DeskDeps): Promise<WorkerChange> {
  const order = { by, why: `ordered by ${by}` };
  const refusal = await permit(worker, `${worker} is ordered to start by ${by}.`, by, deps);
  return refusal ?? merge(worker, await Promise.all(deps.slotsOf(worker).map((slot) => slot.start(order))));
}

async function restart(worker: string, by: string, deps: DeskDeps): Promise<WorkerChange> {
  const order = { by, why: `restart ordered by ${by}` };
  const refusal = await permit(worker, `${worker} is ordered to restart by ${by}.`, by, deps);
  if (refusal !== null) return refusal;
  // One after the other: the rest goes on working.
  const changes: WorkerChange[] = [];
  for (const slot of deps.slotsOf(worker)) changes.push(await slot.restart(order));
  return merge(worker, changes);
}

async function stop(worker: string, by: string, deps: DeskDeps): Promise<WorkerChange> {
  const stopped = { by, at: deps.clock.now() };
  const fault = await record(worker, `${worker} is ordered to stop by ${by}.`, by, deps, (orders) => ({
    ...orders,
    stopped,
  }));
  if (fault !== null) return fault;
  const order = { by, why: `stopped by ${by}` };
  return merge(worker, await Promise.all(deps.slotsOf(worker).map((slot) => slot.stop(order))));
}

async function scale(worker: string, count: number, by: string, deps: DeskDeps): Promise<WorkerChange> {
  if (!Number.isInteger(count) || count < 1 || count > MOST_INSTANCES) {
    return refused(`the number of instances must be 1 to ${MOST_INSTANCES}`);
  }
  const hold = whyHeld(worker, by, deps);
  if (hold !== null) return refused(hold);
  const configured = deps.configOf(worker)?.instances ?? count;
  const fault = await record(
    worker,
    `${worker} is ordered to run ${count} times by ${by}.`,
    by,
    deps,
    (orders) => ({ ...orders, scale: { count, configured } }),
  );
  return fault ?? deps.fit(worker, { by, why: `scaled to ${count} by ${by}` });
}

/** `null` when it may be started: then the order is on disk, and a person's order has forgiven the past. */
async function permit(
  worker: string,
  text: string,
  by: string,
  deps: DeskDeps,
): Promise<WorkerChange | null> {
  const hold = whyHeld(worker, by, deps);
  if (hold !== null) return refused(hold);
  if (by === BOT) return record(worker, text, by, deps);
  const fault = await record(
    worker,
    text,
    by,
    deps,
    (orders) => ({ ...orders, stopped: null }),
    (slot) => ({ ...slot, gaveUp: null, exits: [] }),
  );
  if (fault === null) for (const slot of deps.slotsOf(worker)) slot.forgive();
  return fault;
}

function whyHeld(worker: string, by: string, { book, slotsOf, frozen }: DeskDeps): string | null {
  if (frozen()) return 'a freeze holds; it has to end first';
  if (by !== BOT) return null;
  const { stopped } = book.orders(worker);
  if (stopped !== null) return `${worker} was stopped by ${stopped.by}; only a person starts it again`;
  const given = slotsOf(worker)
    .map(({ name }) => book.slot(name).gaveUp)
    .find((gaveUp) => gaveUp !== null);
  return given ? `${worker} is kept stopped (${given.reason}); only a person starts it again` : null;
}

async function record(
  worker: string,
  text: string,
  by: string,
  deps: DeskDeps,
  orders: (orders: WorkerOrders) => WorkerOrders = (same) => same,
  slots: (slot: SlotRecord) => SlotRecord = (same) => same,
): Promise<WorkerChange | null> {
  try {
    await deps.audit.append({ kind: 'worker', actor: by, target: worker, text });
    await deps.book.changeWorker(worker, orders, slots);
    return null;
  } catch (cause) {
    return failed(`the order cannot be recorded: ${describeError(cause)}`);
  }
}

/** What the instances say, as one: the first that did not go well speaks for all. */
function merge(worker: string, changes: readonly WorkerChange[]): WorkerChange {
  const bad = changes.find(({ kind }) => kind !== 'done');
  if (bad !== undefined) return bad;
  const texts = changes.map((change) => (change.kind === 'done' ? change.text : ''));
  return done(`${worker}: ${texts.join('; ')}`);
}

/** The order goes on when nobody waits for it any more; half a restart would be worse. */
async function untilAborted(
  work: Promise<WorkerChange>,
  signal: AbortSignal | undefined,
): Promise<WorkerChange> {
  if (signal === undefined) return work;
  let onAbort = (): void => {};
  const aborted = new Promise<WorkerChange>((resolve) => {
    onAbort = () => resolve(failed('it took longer than allowed and goes on by itself'));
    if (signal.aborted) onAbort();
    signal.addEventListener('abort', onAbort, { once: true });
  });
  try {
    return await Promise.race([work, aborted]);
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}
