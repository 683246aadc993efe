/** What people and rooms may ask of the embedded queues, beyond looking. Each change is durable when it is answered. */
import { describeError } from '../../domain/errors.ts';
import type { Clock } from '../../domain/ports.ts';
import type { QueueCall, QueueChange, TaskChoice, TaskQueue } from '../../domain/queue.ts';
import { after as later, toIso } from '../../domain/units.ts';
import type { Entry } from './book.ts';
import { createSubmit, type OrderDeps } from './embedded-submit.ts';
import { inOrder, resolveId } from './embedded-views.ts';
import type { Lane } from './lane.ts';
import type { QueueRecord } from './records.ts';
import type { QueueStore } from './store.ts';

/** Records of one write; between two of them other work goes on. */
const AT_ONCE = 1_000;

export type EmbeddedOrders = Pick<
  TaskQueue,
  | 'submit'
  | 'cancel'
  | 'pause'
  | 'resume'
  | 'drain'
  | 'changePriority'
  | 'redistribute'
  | 'freeStuck'
  | 'setLimits'
  | 'holdClass'
  | 'releaseClass'
>;

export function createOrders(deps: OrderDeps): EmbeddedOrders {
  const { store, clock } = deps;

  return {
    ...createBrakes(deps),
    submit: createSubmit(deps),
    async cancel(id, call) {
      const entry = resolveId(store().entries, id);
      if (entry === undefined) return { kind: 'not_found', reason: `There is no task ${id}.` };
      return cancelTask(entry, call, deps);
    },
    changePriority(queue, priority, choice, call) {
      const chosen = choose(store(), queue, choice, clock);
      const records = chosen.map(({ task: { id } }): QueueRecord => ({ r: 'prio', id, p: priority }));
      return write(store(), records, `${count(records.length)} of ${queue} to priority ${priority}.`, call);
    },
    async redistribute(from, to, choice, call) {
      if (from === to) return { kind: 'refused', reason: `${from} and ${to} are the same queue.` };
      if (store().gate(to).draining)
        return { kind: 'refused', reason: `${to} takes nothing new: it is drained.` };
      const records = choose(store(), from, choice, clock).map(
        ({ task: { id } }): QueueRecord => ({ r: 'move', id, queue: to }),
      );
      return write(store(), records, `${count(records.length)} from ${from} to ${to}.`, call);
    },
    freeStuck: async (queue, call) => ({
      kind: call.dryRun ? 'would' : 'done',
      text: `Nothing of ${queue} is stuck: every task there has a time limit that ends it.`,
      count: 0,
    }),
  };
}

type Brakes = 'pause' | 'resume' | 'drain' | 'setLimits' | 'holdClass' | 'releaseClass';

/** Pause and drain are on disk; what is lowered or put off is in memory. */
function createBrakes({ store, dispatcher, clock }: OrderDeps): Pick<EmbeddedOrders, Brakes> {
  const inMemory = (queue: string, text: string, call: QueueCall, act: (lane: Lane) => void): QueueChange => {
    if (call.dryRun) return { kind: 'would', text, count: 1 };
    act(dispatcher.lane(queue));
    dispatcher.wake(queue);
    return { kind: 'done', text, count: 1 };
  };

  return {
    pause(queue, span, call) {
      const until = span === null ? null : later(clock.now(), span);
      const words = until === null ? 'until it is resumed' : `until ${toIso(until)}`;
      const record = { r: 'pause', queue, until, by: call.by } as const;
      return write(store(), [record], `${queue} starts no more tasks ${words}.`, call);
    },
    resume: (queue, call) => write(store(), [{ r: 'resume', queue }], `${queue} starts tasks again.`, call),
    drain(queue, call) {
      const record = { r: 'drain', queue, by: call.by } as const;
      return write(store(), [record], `${queue} runs what waits and takes nothing new.`, call);
    },
    setLimits: async (queue, limits, call) =>
      inMemory(queue, `Limits of ${queue} are set.`, call, (lane) => lane.setLimits(limits)),
    async holdClass(queue, held, span, call) {
      const until = later(clock.now(), span);
      const text = `${held} tasks of ${queue} are put off until ${toIso(until)}.`;
      return inMemory(queue, text, call, (lane) => lane.hold(held, until));
    },
    releaseClass: async (queue, held, call) =>
      inMemory(queue, `${held} tasks of ${queue} run again.`, call, (lane) => lane.hold(held, null)),
  };
}

/** Records of one turn share one write; memory is changed when they are on disk. */
async function write(
  store: QueueStore,
  records: readonly QueueRecord[],
  text: string,
  call: QueueCall,
): Promise<QueueChange> {
  if (call.dryRun) return { kind: 'would', text, count: records.length };
  try {
    for (let from = 0; from < records.length; from += AT_ONCE) {
      await Promise.all(records.slice(from, from + AT_ONCE).map((record) => store.commit(record)));
    }
    return { kind: 'done', text, count: records.length };
  } catch (cause) {
    return { kind: 'unknown', reason: describeError(cause) };
  }
}

function count(tasks: number): string {
  return tasks === 1 ? '1 waiting task' : `${tasks} waiting tasks`;
}

/** Waiting tasks, the first in order first. */
function choose(store: QueueStore, queue: string, choice: TaskChoice, clock: Clock): readonly Entry[] {
  const ids = choice.ids === undefined ? null : new Set(choice.ids);
  const all = store
    .line(queue)
    .items()
    .filter(({ task }) => ids === null || ids.has(task.id))
    .filter(({ task }) => choice.class === undefined || task.class === choice.class);
  return choice.limit === undefined ? all : inOrder(all, clock.monotonic()).slice(0, choice.limit);
}

async function cancelTask(
  entry: Entry,
  call: QueueCall,
  { store, dispatcher, clock }: OrderDeps,
): Promise<QueueChange> {
  const { id, name } = entry.task;
  const { k } = entry.state;
  if (k === 'done' || k === 'dead' || k === 'cancelled') {
    return { kind: 'refused', reason: `Task ${id} has ended already (${k}).` };
  }
  const runs = dispatcher.find(id);
  if (k === 'running' && runs === undefined) {
    return { kind: 'refused', reason: `Task ${id} is being settled after a restart; ask again in a moment.` };
  }
  const text = runs === undefined ? `Task ${id} (${name}) is taken back.` : `Task ${id} (${name}) is ended.`;
  if (call.dryRun) return { kind: 'would', text, count: 1 };
  try {
    if (runs === undefined) await store().commit({ r: 'cancel', id, at: clock.now(), by: call.by });
    else {
      runs.end({ kind: 'cancelled', by: call.by });
      await runs.ended;
    }
  } catch (cause) {
    return { kind: 'unknown', reason: describeError(cause) };
  }
  const after = store().entries.get(id)?.state.k ?? 'done';
  if (after === 'cancelled') return { kind: 'done', text, count: 1 };
  return { kind: 'refused', reason: `Task ${id} ended before it could be cancelled (${after}).` };
}
