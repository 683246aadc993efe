/**
 * What the supervisor does first: finds its workers again. A living one is taken over, a dead one is counted,
 * and whatever carries our mark without belonging to anybody is ended before a new one starts: never doubled.
 */
import { describeError } from '../domain/errors.ts';
import type { Clock, Logger } from '../domain/ports.ts';
import { seconds } from '../domain/units.ts';
import { type Adoption, adoptUnrecorded, judgeAdoption } from './adoption.ts';
import type { HostProcesses, MarkedProcess } from './host-processes.ts';
import type { SlotName, WorkerBook } from './worker-book.ts';
import { endTree } from './worker-ending.ts';
import type { WorkerNotices } from './worker-notices.ts';
import { mustWait, type OrderDeps, waitForNeeds } from './worker-order.ts';
import { parseSlotKey, slotKey } from './worker-record.ts';
import type { WorkerSlot } from './worker-slot.ts';

const LOST = 'its record was unreadable, so nobody knows whether it may run';
/** What nobody wants any more gets this long to end by itself. */
const LEFTOVER_WITHIN = seconds(5);

export interface WakeDeps {
  readonly clock: Clock;
  readonly log: Logger;
  readonly processes: HostProcesses;
  readonly pool: string;
  readonly book: WorkerBook;
  readonly notices: WorkerNotices;
  readonly order: OrderDeps;
  /** The document was lost: what is not found running is not started. */
  readonly recordLost: boolean;
}

/** One that throws is put off alone. */
export async function wakeAll(slots: readonly WorkerSlot[], deps: WakeDeps): Promise<void> {
  const marked = await deps.processes.marked(deps.pool);
  const wanted = new Set(slots.map(keyOf));
  await Promise.all([
    ...slots.map((slot) => guarded(slot.name, () => wakeSlot(slot, marked, deps), deps)),
    ...namesOnRecord(marked, deps.book)
      .filter((name) => !wanted.has(slotKey(name.worker, name.instance)))
      .map((name) => guarded(name, () => endUnwanted(name, marked, deps), deps)),
  ]);
}

async function wakeSlot(slot: WorkerSlot, marked: readonly MarkedProcess[], deps: WakeDeps): Promise<void> {
  const ours = marked.filter(({ mark }) => mark.slot === keyOf(slot));
  const adoption = judge(slot.name, ours, deps);
  if (adoption.kind !== 'doubtful') await endStrangers(adoption, ours, deps);
  if (deps.recordLost && adoption.kind === 'none') await distrust(slot.name, deps);
  const { worker } = slot.name;
  if (adoption.kind === 'none' && mustWait(worker, deps.order)) {
    const later = async (): Promise<void> => {
      if (await waitForNeeds(worker, deps.order)) await slot.wake(adoption);
    };
    void guarded(slot.name, later, deps);
    return;
  }
  await slot.wake(adoption);

  const kept = deps.book.orders(slot.name.worker).stopped ?? deps.book.slot(slot.name).gaveUp;
  if (kept !== null && adoption.kind === 'adopt') {
    await slot.stop({ by: 'nightshift', why: 'it was ordered to be stopped' });
  }
}

function judge(name: SlotName, ours: readonly MarkedProcess[], deps: WakeDeps): Adoption {
  const { run } = deps.book.slot(name);
  const look = run === null || run.phase === 'spawning' ? null : deps.processes.look(run.pid);
  const evidence = { look, marked: ours, bootId: deps.processes.bootId(), now: deps.clock.now() };
  return deps.recordLost ? adoptUnrecorded(evidence) : judgeAdoption(run, evidence);
}

/** Whatever carries this instance's mark and is not of the adopted run. */
async function endStrangers(
  adoption: Adoption,
  ours: readonly MarkedProcess[],
  deps: WakeDeps,
): Promise<void> {
  const kept = adoption.kind === 'adopt' ? adoption.run.spawnId : null;
  const strangers = ours.filter(({ mark }) => mark.spawnId !== kept);
  await Promise.all(strangers.map((stranger) => endStranger(stranger, deps)));
}

async function endStranger({ pid, process, mark }: MarkedProcess, deps: WakeDeps): Promise<void> {
  deps.log.warn('leftover worker process is ended', { worker: mark.slot, pid });
  const tree = {
    pid,
    startTicks: process.startTicks,
    pool: mark.pool,
    spawnId: mark.spawnId,
    trustGroup: false,
  };
  await endTree(tree, { signal: 'SIGTERM', within: LEFTOVER_WITHIN }, deps);
}

async function distrust(name: SlotName, deps: WakeDeps): Promise<void> {
  const at = deps.clock.now();
  await deps.book.changeSlot(name, (slot) => ({ ...slot, gaveUp: { at, reason: LOST } }));
  await deps.notices.gaveUp(name, LOST, []);
}

/** On record or alive, but configured no more. */
async function endUnwanted(name: SlotName, marked: readonly MarkedProcess[], deps: WakeDeps): Promise<void> {
  const ours = marked.filter(({ mark }) => mark.slot === slotKey(name.worker, name.instance));
  const adoption = judge(name, ours, deps);
  if (adoption.kind === 'adopt') {
    const { pid, startTicks, spawnId } = adoption.run;
    const tree = { pid, startTicks, spawnId, pool: deps.pool, trustGroup: true };
    const ending = await endTree(tree, { signal: 'SIGTERM', within: LEFTOVER_WITHIN }, deps);
    await deps.notices.stopped(name, pid, ending.kind === 'ended' && ending.killed, 'nightshift');
  }
  await endStrangers({ kind: 'none' }, ours, deps);
  await deps.book.forget(name);
}

function namesOnRecord(marked: readonly MarkedProcess[], book: WorkerBook): readonly SlotName[] {
  const keys = [
    ...book.slots().map(({ worker, instance }) => slotKey(worker, instance)),
    ...marked.map(({ mark }) => mark.slot),
  ];
  return [...new Set(keys)].map(parseSlotKey);
}

function keyOf({ name }: WorkerSlot): string {
  return slotKey(name.worker, name.instance);
}

async function guarded(name: SlotName, work: () => Promise<void>, deps: WakeDeps): Promise<void> {
  try {
    await work();
  } catch (cause) {
    deps.log.error('worker cannot be woken', { worker: name.worker, error: describeError(cause) });
  }
}
