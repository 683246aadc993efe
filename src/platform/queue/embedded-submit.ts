/** Taking tasks in: checked, within the limit, once for a key, and on disk before it is answered. */
import { describeError } from '../../domain/errors.ts';
import type { Clock, Random } from '../../domain/ports.ts';
import type { QueueCall, SubmitResult, TaskQueue, TaskRequest } from '../../domain/queue.ts';
import type { Dispatcher } from './dispatcher.ts';
import { taskOf } from './embedded-views.ts';
import type { StoredTask } from './records.ts';
import { embeddedQueue, type QueuesSettings, type TaskCommand } from './settings.ts';
import type { QueueStore } from './store.ts';
import { readVariables } from './task-command.ts';

/** Who submits faster than this for long has to be told, not remembered. */
const MOST_WAITING = 100_000;

export interface OrderDeps {
  readonly store: () => QueueStore;
  readonly dispatcher: Dispatcher;
  readonly settings: () => QueuesSettings;
  readonly clock: Clock;
  readonly random: Random;
  readonly mostWaiting?: number;
}

export function createSubmit(deps: OrderDeps): TaskQueue['submit'] {
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
    const due = request.delay > 0 ? made.at + request.delay : null;
    adding += 1;
    const failure = await store()
      .commit({ r: 'add', task: made, due })
      .then(() => null, describeError)
      .finally(() => {
        adding -= 1;
      });
    if (failure !== null) return { kind: 'unknown', reason: failure };
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
