/** The embedded queues and their tasks as people and other rooms see them. Pure; nothing here waits. */
import type { QueueIdle, QueueView, StuckTask, Task, TaskFilter, TaskState } from '../../domain/queue.ts';
import { type EpochMs, epochMs, type Ms, ms, seconds } from '../../domain/units.ts';
import type { Entry } from './book.ts';
import type { Dispatcher, Running } from './dispatcher.ts';
import { embeddedQueue, type QueuesSettings } from './settings.ts';
import type { QueueStore } from './store.ts';

/** A run that its deadline has not ended by then hangs in the kernel. */
const STUCK_GRACE = seconds(30);
/** A task that has run for less holds nothing up. */
const LONG_RUN = seconds(15);

export interface ViewParts {
  readonly store: QueueStore;
  readonly dispatcher: Dispatcher;
  readonly settings: QueuesSettings;
  /** Why nothing may start now; `null` when it may. */
  readonly blocked: string | null;
}

interface Time {
  readonly now: EpochMs;
  readonly monotonic: Ms;
}

export function queueView(name: string, parts: ViewParts, time: Time): QueueView {
  const { store, dispatcher, settings } = parts;
  const configured = embeddedQueue(settings, name);
  const line = store.line(name);
  const waitingByClass = line.waiting();
  const { paused, draining } = store.gate(name);
  const running = dispatcher.running().filter(({ entry }) => entry.task.queue === name);
  const lowered = dispatcher.lane(name).lowered(time.now);
  const oldest = line.oldest(time.monotonic);
  const concurrency = Math.min(configured?.concurrency ?? 0, lowered.concurrency ?? Number.POSITIVE_INFINITY);
  const isPaused = paused !== null && (paused.until === null || paused.until > time.now);
  const idle = idleOf(store.idle(name), running, oldest, time);
  const heldUpBy = heldUpWords(name, {
    blocked: parts.blocked,
    pausedBy: isPaused ? paused.by : null,
    running,
    concurrency,
    now: time.now,
  });
  return {
    queue: name,
    engine: 'embedded',
    depth: waitingByClass.critical + waitingByClass.normal + waitingByClass.batch + line.delayed(),
    oldest: ms(oldest === undefined ? 0 : Math.max(0, time.monotonic - oldest)),
    ratePerMinute: store.donePerMinute(name),
    reason:
      configured === undefined ? 'it is no longer configured; move its tasks with queue redistribute' : '',
    waitingByClass,
    running: running.length,
    dead: store.dead(name),
    paused: isPaused,
    draining,
    concurrency,
    rate: lowered.rate ?? configured?.rate ?? null,
    held: [...lowered.held].map(([held, until]) => ({ class: held, until })),
    workers: null,
    stuck: stuckTasks(running, settings, time.now).length,
    ...(idle === undefined ? {} : { idle }),
    ...(heldUpBy === null ? {} : { heldUpBy }),
  };
}

/** Idle only since there is work: no longer than the oldest task has waited or run. */
function idleOf(
  counted: QueueIdle | undefined,
  running: readonly Running[],
  oldestWaits: number | undefined,
  { now, monotonic }: Time,
): QueueIdle | undefined {
  if (counted === undefined) return undefined;
  const waited = oldestWaits === undefined ? 0 : monotonic - oldestWaits;
  const ran = Math.max(0, ...running.map(({ since }) => now - since));
  return { ...counted, current: ms(Math.min(counted.current, Math.max(0, waited, ran))) };
}

interface Hold {
  readonly blocked: string | null;
  readonly pausedBy: string | null;
  readonly running: readonly Running[];
  readonly concurrency: number;
  readonly now: EpochMs;
}

/** The first that explains it: nothing may start, somebody paused it, or its slots are taken for long. */
function heldUpWords(name: string, { blocked, pausedBy, running, concurrency, now }: Hold): string | null {
  if (blocked !== null) return `no task may start: ${blocked}`;
  if (pausedBy !== null) return `queue ${name} was paused by ${pausedBy}`;
  const [longest] = running.toSorted((a, b) => a.since - b.since);
  if (longest === undefined || running.length < concurrency || now - longest.since < LONG_RUN) return null;
  const { task } = longest.entry;
  const slots = concurrency === 1 ? 'the only slot' : `one of ${concurrency} slots, all taken`;
  return `task ${task.name} (${task.id}) is running for ${spanWords(now - longest.since)} in ${slots}`;
}

function spanWords(span: number): string {
  return span < 120_000 ? `${Math.round(span / 1_000)} s` : `${Math.round(span / 60_000)} min`;
}

