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

export interface ThreadOptions {
  readonly clock: Clock;
  readonly timeLimit: Ms;
  readonly signal?: AbortSignal | undefined;
  readonly onBytes?: ((more: number) => void) | undefined;
}

/** @throws OpsError `DEADLINE`, the signal's reason, or `COMMAND_FAILED` with what the thread said. */
export async function runJob<K extends Job['kind']>(
  job: Extract<Job, { readonly kind: K }>,
  options: ThreadOptions,
): Promise<JobResults[K]> {
  const { clock, timeLimit, signal } = options;
  const stop = new SharedArrayBuffer(4);
  const worker = openWorker({ job, stop });
  const ended = resultOf(worker, options.onBytes);
  try {
    const limits = { what: `the ${job.kind} of a backup`, span: timeLimit, ...(signal ? { signal } : {}) };
    return (await withDeadline(clock, limits, () => ended)) as JobResults[K];
  } finally {
    Atomics.store(new Int32Array(stop), 0, 1);
    await withDeadline(clock, { what: 'the thread', span: HEED_LIMIT }, () => ended.then(noop, noop)).catch(
      noop,
    );
    await worker.terminate();
  }
}

function noop(): void {
  // what a thread says after it was given up is of no interest
}

function resultOf(worker: Worker, onBytes: ThreadOptions['onBytes']): Promise<unknown> {
  return new Promise((resolve, reject) => {
    worker.on('message', (message: FromThread) => {
      if (message.kind === 'progress') onBytes?.(message.bytes);
      else if (message.kind === 'done') resolve(message.result);
      else reject(new OpsError('COMMAND_FAILED', message.reason, { context: { code: message.code } }));
    });
    worker.on('error', (cause) => reject(cause));
    worker.on('exit', (code) => reject(new OpsError('COMMAND_FAILED', `the thread ended with ${code}`)));
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
