/**
 * Task queues: the embedded one and those of BullMQ, asked by the same words.
 *
 * What could not be learnt (Redis down, slow) is `null` or `unknown`: never 0, never empty. A change that was not
 * answered in time is `unknown` too: it may or may not have happened.
 */
import type { EpochMs, Ms } from './units.ts';

export const TASK_CLASSES = ['critical', 'normal', 'batch'] as const;
export type TaskClass = (typeof TASK_CLASSES)[number];

export type QueueEngine = 'embedded' | 'bullmq';

/** 1 is first. What a task has that names none. */
export const ORDINARY_PRIORITY = 50;
export const LAST_PRIORITY = 100;

/** What the monitor wants to know of one queue. */
export interface QueueReading {
  readonly queue: string;
  readonly engine: QueueEngine;
  /** Tasks that wait: due now, or later (delayed, to be retried). */
  readonly depth: number | null;
  /** How long the oldest task that is due has waited; 0 where none waits. */
  readonly oldest: Ms | null;
  /** Tasks that ended well in the last minute. */
  readonly ratePerMinute: number | null;
  /** Why something is unknown; else empty. */
  readonly reason: string;
  /** Absent where it is not counted. */
  readonly idle?: QueueIdle;
  /** What keeps waiting tasks from being done, as far as the queue itself can tell; absent where nothing does. */
  readonly heldUpBy?: string;
}

/** How long nothing was done: a rate over a minute shows it a minute late. */
export interface QueueIdle {
  readonly current: Ms;
  /** The longest of the last few, while there was work. */
  readonly longest: Ms;
}

export interface QueueReader {
  /** All queues, each under its own deadline of at most 2 s. Never rejects. */
  readings(): Promise<readonly QueueReading[]>;
}

/** At most `max` starts in `per`. */
export interface StartRate {
  readonly max: number;
  readonly per: Ms;
}

/** One queue as people see it. */
export interface QueueView extends QueueReading {
  /** `null` for BullMQ, which has no classes. */
  readonly waitingByClass: Readonly<Record<TaskClass, number>> | null;
  readonly running: number | null;
  /** Ended for good without success, kept for a person (BullMQ: failed). */
  readonly dead: number | null;
  readonly paused: boolean | null;
  readonly draining: boolean | null;
  /** At most this many run at once; `null` = not limited, or unknown (see `reason`). */
  readonly concurrency: number | null;
  readonly rate: StartRate | null;
  /** Classes that are put off, and until when at the latest. */
  readonly held: readonly { readonly class: TaskClass; readonly until: EpochMs }[];
  /** Processes that serve it; `null` where it is this one. */
  readonly workers: number | null;
  /** Started, and nobody works on them any more. */
  readonly stuck: number | null;
}

export type TaskState =
  | { readonly kind: 'waiting'; readonly since: EpochMs }
  /** Not due yet: asked for later, or to be tried again. */
  | { readonly kind: 'delayed'; readonly until: EpochMs; readonly reason: string }
  | { readonly kind: 'running'; readonly since: EpochMs; readonly attempt: number }
  | { readonly kind: 'done'; readonly at: EpochMs; readonly took: Ms }
  /** Will not be tried again; a person decides. */
  | { readonly kind: 'dead'; readonly at: EpochMs; readonly reason: string }
  | { readonly kind: 'cancelled'; readonly at: EpochMs; readonly by: string };

export const TASK_STATES: readonly TaskState['kind'][] = [
  'waiting',
  'delayed',
  'running',
  'done',
  'dead',
  'cancelled',
];

export interface Task {
  readonly id: string;
  readonly queue: string;
  /** Name of the configured task command; of the job for BullMQ. */
  readonly name: string;
  /** `null` for BullMQ. */
  readonly class: TaskClass | null;
  /** 1 is first; `null` = none (BullMQ runs those before priority 1). */
  readonly priority: number | null;
  readonly variables: Readonly<Record<string, string>>;
  readonly submittedAt: EpochMs;
  readonly by: string;
  /** Starts so far. */
  readonly attempts: number;
  readonly idempotent: boolean;
  /** The key it was submitted with. */
  readonly key: string | null;
  readonly state: TaskState;
  /** 0 to 1 as the task itself last said; `null` where it said nothing. */
  readonly progress: number | null;
}

/** A task with the last lines it wrote, redacted. */
export interface TaskDetail {
  readonly task: Task;
  readonly log: readonly string[];
}

export interface TaskFilter {
  readonly queue?: string;
  readonly state?: TaskState['kind'];
  readonly class?: TaskClass;
  readonly limit: number;
}

export interface TaskList {
  /** In the order they will run, then those that run, then those that ended, newest first. */
  readonly tasks: readonly Task[];
  /** How many there are in all; `null` where a queue did not answer. */
  readonly total: number | null;
  /** Queues that did not answer, and why. */
  readonly unknown: readonly string[];
}

