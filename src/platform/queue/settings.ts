/** What the configuration says about queues and tasks, as the queues need it. The schemas are in healing/. */
import type { StartRate, TaskClass } from '../../domain/queue.ts';
import { type Ms, minutes } from '../../domain/units.ts';

/** Where tasks go that name no queue. It is always there. */
export const DEFAULT_QUEUE = 'default';

export interface EmbeddedQueueSettings {
  readonly engine: 'embedded';
  readonly name: string;
  /** At most this many tasks run at once … */
  readonly concurrency: number;
  /** … and this many critical ones beyond, so that none waits for slots that others hold. */
  readonly criticalSlots: number;
  readonly rate: StartRate | null;
}

export interface BullQueueSettings {
  readonly engine: 'bullmq';
  readonly name: string;
  /** Its name in Redis. */
  readonly queue: string;
  /** Of its keys in Redis; its owner may have changed it. */
  readonly prefix: string;
  /** Names of jobs that may be submitted; none where empty. */
  readonly jobNames: readonly string[];
  /** A job that runs longer than this is stuck. */
  readonly stuckAfter: Ms;
}

export type QueueSettings = EmbeddedQueueSettings | BullQueueSettings;

/** How long a task of a class waits before it counts as overdue, and how nice its process is. */
export interface ClassRule {
  readonly overdueAfter: Ms;
  readonly niceness: number;
}

export type ClassRules = Readonly<Record<TaskClass, ClassRule>>;

/** Batch work gives way for an hour, ordinary work for ten minutes; batch processes are nice as well. */
export const USUAL_CLASSES: ClassRules = {
  critical: { overdueAfter: minutes(0), niceness: 0 },
  normal: { overdueAfter: minutes(10), niceness: 0 },
  batch: { overdueAfter: minutes(60), niceness: 10 },
};

/** One kind of value a task takes. Nothing else ever reaches an argument. */
export type VariableRule =
  | { readonly type: 'name'; readonly default: string | null }
  | { readonly type: 'integer'; readonly min: number; readonly max: number; readonly default: string | null }
  | { readonly type: 'choice'; readonly choices: readonly string[]; readonly default: string | null };

/** A task as configured in workers.json: the only programs a task can run. */
export interface TaskCommand {
  readonly name: string;
  /** Absolute program first; `{variable}` stands for a whole argument. */
  readonly command: readonly string[];
  readonly variables: Readonly<Record<string, VariableRule>>;
  readonly queue: string;
  readonly class: TaskClass;
  readonly priority: number;
  readonly timeLimit: Ms;
  /** Running it twice does no harm: then it is run again when its end is not known. */
  readonly idempotent: boolean;
  /** Starts at most. */
  readonly attempts: number;
  readonly backoff: Ms;
  readonly maxBackoff: Ms;
  readonly cwd: string | null;
  readonly env: Readonly<Record<string, string>>;
  readonly envFrom: readonly string[];
}

export interface QueuesSettings {
  readonly queues: readonly QueueSettings[];
  readonly tasks: readonly TaskCommand[];
  readonly classes: ClassRules;
}

/** The settings of an embedded queue; `undefined` where none is configured under this name. */
export function embeddedQueue(settings: QueuesSettings, name: string): EmbeddedQueueSettings | undefined {
  const found = settings.queues.find((queue) => queue.name === name);
  return found?.engine === 'embedded' ? found : undefined;
}
