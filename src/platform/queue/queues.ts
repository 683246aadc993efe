/**
 * All task queues behind one port: each call goes to the engine of its queue. BullMQ and its Redis client are loaded
 * when a queue of theirs is first asked for, never without REDIS_URL.
 *
 * A task of a BullMQ queue is named `<queue>/<job id>`; ids of embedded tasks have no slash.
 */
import { describeError } from '../../domain/errors.ts';
import type { Logger } from '../../domain/ports.ts';
import type { QueueChange, QueueView, TaskList, TaskQueue } from '../../domain/queue.ts';
import type { EmbeddedQueues } from './embedded.ts';
import type { TaskEngine } from './engine.ts';
import { DEFAULT_QUEUE, type QueueSettings, type QueuesSettings } from './settings.ts';

const NO_REDIS = 'REDIS_URL is not set, so nothing is known of this queue';

/** An engine that has connections to close. */
export type RemoteEngine = TaskEngine & { close(): Promise<void> };

export interface QueuesDeps {
  readonly embedded: EmbeddedQueues;
  readonly settings: () => QueuesSettings;
  /** `null` where REDIS_URL is not set. */
  readonly remote: (() => Promise<RemoteEngine>) | null;
  readonly log: Logger;
}

export interface TaskQueues extends TaskQueue {
  start(): Promise<void>;
  stop(): Promise<void>;
  /** Looks at every embedded queue again: after a reload, a thaw. */
  wakeAll(): void;
  complaints(): readonly string[];
}

/** Where a queue or a task is looked after. */
type Place =
  | { readonly kind: 'engine'; readonly engine: TaskEngine }
  | { readonly kind: 'unknown'; readonly reason: string }
  | { readonly kind: 'nowhere' };

export function createQueues(deps: QueuesDeps): TaskQueues {
  const { embedded } = deps;
  const places = createPlaces(deps);
  const { placeOf, placeOfTask } = places;

  async function view(queue: string): Promise<QueueView | undefined> {
    const place = await placeOf(queue);
    if (place.kind === 'nowhere') return undefined;
    return place.kind === 'engine' ? place.engine.view(queue) : unknownView(queue, place.reason);
  }

  const names = (): readonly string[] => [
    ...embedded.names(),
    ...places.remoteQueues().map(({ name }) => name),
  ];
  const views = async (): Promise<readonly QueueView[]> =>
    (await Promise.all(names().map(view))).filter((one) => one !== undefined);

  return {
    ...createChanges(places),
    names,
    processes: embedded.processes,
    readings: views,
    views,
    view,
    async submit(request, call) {
      const place = await placeOf(request.queue ?? DEFAULT_QUEUE);
      if (place.kind === 'engine') return place.engine.submit(request, call);
      return place.kind === 'unknown' ? place : noQueue(request.queue ?? DEFAULT_QUEUE);
    },
    list: (filter) => listAll(filter, { ...places, embedded }),
    async task(id) {
      const place = await placeOfTask(id);
      return place.kind === 'engine' ? place.engine.task(id) : undefined;
    },
    async cancel(id, call) {
      const place = await placeOfTask(id);
      if (place.kind === 'engine') return place.engine.cancel(id, call);
      return place.kind === 'unknown' ? place : { kind: 'not_found', reason: `There is no task ${id}.` };
    },
    async stuck(queue) {
      const place = await placeOf(queue);
      if (place.kind === 'nowhere') return undefined;
      return place.kind === 'engine' ? place.engine.stuck(queue) : null;
    },
    start: embedded.start,
    async stop() {
      await embedded.stop();
      await places.close();
    },
    wakeAll: embedded.wakeAll,
    complaints: embedded.complaints,
  };
}

interface Places {
  placeOf(queue: string): Promise<Place>;
  placeOfTask(id: string): Promise<Place>;
  remoteQueues(): readonly QueueSettings[];
  close(): Promise<void>;
}

function createPlaces({ embedded, settings, remote, log }: QueuesDeps): Places {
  let loading: Promise<RemoteEngine> | undefined;
  const remoteQueues = (): readonly QueueSettings[] =>
    settings().queues.filter(({ engine }) => engine === 'bullmq');

  async function loadRemote(): Promise<Place> {
    if (remote === null) return { kind: 'unknown', reason: NO_REDIS };
    try {
      loading ??= remote();
      return { kind: 'engine', engine: await loading };
    } catch (cause) {
      loading = undefined;
      log.error('BullMQ could not be loaded', { error: describeError(cause) });
      return { kind: 'unknown', reason: `BullMQ could not be loaded: ${describeError(cause)}` };
    }
  }

  async function placeOf(queue: string): Promise<Place> {
    if (remoteQueues().some(({ name }) => name === queue)) return loadRemote();
    return embedded.names().includes(queue) ? { kind: 'engine', engine: embedded } : { kind: 'nowhere' };
  }

  return {
    placeOf,
    placeOfTask: async (id) =>
      id.includes('/') ? placeOf(id.slice(0, id.indexOf('/'))) : { kind: 'engine', engine: embedded },
    remoteQueues,
    async close() {
      const engine = await loading?.catch(() => undefined);
      await engine?.close();
    },
  };
}

