/** Plain JSON views of queues and tasks. What is unknown is `null`. */
import type { QueueView, Task, TaskDetail, TaskState } from '../domain/queue.ts';
import { type Ms, toIso } from '../domain/units.ts';

export interface QueueJson {
  readonly queue: string;
  readonly engine: string;
  readonly depth: number | null;
  readonly oldestSeconds: number | null;
  readonly ratePerMinute: number | null;
  readonly waitingByClass: Readonly<Record<string, number>> | null;
  readonly running: number | null;
  readonly dead: number | null;
  readonly paused: boolean | null;
  readonly draining: boolean | null;
  readonly concurrency: number | null;
  readonly startsPerMinute: number | null;
  readonly held: readonly { readonly class: string; readonly until: string }[];
  readonly workers: number | null;
  readonly stuck: number | null;
  readonly reason: string;
}

export interface TaskJson {
  readonly id: string;
  readonly queue: string;
  readonly task: string;
  readonly class: string | null;
  readonly priority: number | null;
  readonly variables: Readonly<Record<string, string>>;
  readonly submittedAt: string;
  readonly by: string;
  readonly attempts: number;
  readonly idempotent: boolean;
  readonly key: string | null;
  readonly state: TaskState['kind'];
  /** Since when it is so, or until when it is put off. */
  readonly time: string;
  readonly reason: string;
  readonly tookSeconds: number | null;
  /** 0 to 1 */
  readonly progress: number | null;
}

export function queueJson({ oldest, rate, held, ...rest }: QueueView): QueueJson {
  return {
    queue: rest.queue,
    engine: rest.engine,
    depth: rest.depth,
    oldestSeconds: oldest === null ? null : inSeconds(oldest),
    ratePerMinute: rest.ratePerMinute,
    waitingByClass: rest.waitingByClass,
    running: rest.running,
    dead: rest.dead,
    paused: rest.paused,
    draining: rest.draining,
    concurrency: rest.concurrency,
    startsPerMinute: rate === null ? null : (rate.max * 60_000) / rate.per,
    held: held.map((one) => ({ class: one.class, until: toIso(one.until) })),
    workers: rest.workers,
    stuck: rest.stuck,
    reason: rest.reason,
  };
}

export function taskJson({ name, state, submittedAt, ...task }: Task): TaskJson {
  return {
    id: task.id,
    queue: task.queue,
    task: name,
    class: task.class,
    priority: task.priority,
    variables: task.variables,
    submittedAt: toIso(submittedAt),
    by: task.by,
    attempts: task.attempts,
    idempotent: task.idempotent,
    key: task.key,
    state: state.kind,
    time: toIso(momentOf(state)),
    reason: reasonOf(state),
    tookSeconds: state.kind === 'done' ? inSeconds(state.took) : null,
    progress: task.progress,
  };
}

export function taskDetailJson({ task, log }: TaskDetail): { task: TaskJson; log: readonly string[] } {
  return { task: taskJson(task), log };
}

function momentOf(state: TaskState): Parameters<typeof toIso>[0] {
  switch (state.kind) {
    case 'waiting':
    case 'running':
      return state.since;
    case 'delayed':
      return state.until;
    case 'done':
    case 'dead':
    case 'cancelled':
      return state.at;
  }
}

function reasonOf(state: TaskState): string {
  switch (state.kind) {
    case 'delayed':
    case 'dead':
      return state.reason;
    case 'cancelled':
      return `by ${state.by}`;
    default:
      return '';
  }
}

function inSeconds(span: Ms): number {
  return Math.round(span / 100) / 10;
}
