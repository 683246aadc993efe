/**
 * The task queue in this process: configured task commands with a durable journal in data/queue/.
 *
 * A start without an end, found at the next start, is unknown: run again only where the task says it is idempotent,
 * else a dead letter with the reason.
 */
import { describeError } from '../../domain/errors.ts';
import type { Clock, CommandRunner, Logger, Random } from '../../domain/ports.ts';
import type { QueueView, Task, TaskProcess } from '../../domain/queue.ts';
import { seconds } from '../../domain/units.ts';
import type { ProcessTable } from '../process-identity.ts';
import type { Entry } from './book.ts';
import { createDispatcher, type Dispatcher } from './dispatcher.ts';
import { createOrders } from './embedded-orders.ts';
import { listEntries, queueView, resolveId, stuckTasks, taskOf } from './embedded-views.ts';
import type { TaskEngine } from './engine.ts';
import { endLeftover } from './leftovers.ts';
import { afterRun } from './outcome.ts';
import { createRunTask, type RunTask } from './run-task.ts';
import type { QueuesSettings } from './settings.ts';
import { openStore, type QueueStore } from './store.ts';

const STOP_GRACE = seconds(2);
const NO_BACKOFF = { first: seconds(0), most: seconds(0), random: 0 };

export interface EmbeddedDeps {
  readonly folder: string;
  readonly settings: () => QueuesSettings;
  readonly commands: CommandRunner;
  readonly processes: ProcessTable;
  readonly clock: Clock;
  readonly log: Logger;
  readonly random: Random;
  /** A variable of the environment, for tasks that name what they need. */
  readonly lookup: (name: string) => string | undefined;
  /** Why nothing may start now (a freeze, a restore); `null` when it may. */
  readonly blocked: () => string | null;
  readonly run?: RunTask;
  readonly mostWaiting?: number;
  readonly segmentBytes?: number;
}

export interface EmbeddedQueues extends TaskEngine {
  start(): Promise<void>;
  stop(): Promise<void>;
  /** Looks at every queue again: after a reload, a thaw. */
  wakeAll(): void;
  processes(): readonly TaskProcess[];
  /** What is wrong with the journal; empty when all is well. */
  complaints(): readonly string[];
}

export function createEmbedded(deps: EmbeddedDeps): EmbeddedQueues {
  const { clock, log, settings } = deps;
  let opened: QueueStore | undefined;
  let complaints: readonly string[] = [];
  const store = (): QueueStore => opened ?? notOpen();
  const run = deps.run ?? createRunTask({ ...deps, node: process.execPath });
  const dispatcher = createDispatcher({ ...deps, store, run, random: () => deps.random.next() });
  const time = () => ({ now: clock.now(), monotonic: clock.monotonic() });
  const names = (): readonly string[] => namesOf(settings(), opened);
  const view = (name: string): QueueView => {
    const parts = { store: store(), dispatcher, settings: settings(), blocked: deps.blocked() };
    return queueView(name, parts, time());
  };
  const shown = (entry: Entry): Task =>
    taskOf(entry, dispatcher.find(entry.task.id) ?? null, clock.monotonic());
  const wakeAll = (): void => {
    for (const queue of names()) dispatcher.wake(queue);
  };

  return {
    ...createOrders({ ...deps, store, dispatcher }),
    async start() {
      opened = await openStore({ ...deps, onWaiting: createWaker(dispatcher.wake) });
      complaints = await mend(opened, names(), log);
      void recover(opened, dispatcher, deps).finally(wakeAll);
      wakeAll();
    },
    async stop() {
      if (opened === undefined) return;
      await dispatcher.stop(STOP_GRACE);
      await opened.close();
    },
    wakeAll,
    names,
    view: async (queue) => (names().includes(queue) ? view(queue) : undefined),
    async list(filter) {
      const { shown: entries, total } = listEntries(store().entries.values(), filter, clock.monotonic());
      return { tasks: entries.map(shown), total, unknown: [] };
    },
    async task(id) {
      const entry = resolveId(store().entries, id);
      if (entry === undefined) return undefined;
      return { task: shown(entry), log: dispatcher.find(entry.task.id)?.notes.log ?? entry.log };
    },
    stuck: async (queue) =>
      stuckTasks(
        dispatcher.running().filter(({ entry }) => entry.task.queue === queue),
        settings(),
        clock.now(),
      ),
    processes: () =>
      dispatcher
        .running()
        .flatMap(({ entry: { task }, notes: { pid } }) =>
          pid === null ? [] : [{ task: task.id, queue: task.queue, class: task.class, pid }],
        ),
    complaints: () => complaints,
  };
}

/** Those of the configuration, then those that tasks still wait in. */
function namesOf({ queues }: QueuesSettings, store: QueueStore | undefined): readonly string[] {
  const configured = queues.filter(({ engine }) => engine === 'embedded').map(({ name }) => name);
  const left = (store?.queues() ?? []).filter((name) => {
    const line = store?.line(name);
    return !configured.includes(name) && line !== undefined && line.items().length > 0;
  });
  return [...configured, ...left];
}

/** A thousand tasks that come in one turn are one look at their queue. */
function createWaker(wake: (queue: string) => void): (queue: string) => void {
  const asked = new Set<string>();
  return (queue) => {
    if (asked.has(queue)) return;
    asked.add(queue);
    queueMicrotask(() => {
      asked.delete(queue);
      wake(queue);
    });
  };
}

/** Says what a crash or a bad disk did. Where lines are missing nobody knows what ran: nothing starts until a person looks. */
async function mend(store: QueueStore, queues: readonly string[], log: Logger): Promise<readonly string[]> {
  const { tornBytes, damagedLines } = store.health;
  if (tornBytes > 0) log.warn('queue journal had an unfinished last line, cut off', { bytes: tornBytes });
  if (damagedLines === 0) return [];
  log.error('queue journal is damaged; its queues are paused', { lines: damagedLines });
  for (const queue of queues) await store.commit({ r: 'pause', queue, until: null, by: 'nightshift' });
  return [
    `${damagedLines} lines of the queue journal could not be read; the files are kept in data/queue. All embedded queues are paused: look at task list, then queue resume.`,
  ];
}

async function recover(store: QueueStore, dispatcher: Dispatcher, deps: EmbeddedDeps): Promise<void> {
  const left = [...store.entries.values()].filter(({ state }) => state.k === 'running');
  await Promise.all(left.map((entry) => recoverOne(entry, dispatcher, deps)));
}

async function recoverOne(entry: Entry, dispatcher: Dispatcher, deps: EmbeddedDeps): Promise<void> {
  const { clock, log } = deps;
  try {
    const left = await endLeftover(entry, deps);
    const run = {
      id: entry.task.id,
      // What may still run must not run beside itself, however harmless a second run is.
      idempotent: entry.task.idem && left.kind === 'ended',
      starts: entry.starts,
      maxStarts: entry.task.max,
      startedAt: entry.state.k === 'running' ? entry.state.at : entry.task.at,
      log: entry.log,
    };
    const end = { kind: 'interrupted', why: left.words } as const;
    await dispatcher.settle(afterRun(run, end, NO_BACKOFF, clock.now()));
  } catch (cause) {
    log.error('task of an earlier run could not be settled', {
      task: entry.task.id,
      error: describeError(cause),
    });
  }
}

function notOpen(): never {
  throw new Error('asked before it was started');
}