type Changes =
  | 'pause'
  | 'resume'
  | 'drain'
  | 'changePriority'
  | 'redistribute'
  | 'freeStuck'
  | 'setLimits'
  | 'holdClass'
  | 'releaseClass';

/** Each goes to the engine of its queue. */
function createChanges({ placeOf }: Places): Pick<TaskQueue, Changes> {
  async function change(
    queue: string,
    ask: (engine: TaskEngine) => Promise<QueueChange>,
  ): Promise<QueueChange> {
    const place = await placeOf(queue);
    if (place.kind === 'engine') return ask(place.engine);
    return place.kind === 'unknown' ? place : noQueue(queue);
  }

  return {
    pause: (queue, span, call) => change(queue, (engine) => engine.pause(queue, span, call)),
    resume: (queue, call) => change(queue, (engine) => engine.resume(queue, call)),
    drain: (queue, call) => change(queue, (engine) => engine.drain(queue, call)),
    changePriority: (queue, priority, choice, call) =>
      change(queue, (engine) => engine.changePriority(queue, priority, choice, call)),
    async redistribute(from, to, choice, call) {
      const [source, target] = [await placeOf(from), await placeOf(to)];
      if (target.kind === 'nowhere') return noQueue(to);
      if (source.kind === 'engine' && target.kind === 'engine' && source.engine !== target.engine) {
        return { kind: 'refused', reason: `${from} and ${to} are queues of different engines.` };
      }
      return change(from, (engine) => engine.redistribute(from, to, choice, call));
    },
    freeStuck: (queue, call) => change(queue, (engine) => engine.freeStuck(queue, call)),
    setLimits: (queue, limits, call) => change(queue, (engine) => engine.setLimits(queue, limits, call)),
    holdClass: (queue, held, span, call) =>
      change(queue, (engine) => engine.holdClass(queue, held, span, call)),
    releaseClass: (queue, held, call) => change(queue, (engine) => engine.releaseClass(queue, held, call)),
  };
}

function noQueue(queue: string): { readonly kind: 'not_found'; readonly reason: string } {
  return { kind: 'not_found', reason: `There is no queue ${queue}.` };
}

type Lists = Pick<Places, 'placeOf' | 'remoteQueues'> & { readonly embedded: EmbeddedQueues };

/** Embedded tasks first, then each BullMQ queue that is asked for. */
async function listAll(
  filter: Parameters<TaskQueue['list']>[0],
  { embedded, remoteQueues, placeOf }: Lists,
): Promise<TaskList> {
  const foreign = remoteQueues().filter(({ name }) => filter.queue === undefined || filter.queue === name);
  const own = foreign.some(({ name }) => name === filter.queue) ? [] : [embedded.list(filter)];
  // BullMQ has no classes: who asks for one does not mean its jobs.
  const others = filter.class === undefined ? foreign.map(({ name }) => listOne(name)) : [];
  const lists = await Promise.all([...own, ...others]);
  const totals = lists.map(({ total }) => total);
  return {
    tasks: lists.flatMap(({ tasks }) => tasks).slice(0, filter.limit),
    total: totals.includes(null) ? null : totals.reduce<number>((sum, total) => sum + (total ?? 0), 0),
    unknown: lists.flatMap(({ unknown }) => unknown),
  };

  async function listOne(queue: string): Promise<TaskList> {
    const place = await placeOf(queue);
    if (place.kind === 'engine') return place.engine.list({ ...filter, queue });
    const reason = place.kind === 'unknown' ? place.reason : 'it is not configured';
    return { tasks: [], total: null, unknown: [`${queue}: ${reason}`] };
  }
}

/** A BullMQ queue that did not answer. */
export function unknownView(queue: string, reason: string): QueueView {
  return {
    queue,
    engine: 'bullmq',
    depth: null,
    oldest: null,
    ratePerMinute: null,
    reason,
    waitingByClass: null,
    running: null,
    dead: null,
    paused: null,
    draining: null,
    concurrency: null,
    rate: null,
    held: [],
    workers: null,
    stuck: null,
  };
}
