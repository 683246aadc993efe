/**
 * One replay in a worker thread with a heap of its own: whoever asks for it goes on working meanwhile, and it can be
 * ended at any moment.
 */
import { Worker } from 'node:worker_threads';
import { OpsError } from '../domain/errors.ts';
import type { Clock } from '../domain/ports.ts';
import type { ReplaySummary } from '../domain/rehearsal.ts';
import { hours, type Ms } from '../domain/units.ts';
import type { ReplayInput } from './replay-history.ts';

/** Weeks take minutes on a slow host; what takes longer than this has hung. */
const TIME_LIMIT: Ms = hours(2);
/** Much is made and soon thrown away: a larger young heap saves a tenth of the time. */
const RESOURCE_LIMITS = { maxOldGenerationSizeMb: 512, maxYoungGenerationSizeMb: 96 };

/** What the thread tells. */
export type ReplayMessage =
  | { readonly kind: 'progress'; readonly rows: number; readonly of: number }
  | { readonly kind: 'done'; readonly summary: ReplaySummary };

/** What the thread is given. */
export interface ReplayWork {
  readonly input: ReplayInput;
  /** Beside a bot the watching comes first. */
  readonly isPatient: boolean;
}

export interface RunningReplay {
  /** Rejects with an OpsError `DEADLINE`, or `COMMAND_FAILED` where the thread ended without a result. */
  readonly summary: Promise<ReplaySummary>;
  stop(): void;
}

export function startReplay(
  work: ReplayWork,
  clock: Pick<Clock, 'in'>,
  onProgress: (rows: number, of: number) => void,
): RunningReplay {
  const worker = openWorker(work);
  const summary = new Promise<ReplaySummary>((resolve, reject) => {
    const cancel = clock.in(TIME_LIMIT, () => reject(new OpsError('DEADLINE', 'the replay takes too long')));
    worker.on('message', (message: ReplayMessage) => {
      if (message.kind === 'progress') onProgress(message.rows, message.of);
      else resolve(message.summary);
    });
    worker.once('error', (cause) => reject(new OpsError('COMMAND_FAILED', 'the replay failed', { cause })));
    worker.once('exit', () => {
      cancel();
      reject(new OpsError('COMMAND_FAILED', 'the replay ended without a result'));
    });
  }).finally(() => worker.terminate());
  return { summary, stop: () => void worker.terminate() };
}

function openWorker(work: ReplayWork): Worker {
  const isSource = import.meta.url.endsWith('.ts');
  const entry = new URL(isSource ? './replay-worker.ts' : './replay-worker.js', import.meta.url);
  const options = { workerData: work, env: {}, execArgv: [], resourceLimits: RESOURCE_LIMITS };
  return new Worker(isSource ? fromSource(entry) : entry, options);
}

/** Node 20 does not read TypeScript: in development and tests the thread loads tsx first. */
function fromSource(entry: URL): URL {
  const tsx = import.meta.resolve('tsx/esm/api');
  const code = `import{register}from${JSON.stringify(tsx)};register();await import(${JSON.stringify(entry.href)});`;
  return new URL(`data:text/javascript,${encodeURIComponent(code)}`);
}
