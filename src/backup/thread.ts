/**
 * Runs a job in a worker thread under a deadline. A thread that does not heed its stop sign is ended; whatever it
 * was writing lies in a folder that nobody takes for a backup.
 */
import { Worker } from 'node:worker_threads';
import { OpsError } from '../domain/errors.ts';
import type { Clock } from '../domain/ports.ts';
import { type Ms, seconds } from '../domain/units.ts';
import { withDeadline } from '../platform/deadline.ts';
import type { FromThread, Job, JobResults, ThreadData } from './jobs.ts';

/** How long a thread may take to heed its stop sign. */
const HEED_LIMIT = seconds(3);
const RESOURCE_LIMITS = { maxOldGenerationSizeMb: 1_024, maxYoungGenerationSizeMb: 16 };

/** The thread of one run: opened at its first job, closed with the run. */
export interface Thread {
  readonly worker: Worker;
  /** One Int32: not 0 = give up. */
  readonly stop: SharedArrayBuffer;
}

export interface ThreadHolder {
  open(): Thread;
  /** Nothing runs in it: it keeps no process alive. */
  rest(): void;
  close(): Promise<void>;
}

export interface ThreadOptions {
  readonly clock: Clock;
  readonly timeLimit: Ms;
  readonly threads: ThreadHolder;
  readonly signal?: AbortSignal | undefined;
  readonly onBytes?: ((more: number) => void) | undefined;
}

export function createThreadHolder(): ThreadHolder {
  let thread: Thread | undefined;
  return {
    open() {
      if (thread !== undefined) {
        thread.worker.ref();
        return thread;
      }
      const stop = new SharedArrayBuffer(4);
      const worker = openWorker({ stop });
      const opened: Thread = { stop, worker };
      // One that dies while it rests is told to nobody; the next job gets another.
      worker.on('error', noop).once('exit', () => {
        if (thread === opened) thread = undefined;
      });
      thread = opened;
      return opened;
    },
    rest: () => thread?.worker.unref(),
    async close() {
      const closing = thread;
      thread = undefined;
      await closing?.worker.terminate();
    },
  };
}

/** @throws OpsError `DEADLINE`, the signal's reason, or `COMMAND_FAILED` with what the thread said. */
export async function runJob<K extends Job['kind']>(
  job: Extract<Job, { readonly kind: K }>,
  options: ThreadOptions,
): Promise<JobResults[K]> {
  const { clock, timeLimit, signal, threads } = options;
  signal?.throwIfAborted();
  const { worker, stop } = threads.open();
  const ended = resultOf(worker, job, options.onBytes);
  let isOver = false;
  const over = ended.then(noop, noop).then(() => {
    isOver = true;
  });
  try {
    const limits = { what: `the ${job.kind} of a backup`, span: timeLimit, ...(signal ? { signal } : {}) };
    return (await withDeadline(clock, limits, () => ended)) as JobResults[K];
  } finally {
    if (!isOver) {
      Atomics.store(new Int32Array(stop), 0, 1);
      await withDeadline(clock, { what: 'the thread', span: HEED_LIMIT }, () => over).catch(noop);
      await threads.close();
    }
  }
}

function noop(): void {
  // what a thread says after it was given up is of no interest
}

function resultOf(worker: Worker, job: Job, onBytes: ThreadOptions['onBytes']): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const onExit = (code: number): void =>
      fail(new OpsError('COMMAND_FAILED', `the thread ended with ${code}`));
    const fail = (cause: unknown): void => {
      letGo();
      reject(cause);
    };
    const onMessage = (message: FromThread): void => {
      if (message.kind === 'progress') onBytes?.(message.bytes);
      else if (message.kind === 'failed') fail(new OpsError('COMMAND_FAILED', message.reason));
      else {
        letGo();
        resolve(message.result);
      }
    };
    const letGo = (): void => {
      worker.off('message', onMessage).off('error', fail).off('exit', onExit);
    };
    worker.on('message', onMessage).on('error', fail).on('exit', onExit);
    worker.postMessage(job);
  });
}

function openWorker(data: ThreadData): Worker {
  const isSource = import.meta.url.endsWith('.ts');
  const entry = new URL(isSource ? './thread-entry.ts' : './thread-entry.js', import.meta.url);
  return new Worker(isSource ? fromSource(entry) : entry, {
    workerData: data,
    env: {},
    execArgv: [],
    resourceLimits: RESOURCE_LIMITS,
  });
}

/** Node 20 does not read TypeScript: in development and tests the thread loads tsx first. */
function fromSource(entry: URL): URL {
  const tsx = import.meta.resolve('tsx/esm/api');
  const code = `import{register}from${JSON.stringify(tsx)};register();await import(${JSON.stringify(entry.href)});`;
  return new URL(`data:text/javascript,${encodeURIComponent(code)}`);
}