export function stuckTasks(
  running: readonly Running[],
  { tasks }: QueuesSettings,
  now: EpochMs,
): readonly StuckTask[] {
  return running.flatMap(({ entry: { task }, since }) => {
    const limit = tasks.find(({ name }) => name === task.name)?.timeLimit;
    if (limit === undefined || now - since < limit + STUCK_GRACE) return [];
    const reason = 'it runs on past its time limit and cannot be ended';
    return [{ id: task.id, queue: task.queue, name: task.name, since: epochMs(since), reason }];
  });
}

/** A task for people; `run` where it runs now. */
export function taskOf({ task, state, starts, readyAt }: Entry, run: Running | null, monotonic: Ms): Task {
  return {
    id: task.id,
    queue: task.queue,
    name: task.name,
    class: task.class,
    priority: task.priority,
    variables: task.vars,
    submittedAt: epochMs(task.at),
    by: task.by,
    attempts: starts,
    idempotent: task.idem,
    key: task.key,
    state: stateOf(state, starts, readyAt <= monotonic),
    progress: run?.notes.progress ?? null,
  };
}

function stateOf(state: Entry['state'], starts: number, isDue: boolean): TaskState {
  switch (state.k) {
    case 'waiting':
      return { kind: 'waiting', since: epochMs(state.since) };
    case 'delayed':
      return isDue
        ? { kind: 'waiting', since: epochMs(state.until) }
        : { kind: 'delayed', until: epochMs(state.until), reason: state.why };
    case 'running':
      return { kind: 'running', since: epochMs(state.at), attempt: starts };
    case 'done':
      return { kind: 'done', at: epochMs(state.at), took: ms(state.ms) };
    case 'dead':
      return { kind: 'dead', at: epochMs(state.at), reason: state.why };
    case 'cancelled':
      return { kind: 'cancelled', at: epochMs(state.at), by: state.by };
  }
}

const GROUPS: Readonly<Record<Entry['state']['k'], number>> = {
  waiting: 0,
  delayed: 0,
  running: 1,
  dead: 2,
  done: 3,
  cancelled: 3,
};

/** Waiting in the order they will run, then running, then dead, then ended, newest first. */
export function listEntries(
  entries: Iterable<Entry>,
  filter: TaskFilter,
  monotonic: Ms,
): { readonly shown: readonly Entry[]; readonly total: number } {
  const groups: [Entry[], Entry[], Entry[], Entry[]] = [[], [], [], []];
  let total = 0;
  for (const entry of entries) {
    if (!fits(entry, filter, monotonic)) continue;
    total += 1;
    groups[GROUPS[entry.state.k]]?.push(entry);
  }
  const [waiting, running, dead, ended] = groups;
  const shown: Entry[] = [];
  for (const part of [
    () => inOrder(waiting, monotonic),
    () => running,
    () => dead.toReversed(),
    () => ended.toReversed(),
  ]) {
    if (shown.length < filter.limit) shown.push(...part().slice(0, filter.limit - shown.length));
  }
  return { shown, total };
}

function fits({ task, state, readyAt }: Entry, filter: TaskFilter, monotonic: Ms): boolean {
  if (filter.queue !== undefined && task.queue !== filter.queue) return false;
  if (filter.class !== undefined && task.class !== filter.class) return false;
  if (filter.state === undefined) return true;
  const kind = state.k === 'delayed' && readyAt <= monotonic ? 'waiting' : state.k;
  return kind === filter.state;
}

const CLASS_ORDER = { critical: 0, normal: 1, batch: 2 } as const;

/** About the order in which they will run: due before delayed, then class, then place in the class. */
export function inOrder(entries: readonly Entry[], monotonic: Ms): readonly Entry[] {
  const late = (entry: Entry): number => (entry.readyAt <= monotonic ? 0 : 1);
  return entries.toSorted(
    (a, b) =>
      late(a) - late(b) ||
      CLASS_ORDER[a.task.class] - CLASS_ORDER[b.task.class] ||
      a.key - b.key ||
      a.order - b.order,
  );
}

/** By id, or by the beginning of one that only one task has. */
export function resolveId(entries: ReadonlyMap<string, Entry>, id: string): Entry | undefined {
  const exact = entries.get(id);
  if (exact !== undefined || id.length < 4) return exact;
  let only: Entry | undefined;
  for (const [known, entry] of entries) {
    if (!known.startsWith(id)) continue;
    if (only !== undefined) return undefined;
    only = entry;
  }
  return only;
}
