/**
 * Starts waiting tasks of the embedded queues: as many at once and as fast as each queue allows.
 *
 * The start is on disk before the task runs, and its end before the slot is free again. While the journal cannot be
 * written nothing starts, and an end is written again until it is.
 */
import { describeError } from '../../domain/errors.ts';
import type { Cancel, Logger } from '../../domain/ports.ts';
import { type Ms, ms, seconds } from '../../domain/units.ts';
import type { Entry } from './book.ts';
import { createLane, type Lane, type Slots } from './lane.ts';
import { followRun, type Given, type RunDeps } from './one-run.ts';
import type { QueueRecord } from './records.ts';
import type { RunNotes } from './run-task.ts';
import { type EmbeddedQueueSettings, embeddedQueue } from './settings.ts';

const LOOK_AGAIN: Ms = seconds(1);

/** A task that runs, or whose start is being written. */
export interface Running {
  readonly entry: Entry;
  readonly notes: RunNotes;
  readonly since: number;
  /** Ends it; what is given becomes its end, unless it ended well before. */
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
  settle(record: QueueRecord): Promise<void>;
  /** No more starts; what runs may end by itself for `grace`, then it is ended. */
  stop(grace: Ms): Promise<void>;
}

export interface DispatcherDeps extends Omit<RunDeps, 'settle' | 'notWritten'> {
  /** Why nothing may start now; `null` when it may. */
  readonly blocked: () => string | null;
  readonly log: Logger;
}

export function createDispatcher(deps: DispatcherDeps): Dispatcher {
  const dispatch = new Dispatch(deps);
  return {
    wake: (queue) => dispatch.wake(queue),
    find: (id) => dispatch.running.get(id),
    running: () => [...dispatch.running.values()],
    lane: (queue) => dispatch.lane(queue),
    settle: (record) => dispatch.settle(record),
    stop: (grace) => dispatch.stop(grace),
  };
}

class Dispatch {
  readonly running: Map<string, Running> = new Map();
  readonly #deps: DispatcherDeps;
  readonly #lanes = new Map<string, Lane>();
  readonly #timers = new Map<string, Cancel>();
  #stopped = false;
  #unwritable = false;

  constructor(deps: DispatcherDeps) {
    this.#deps = deps;
  }

  lane(queue: string): Lane {
    const known = this.#lanes.get(queue);
    if (known !== undefined) return known;
    const made = createLane();
    this.#lanes.set(queue, made);
    return made;
  }

  wake(queue: string): void {
    const settings = embeddedQueue(this.#deps.settings(), queue);
    if (this.#stopped || settings === undefined) return;
    let started = true;
    while (started && this.#mayStart(queue)) started = this.#startNext(settings);
    this.#arm(queue);
  }

  async settle(record: QueueRecord): Promise<void> {
    for (;;) {
      try {
        await this.#deps.store().commit(record);
        return;
      } catch (cause) {
        if (this.#stopped) throw cause; // at the next start its end is unknown, and treated so
        this.#holdOff(cause);
        await this.#deps.clock.sleep(LOOK_AGAIN);
      }
    }
  }

  async stop(grace: Ms): Promise<void> {
    this.#stopped = true;
    for (const cancel of this.#timers.values()) cancel();
    const all = Promise.all([...this.running.values()].map(({ ended }) => ended));
    const over = new AbortController();
    const waited = this.#deps.clock.sleep(grace, over.signal).catch(() => {}); // all ended before
    await Promise.race([all, waited]);
    over.abort();
    for (const one of this.running.values()) {
      one.end({ kind: 'interrupted', why: 'Nightshift was stopped while it ran' });
    }
    await all;
  }

  #mayStart(queue: string): boolean {
    const { paused } = this.#deps.store().gate(queue);
    const isPaused = paused !== null && (paused.until === null || paused.until > this.#deps.clock.now());
    return !(isPaused || this.#unwritable) && this.#deps.blocked() === null;
  }

  #startNext(settings: EmbeddedQueueSettings): boolean {
    const { clock, store } = this.#deps;
    const { name } = settings;
    const [now, monotonic] = [clock.now(), clock.monotonic()];
    const line = store().line(name);
    const admission = this.lane(name).admission(this.#taken(name), settings, now, monotonic);
    const entry = line.pick(monotonic, admission, this.#deps.settings().classes);
    if (entry === undefined) return false;
    line.started(entry);
    this.lane(name).spend(entry.task.class, monotonic);
    this.#launch(entry);
    return true;
  }

  #taken(queue: string): Slots {
    const slots = { critical: 0, others: 0 };
    for (const { entry } of this.running.values()) {
      if (entry.task.queue !== queue) continue;
      if (entry.task.class === 'critical') slots.critical += 1;
      else slots.others += 1;
    }
    return slots;
  }

  /** One look at the queue when something may change by itself: a task falls due, a token, a hold, a pause, a freeze. */
  #arm(queue: string): void {
    const { clock, store } = this.#deps;
    this.#timers.get(queue)?.();
    this.#timers.delete(queue);
    const line = store().line(queue);
    const monotonic = clock.monotonic();
    const { critical, normal, batch } = line.waiting();
    const due = line.nextDue();
    const pace = this.lane(queue).wait(monotonic);
    const spans = [
      ...(due === undefined ? [] : [due - monotonic]),
      ...(critical + normal + batch === 0 ? [] : [pace === 0 ? LOOK_AGAIN : pace]),
    ];
    if (spans.length === 0) return;
    const span = ms(Math.max(1, Math.min(...spans)));
    this.#timers.set(
      queue,
      clock.in(span, () => this.wake(queue)),
    );
  }

  #launch(entry: Entry): void {
    const { clock, log, store } = this.#deps;
    const { id, queue } = entry.task;
    const controller = new AbortController();
    const notes: RunNotes = { log: [], progress: null, pid: null };
    const run: { given?: Given } = {};
    store().reserve(entry);
    const ended = followRun(
      { entry, notes, signal: controller.signal, given: () => run.given },
      { ...this.#deps, settle: (record) => this.settle(record), notWritten: (cause) => this.#holdOff(cause) },
    )
      .catch((cause: unknown) =>
        log.error('task could not be settled', { task: id, error: describeError(cause) }),
      )
      .finally(() => {
        this.running.delete(id);
        this.wake(queue);
      });
    const end = (how: Given): void => {
      run.given ??= how;
      controller.abort();
    };
    this.running.set(id, { entry, notes, since: clock.now(), ended, end });
  }

  #holdOff(cause: unknown): void {
    const { clock, log, store } = this.#deps;
    if (this.#unwritable) return;
    log.error('queue journal cannot be written; nothing starts', { error: describeError(cause) });
    this.#unwritable = true;
    clock.in(LOOK_AGAIN, () => {
      this.#unwritable = false;
      for (const queue of store().queues()) this.wake(queue);
    });
  }
}
