/** What people and rooms may ask of the embedded queues, beyond looking. Each change is durable when it is answered. */
import { describeError } from '../../domain/errors.ts';
import type { Clock, Random } from '../../domain/ports.ts';
import type {
  QueueCall,
  QueueChange,
  SubmitResult,
  TaskChoice,
  TaskQueue,
  TaskRequest,
} from '../../domain/queue.ts';
import { after as later, toIso } from '../../domain/units.ts';
import type { Entry } from './book.ts';
import type { Dispatcher } from './dispatcher.ts';
import { inOrder, resolveId, taskOf } from './embedded-views.ts';
import type { QueueRecord, StoredTask } from './records.ts';
import { embeddedQueue, type QueuesSettings, type TaskCommand } from './settings.ts';
import type { QueueStore } from './store.ts';
import { readVariables } from './task-command.ts';

/** Records of one write; between two of them other work goes on. */
const AT_ONCE = 1_000;
/** Who submits faster than this for long has to be told, not remembered. */
export const MOST_WAITING = 100_000;

export interface OrderDeps {
  readonly store: () => QueueStore;
  readonly dispatcher: Dispatcher;
  readonly settings: () => QueuesSettings;
  readonly clock: Clock;
  readonly random: Random;
  readonly mostWaiting?: number;
}

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
  const { store, dispatcher, clock } = deps;

  /** All records share one write; memory is changed when they are on disk. */
  async function change(
    records: readonly QueueRecord[],
    text: string,
    call: QueueCall,
  ): Promise<QueueChange> {
    if (call.dryRun) return { kind: 'would', text, count: records.length };
    try {
      for (let from = 0; from < records.length; from += AT_ONCE) {
        await Promise.all(records.slice(from, from + AT_ONCE).map((record) => store().commit(record)));
      }
      return { kind: 'done', text, count: records.length };
    } catch (cause) {
      return { kind: 'unknown', reason: describeError(cause) };
    }
  }

  return {
    submit: createSubmit(deps),
    async cancel(id, call) {
      const entry = resolveId(store().entries, id);
      if (entry === undefined) return { kind: 'not_found', reason: `There is no task ${id}.` };
      return cancelTask(entry, call, deps);
    },
    pause: (queue, span, call) => {
      const until = span === null ? null : later(clock.now(), span);
      const words = until === null ? 'until it is resumed' : `until ${toIso(until)}`;
      return change(
        [{ r: 'pause', queue, until, by: call.by }],
        `${queue} starts no more tasks ${words}.`,
        call,
      );
    },
    resume: (queue, call) => change([{ r: 'resume', queue }], `${queue} starts tasks again.`, call),
    drain: (queue, call) =>
      change([{ r: 'drain', queue, by: call.by }], `${queue} runs what waits and takes nothing new.`, call),
    changePriority: (queue, priority, choice, call) => {
      const chosen = choose(store(), queue, choice, clock);
      const records = chosen.map(({ task: { id } }): QueueRecord => ({ r: 'prio', id, p: priority }));
      return change(records, `${count(records.length)} of ${queue} to priority ${priority}.`, call);
    },
    async redistribute(from, to, choice, call) {
      if (from === to) return { kind: 'refused', reason: `${from} and ${to} are the same queue.` };
      if (store().gate(to).draining)
        return { kind: 'refused', reason: `${to} takes nothing new: it is drained.` };
      const records = choose(store(), from, choice, clock).map(
        ({ task: { id } }): QueueRecord => ({ r: 'move', id, queue: to }),
      );
      return change(records, `${count(records.length)} from ${from} to ${to}.`, call);
    },
    freeStuck: async (queue, call) => ({
      kind: call.dryRun ? 'would' : 'done',
      text: `Nothing of ${queue} is stuck: every task there has a time limit that ends it.`,
      count: 0,
    }),
    async setLimits(queue, limits, call) {
      if (!call.dryRun) dispatcher.lane(queue).setLimits(limits);
      if (!call.dryRun) dispatcher.wake(queue);
      return { kind: call.dryRun ? 'would' : 'done', text: `Limits of ${queue} are set.`, count: 1 };
    },
    async holdClass(queue, held, span, call) {
      if (!call.dryRun) dispatcher.lane(queue).hold(held, later(clock.now(), span));
      return {
        kind: call.dryRun ? 'would' : 'done',
        text: `${held} tasks of ${queue} are put off.`,
        count: 1,
      };
    },
    async releaseClass(queue, held, call) {
      if (!call.dryRun) dispatcher.lane(queue).hold(held, null);
      if (!call.dryRun) dispatcher.wake(queue);
      return { kind: call.dryRun ? 'would' : 'done', text: `${held} tasks of ${queue} run again.`, count: 1 };
    },
  };
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

