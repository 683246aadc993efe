/**
 * Starts waiting tasks of the embedded queues: as many at once and as fast as each queue allows.
 *
 * The start is on disk before the task runs, and its end before the slot is free again. While the journal cannot be
 * written nothing starts, and an end is written again until it is.
 */
import { describeError } from '../../domain/errors.ts';
import type { Cancel, Clock, Logger } from '../../domain/ports.ts';
import { type Ms, ms, seconds } from '../../domain/units.ts';
import type { ProcessTable } from '../process-identity.ts';
import type { Entry } from './book.ts';
import { createLane, type Lane } from './lane.ts';
import { afterRun, type RunEnd } from './outcome.ts';
import type { RunNotes, RunTask } from './run-task.ts';
import { type EmbeddedQueueSettings, embeddedQueue, type QueuesSettings } from './settings.ts';
import type { QueueStore } from './store.ts';

const LOOK_AGAIN: Ms = seconds(1);
const USUAL_BACKOFF = { backoff: seconds(10), maxBackoff: seconds(300) };
/** Lines of a task that go into the journal. */
const KEPT_AT_END = 10;

type Given = Extract<RunEnd, { kind: 'cancelled' | 'interrupted' }>;

/** A task that runs, or whose start is being written. */
export interface Running {
  readonly entry: Entry;
  readonly notes: RunNotes;
  readonly since: number;
  /** Ends it; what is given becomes its end. */
  end(how: Given): void;
  readonly ended: Promise<void>;
}

export interface Dispatcher {
  /** Looks whether something can start; harmless at any time. */
  wake(queue: string): void;
  find(id: string): Running | undefined;
  running(): readonly Running[];
  lane(queue: string): Lane;
  /** Writes a record again and again until the disk takes it. */
  settle(record: Parameters<QueueStore['commit']>[0]): Promise<void>;
  /** No more starts; what runs may end by itself for `grace`, then it is ended. */
  stop(grace: Ms): Promise<void>;
}

export interface DispatcherDeps {
  readonly store: () => QueueStore;
  readonly settings: () => QueuesSettings;
  readonly run: RunTask;
  /** Why nothing may start now; `null` when it may. */
  readonly blocked: () => string | null;
  readonly processes: Pick<ProcessTable, 'identify'>;
  readonly clock: Clock;
  readonly log: Logger;
  /** 0 ≤ x < 1 */
  readonly random: () => number;
}

