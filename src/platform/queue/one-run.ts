/** One run of one task, from its start on disk to its end on disk. */
import { describeError } from '../../domain/errors.ts';
import type { Clock } from '../../domain/ports.ts';
import { seconds } from '../../domain/units.ts';
import type { ProcessTable } from '../process-identity.ts';
import type { Entry } from './book.ts';
import { afterRun, type RunEnd } from './outcome.ts';
import type { QueueRecord } from './records.ts';
import type { RunNotes, RunTask } from './run-task.ts';
import type { QueuesSettings } from './settings.ts';
import type { QueueStore } from './store.ts';

const USUAL_BACKOFF = { backoff: seconds(10), maxBackoff: seconds(300) };
/** Lines of a task that go into the journal. */
const KEPT_AT_END = 10;

/** An end that somebody wants. */
export type Given = Extract<RunEnd, { kind: 'cancelled' | 'interrupted' }>;

export interface OneRun {
  readonly entry: Entry;
  readonly notes: RunNotes;
  readonly signal: AbortSignal;
  readonly given: () => Given | undefined;
}

export interface RunDeps {
  readonly store: () => QueueStore;
  readonly settings: () => QueuesSettings;
  readonly run: RunTask;
  readonly processes: Pick<ProcessTable, 'identify'>;
  readonly clock: Clock;
  /** 0 ≤ x < 1 */
  readonly random: () => number;
  /** Writes until the disk takes it. */
  readonly settle: (record: QueueRecord) => Promise<void>;
  /** The start could not be written; the task waits on. */
  readonly notWritten: (cause: unknown) => void;
}

export async function followRun(one: OneRun, deps: RunDeps): Promise<void> {
  const { entry, notes, given } = one;
  const { store, clock } = deps;
  const startedAt = clock.now();
  try {
    await store().commit({ r: 'start', id: entry.task.id, at: startedAt, n: entry.starts + 1 });
  } catch (cause) {
    store().release(entry);
    deps.notWritten(cause);
    return;
  }
  store().release(entry);
  const end = given() ?? (await runWell(one, deps));
  const final = end.kind === 'succeeded' ? end : (given() ?? end);
  const command = deps.settings().tasks.find(({ name }) => name === entry.task.name) ?? USUAL_BACKOFF;
  const run = {
    id: entry.task.id,
    idempotent: entry.task.idem,
    starts: entry.starts,
    maxStarts: entry.task.max,
    startedAt,
    log: notes.log.slice(-KEPT_AT_END),
  };
  const backoff = { first: command.backoff, most: command.maxBackoff, random: deps.random() };
  await deps.settle(afterRun(run, final, backoff, clock.now()));
}

async function runWell({ entry, notes, signal }: OneRun, deps: RunDeps): Promise<RunEnd> {
  try {
    return await deps.run(entry, { signal, notes, onStart: (pid) => noteProcess(entry, notes, pid, deps) });
  } catch (cause) {
    return { kind: 'unsure', why: `it could not be followed: ${describeError(cause)}` };
  }
}

/** Written without waiting for the disk: it survives the end of this process, and a power cut ends the task too. */
function noteProcess(
  { task: { id } }: Entry,
  notes: RunNotes,
  pid: number,
  { store, processes }: RunDeps,
): void {
  notes.pid = pid;
  store()
    .commit({ r: 'pid', id, process: processes.identify(pid) }, false)
    .catch(() => {}); // its end will meet the same disk, and says so
}