export interface TaskRequest {
  readonly name: string;
  /** `null`: the queue of the task command. */
  readonly queue: string | null;
  /** `null`: the class of the task command. */
  readonly class: TaskClass | null;
  readonly priority: number | null;
  readonly variables: Readonly<Record<string, string>>;
  /** Not before this span is over. */
  readonly delay: Ms;
  /** The same key again is the same task, not another one. */
  readonly key: string | null;
}

/** Who asks. A dry run changes nothing and answers `would`. */
export interface QueueCall {
  readonly by: string;
  readonly dryRun: boolean;
}

export type SubmitResult =
  /** Durable: it survives the end of this process. */
  | { readonly kind: 'accepted'; readonly task: Task }
  /** A task with this key is there already. */
  | { readonly kind: 'existing'; readonly task: Task }
  | { readonly kind: 'would'; readonly text: string }
  | { readonly kind: 'invalid'; readonly reason: string }
  /** As many wait as may wait. */
  | { readonly kind: 'full'; readonly reason: string }
  | { readonly kind: 'refused'; readonly reason: string }
  | { readonly kind: 'not_found'; readonly reason: string }
  | { readonly kind: 'unknown'; readonly reason: string };

export type QueueChange =
  | { readonly kind: 'done'; readonly text: string; readonly count: number }
  | { readonly kind: 'would'; readonly text: string; readonly count: number }
  | { readonly kind: 'refused'; readonly reason: string }
  | { readonly kind: 'not_found'; readonly reason: string }
  /** No answer in time: it may or may not have happened. Asking again is harmless. */
  | { readonly kind: 'unknown'; readonly reason: string };

/** Which waiting tasks are meant; all of the queue where nothing is said. */
export interface TaskChoice {
  readonly ids?: readonly string[];
  readonly class?: TaskClass;
  /** At most this many, the first in order. */
  readonly limit?: number;
}

/** Started, and nobody works on it any more: its lock is gone, or it runs far past its time. */
export interface StuckTask {
  readonly id: string;
  readonly queue: string;
  readonly name: string;
  readonly since: EpochMs | null;
  readonly reason: string;
}

/** The process of a task that runs here, for whoever lowers priorities. */
export interface TaskProcess {
  readonly task: string;
  readonly queue: string;
  readonly class: TaskClass;
  readonly pid: number;
}

/** What the optimizer may lower and give back. `null` = as configured; a key left out stays as it is. */
export interface QueueLimits {
  readonly concurrency?: number | null;
  readonly rate?: StartRate | null;
}

/**
 * All task queues of this host. Every changing call is audited by the one who asks (the command table, the
 * optimizer, an action), not here; what it did to tasks is in the journal of the queue.
 *
 * Lowered limits and held classes are kept in memory only and end with the process; pause and drain survive it.
 * Critical tasks are touched by neither.
 */
export interface TaskQueue extends QueueReader {
  /** Names, in the order of the configuration. From memory. */
  names(): readonly string[];
  /** Processes of running tasks of the embedded queues; each leads a process group. From memory. */
  processes(): readonly TaskProcess[];
  views(): Promise<readonly QueueView[]>;
  view(queue: string): Promise<QueueView | undefined>;

  submit(request: TaskRequest, call: QueueCall): Promise<SubmitResult>;
  list(filter: TaskFilter): Promise<TaskList>;
  /** By id or the beginning of one that only one task has. */
  task(id: string): Promise<TaskDetail | undefined>;
  /** Takes a waiting task back, or ends a running one. */
  cancel(id: string, call: QueueCall): Promise<QueueChange>;

  /** Starts no more tasks; `span` null = until resumed. */
  pause(queue: string, span: Ms | null, call: QueueCall): Promise<QueueChange>;
  /** Ends pause and drain. */
  resume(queue: string, call: QueueCall): Promise<QueueChange>;
  /** Runs what waits and takes nothing new. */
  drain(queue: string, call: QueueCall): Promise<QueueChange>;
  changePriority(queue: string, priority: number, choice: TaskChoice, call: QueueCall): Promise<QueueChange>;
  /** Moves waiting tasks to another queue of the same engine. Asking again is harmless. */
  redistribute(from: string, to: string, choice: TaskChoice, call: QueueCall): Promise<QueueChange>;
  /** Frees what is stuck: tried again where that is harmless, else dead with the reason. Never one that still runs. */
  freeStuck(queue: string, call: QueueCall): Promise<QueueChange>;
  /** `undefined` for an unknown queue; `null` where it did not answer. */
  stuck(queue: string): Promise<readonly StuckTask[] | null | undefined>;

  /** Lowers or gives back how many tasks that are not critical run at once and start in a span. */
  setLimits(queue: string, limits: QueueLimits, call: QueueCall): Promise<QueueChange>;
  /** Puts tasks of a class off for `span`, again and again where asked again; an aged task runs at last. Never `critical`. */
  holdClass(
    queue: string,
    held: Exclude<TaskClass, 'critical'>,
    span: Ms,
    call: QueueCall,
  ): Promise<QueueChange>;
  releaseClass(queue: string, held: Exclude<TaskClass, 'critical'>, call: QueueCall): Promise<QueueChange>;
}
