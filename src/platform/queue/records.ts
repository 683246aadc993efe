/**
 * Lines of the queue journal (data/queue/): one JSON object each, with a sequence `s` that only grows.
 *
 * `add`, `start` and every ending are on disk before anybody is told. A compacted file begins with `base` (what is
 * older does not count) and holds `task` lines, each the whole of one task as of its `s`: a later file may repeat
 * records that such a line already holds, and they are told apart by `s`.
 */
import type { TaskClass } from '../../domain/queue.ts';
import type { ProcessIdentity } from '../process-identity.ts';

/** What a task was submitted as. Times are epoch milliseconds. */
export interface StoredTask {
  readonly id: string;
  readonly queue: string;
  readonly name: string;
  readonly class: TaskClass;
  readonly priority: number;
  readonly vars: Readonly<Record<string, string>>;
  readonly at: number;
  readonly by: string;
  readonly key: string | null;
  readonly idem: boolean;
  /** Starts at most. */
  readonly max: number;
}

export type StoredState =
  | { readonly k: 'waiting'; readonly since: number }
  | { readonly k: 'delayed'; readonly since: number; readonly until: number; readonly why: string }
  | { readonly k: 'running'; readonly at: number; readonly process: ProcessIdentity | null }
  | { readonly k: 'done'; readonly at: number; readonly ms: number }
  | { readonly k: 'dead'; readonly at: number; readonly why: string }
  | { readonly k: 'cancelled'; readonly at: number; readonly by: string };

/** What changes a task that is known. */
export type ChangeRecord =
  | { readonly r: 'start'; readonly id: string; readonly at: number; readonly n: number }
  | { readonly r: 'pid'; readonly id: string; readonly process: ProcessIdentity }
  | {
      readonly r: 'done';
      readonly id: string;
      readonly at: number;
      readonly ms: number;
      readonly log: readonly string[];
    }
  /** Will be tried again at `due`. */
  | {
      readonly r: 'fail';
      readonly id: string;
      readonly at: number;
      readonly due: number;
      readonly why: string;
      readonly log: readonly string[];
    }
  | {
      readonly r: 'dead';
      readonly id: string;
      readonly at: number;
      readonly why: string;
      readonly log: readonly string[];
    }
  | { readonly r: 'cancel'; readonly id: string; readonly at: number; readonly by: string }
  | { readonly r: 'prio'; readonly id: string; readonly p: number }
  | { readonly r: 'move'; readonly id: string; readonly queue: string };

/** What changes a queue. */
export type GateRecord =
  | { readonly r: 'pause'; readonly queue: string; readonly until: number | null; readonly by: string }
  | { readonly r: 'drain'; readonly queue: string; readonly by: string }
  | { readonly r: 'resume'; readonly queue: string };

/** A task, new or whole. */
export type TaskRecord =
  | {
      readonly r: 'task';
      readonly task: StoredTask;
      readonly n: number;
      readonly state: StoredState;
      readonly log: readonly string[];
    }
  | { readonly r: 'add'; readonly task: StoredTask; readonly due: number | null };

export type QueueRecord = { readonly r: 'base' } | TaskRecord | ChangeRecord | GateRecord;

export type Sequenced = { readonly s: number; readonly record: QueueRecord };

const KINDS: ReadonlySet<string> = new Set<QueueRecord['r']>([
  'base',
  'task',
  'add',
  'start',
  'pid',
  'done',
  'fail',
  'dead',
  'cancel',
  'prio',
  'move',
  'pause',
  'drain',
  'resume',
]);

export function formatRecord(s: number, record: QueueRecord): string {
  return JSON.stringify({ s, ...record });
}

/** `undefined` for a line that is damaged. The journal is our own file: its shape is trusted, its wholeness is not. */
export function parseRecord(line: string): Sequenced | undefined {
  try {
    const value: unknown = JSON.parse(line);
    if (typeof value !== 'object' || value === null || !('s' in value) || !('r' in value)) return undefined;
    const { s, ...record } = value;
    if (typeof s !== 'number' || typeof value.r !== 'string' || !KINDS.has(value.r)) return undefined;
    return { s, record: record as unknown as QueueRecord };
  } catch {
    return undefined; // half a line, or bytes of a damaged disk: the caller counts it
  }
}
