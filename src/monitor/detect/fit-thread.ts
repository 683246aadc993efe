/**
 * Fits host models in a worker thread, one at a time, each in a thread of its own that ends with it: a fit a day
 * is not worth a thread that waits. The main loop only hands over the rows (moved, not copied).
 */
import { Worker } from 'node:worker_threads';
import { OpsError } from '../../domain/errors.ts';
import type { Clock } from '../../domain/ports.ts';
import { type Ms, seconds } from '../../domain/units.ts';
import type { FitTask, HostModel } from './host-model.ts';

/** 28 days of 80 metrics take about 10 s on a slow core. */
const LONGEST_FIT: Ms = seconds(120);
/** A fit of 80 metrics over 28 days takes about a tenth of it, most of it outside the heap. */
const LARGEST_HEAP_MEGABYTES = 512;

export interface FitThread {
  /**
   * The task's rows are moved into the thread: do not use them again.
   *
   * @throws OpsError `DEADLINE` after two minutes, `INTERNAL` where the thread fails.
   */
  fit(task: FitTask): Promise<HostModel | null>;
  /** Ends a fit under way; it rejects. */
  stop(): Promise<void>;
}

export interface FitThreadDeps {
  readonly clock: Clock;
}

export function createFitThread({ clock }: FitThreadDeps): FitThread {
  const running = new Set<Worker>();

  function fit(task: FitTask): Promise<HostModel | null> {
    const worker = openWorker(task);
    running.add(worker);
    return new Promise<HostModel | null>((resolve, reject) => {
      const cancel = clock.in(LONGEST_FIT, () => {
        reject(new OpsError('DEADLINE', 'a fit took too long'));
        void worker.terminate();
      });
      worker.once('message', (model: HostModel | null) => resolve(model));
      worker.once('error', (cause) => reject(new OpsError('INTERNAL', 'a fit failed', { cause })));
      worker.once('exit', () => {
        cancel();
        running.delete(worker);
        reject(new OpsError('INTERNAL', 'the fitting thread ended without a model'));
      });
    });
  }

  return {
    fit,
    async stop() {
      await Promise.all([...running].map((worker) => worker.terminate()));
    },
  };
}

function openWorker(task: FitTask): Worker {
  const isSource = import.meta.url.endsWith('.ts');
  const entry = new URL(isSource ? './fit-worker.ts' : './fit-worker.js', import.meta.url);
  return new Worker(isSource ? fromSource(entry) : entry, {
    workerData: task,
    transferList: [task.stretch.values, task.stretch.slots, task.stretch.taught].map(bufferOf),
    env: {},
    execArgv: [],
    resourceLimits: { maxOldGenerationSizeMb: LARGEST_HEAP_MEGABYTES },
  });
}

/** Node 20 does not read TypeScript: in development and tests the thread loads tsx first. */
function fromSource(entry: URL): URL {
  const tsx = import.meta.resolve('tsx/esm/api');
  const code = `import{register}from${JSON.stringify(tsx)};register();await import(${JSON.stringify(entry.href)});`;
  return new URL(`data:text/javascript,${encodeURIComponent(code)}`);
}

function bufferOf(values: Float32Array | Uint8Array): ArrayBuffer {
  return values.buffer as ArrayBuffer;
}