export function createDispatcher(deps: DispatcherDeps): Dispatcher {
  const { clock, log, store } = deps;
  const running = new Map<string, Running>();
  const lanes = new Map<string, Lane>();
  const timers = new Map<string, Cancel>();
  let stopped = false;
  let unwritable = false;

  function lane(queue: string): Lane {
    const known = lanes.get(queue);
    if (known !== undefined) return known;
    const made = createLane();
    lanes.set(queue, made);
    return made;
  }

  function wake(queue: string): void {
    const settings = embeddedQueue(deps.settings(), queue);
    if (stopped || settings === undefined) return;
    while (mayStart(queue) && startNext(settings)) {
      // startNext did the work
    }
    arm(queue);
  }

  function mayStart(queue: string): boolean {
    const { paused } = store().gate(queue);
    const isPaused = paused !== null && (paused.until === null || paused.until > clock.now());
    return !(isPaused || unwritable || stopped) && deps.blocked() === null;
  }

  function startNext(settings: EmbeddedQueueSettings): boolean {
    const [now, monotonic] = [clock.now(), clock.monotonic()];
    const line = store().line(settings.name);
    const admission = lane(settings.name).admission(taken(settings.name), settings, now, monotonic);
    const entry = line.pick(monotonic, admission, deps.settings().classes);
    if (entry === undefined) return false;
    line.started(entry);
    lane(settings.name).spend(entry.task.class, monotonic);
    launch(entry);
    return true;
  }

  function taken(queue: string): { critical: number; others: number } {
    const slots = { critical: 0, others: 0 };
    for (const { entry } of running.values()) {
      if (entry.task.queue === queue) slots[entry.task.class === 'critical' ? 'critical' : 'others'] += 1;
    }
    return slots;
  }

  /** One look at the queue when something may have changed by itself: a task falls due, a token, a hold, a pause. */
  function arm(queue: string): void {
    timers.get(queue)?.();
    timers.delete(queue);
    const line = store().line(queue);
    const monotonic = clock.monotonic();
    const { critical, normal, batch } = line.waiting();
    const waits: number[] = [];
    const due = line.nextDue();
    if (due !== undefined) waits.push(due - monotonic);
    if (critical + normal + batch > 0)
      waits.push(Math.max(1, Math.min(LOOK_AGAIN, lane(queue).wait(monotonic) || LOOK_AGAIN)));
    if (waits.length === 0 || stopped) return;
    const span = ms(Math.max(1, Math.min(...waits)));
    timers.set(
      queue,
      clock.in(span, () => wake(queue)),
    );
  }

  function launch(entry: Entry): void {
    const controller = new AbortController();
    let given: Given | undefined;
    store().reserve(entry);
    const notes: RunNotes = { log: [], progress: null, pid: null };
    const ended = go(entry, notes, controller.signal, () => given)
      .catch((cause: unknown) => log.error('task could not be handled', { error: describeError(cause) }))
      .finally(() => {
        running.delete(entry.task.id);
        wake(entry.task.queue);
      });
    running.set(entry.task.id, {
      entry,
      notes,
      since: clock.now(),
      ended,
      end(how) {
        given ??= how;
        controller.abort();
      },
    });
  }

  async function go(
    entry: Entry,
    notes: RunNotes,
    signal: AbortSignal,
    given: () => Given | undefined,
  ): Promise<void> {
    const { id, name } = entry.task;
    const startedAt = clock.now();
    try {
      await store().commit({ r: 'start', id, at: startedAt, n: entry.starts + 1 });
    } catch (cause) {
      store().release(entry);
      holdOff(cause);
      return;
    }
    store().release(entry);
    const end = given() ?? (await runWell(entry, notes, signal));
    const final = end.kind === 'succeeded' ? end : (given() ?? end);
    const command = deps.settings().tasks.find((task) => task.name === name) ?? USUAL_BACKOFF;
    const run = {
      id,
      idempotent: entry.task.idem,
      starts: entry.starts,
      maxStarts: entry.task.max,
      startedAt,
      log: notes.log.slice(-KEPT_AT_END),
    };
    const backoff = { first: command.backoff, most: command.maxBackoff, random: deps.random() };
    await settle(afterRun(run, final, backoff, clock.now()));
  }

  async function runWell(entry: Entry, notes: RunNotes, signal: AbortSignal): Promise<RunEnd> {
    try {
      return await deps.run(entry, { signal, notes, onStart: (pid) => started(entry, notes, pid) });
    } catch (cause) {
      return { kind: 'unsure', why: `it could not be followed: ${describeError(cause)}` };
    }
  }

  /** Written without waiting for the disk: it survives the end of this process, and a power cut ends the task too. */
  function started({ task: { id } }: Entry, notes: RunNotes, pid: number): void {
    notes.pid = pid;
    const record = { r: 'pid', id, process: deps.processes.identify(pid) } as const;
    store()
      .commit(record, false)
      .catch(() => {}); // its end will meet the same disk, and says so
  }

  function holdOff(cause: unknown): void {
    if (!unwritable)
      log.error('queue journal cannot be written; nothing starts', { error: describeError(cause) });
    unwritable = true;
    clock.in(LOOK_AGAIN, () => {
      unwritable = false;
      for (const queue of store().queues()) wake(queue);
    });
  }

  async function settle(record: Parameters<QueueStore['commit']>[0]): Promise<void> {
    for (;;) {
      try {
        await store().commit(record);
        return;
      } catch (cause) {
        if (stopped) throw cause; // at the next start its end is unknown, and treated so
        holdOff(cause);
        await clock.sleep(LOOK_AGAIN);
      }
    }
  }

  return {
    wake,
    find: (id) => running.get(id),
    running: () => [...running.values()],
    lane,
    settle,
    async stop(grace) {
      stopped = true;
      for (const cancel of timers.values()) cancel();
      const all = Promise.all([...running.values()].map(({ ended }) => ended));
      const over = new AbortController();
      await Promise.race([all, clock.sleep(grace, over.signal)]).finally(() => over.abort());
      for (const one of running.values()) {
        one.end({ kind: 'interrupted', why: 'Nightshift was stopped while it ran' });
      }
      await all;
    },
  };
}