function createSubmit(deps: OrderDeps): TaskQueue['submit'] {
  const { store } = deps;
  const limit = deps.mostWaiting ?? MOST_WAITING;
  const pending = new Map<string, Promise<SubmitResult>>();
  let adding = 0;

  async function add(request: TaskRequest, command: TaskCommand, call: QueueCall): Promise<SubmitResult> {
    const made = taskFor(request, command, call, deps);
    if ('kind' in made) return made;
    if (store().waiting() + adding >= limit) {
      return { kind: 'full', reason: `${limit.toLocaleString('en-US')} tasks wait already.` };
    }
    if (call.dryRun) return { kind: 'would', text: `Would give ${made.name} to ${made.queue}.` };
    adding += 1;
    try {
      const due = request.delay > 0 ? made.at + request.delay : null;
      await store().commit({ r: 'add', task: made, due });
    } catch (cause) {
      return { kind: 'unknown', reason: describeError(cause) };
    } finally {
      adding -= 1;
    }
    const entry = store().entries.get(made.id);
    return entry === undefined
      ? { kind: 'unknown', reason: 'it is on disk, and already forgotten' }
      : { kind: 'accepted', task: taskOf(entry, null, deps.clock.monotonic()) };
  }

  return async (request, call) => {
    const command = deps.settings().tasks.find(({ name }) => name === request.name);
    if (command === undefined) return unknownTask(request.name, deps.settings());
    const { key } = request;
    if (key === null || call.dryRun) return add(request, command, call);
    const known = store().byKey(key);
    if (known !== undefined) return { kind: 'existing', task: taskOf(known, null, deps.clock.monotonic()) };
    const other = pending.get(key);
    if (other !== undefined) {
      const result = await other;
      return result.kind === 'accepted' ? { kind: 'existing', task: result.task } : result;
    }
    const own = add(request, command, call).finally(() => pending.delete(key));
    pending.set(key, own);
    return own;
  };
}

function unknownTask(name: string, { tasks }: QueuesSettings): SubmitResult {
  const known =
    tasks.length === 0 ? 'workers.json has none' : `there are ${tasks.map((task) => task.name).join(', ')}`;
  return { kind: 'not_found', reason: `No task is named ${name}; ${known}.` };
}

/** The task as it will be stored, or why not. */
function taskFor(
  request: TaskRequest,
  command: TaskCommand,
  call: QueueCall,
  { settings, store, clock, random }: OrderDeps,
): StoredTask | SubmitResult {
  const queue = request.queue ?? command.queue;
  if (embeddedQueue(settings(), queue) === undefined) {
    return { kind: 'not_found', reason: `There is no embedded queue ${queue}.` };
  }
  if (store().gate(queue).draining)
    return { kind: 'refused', reason: `${queue} takes nothing new: it is drained.` };
  const variables = readVariables(command, request.variables);
  if (variables.kind === 'invalid') return variables;
  return {
    id: `t${random.hex(6)}`,
    queue,
    name: command.name,
    class: request.class ?? command.class,
    priority: request.priority ?? command.priority,
    vars: variables.values,
    at: clock.now(),
    by: call.by,
    key: request.key,
    idem: command.idempotent,
    max: command.attempts,
  };
}
