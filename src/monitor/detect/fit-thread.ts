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
  /** Node flags for the thread, where the sources run unbuilt. Inherited from the process by default. */
  readonly execArgv?: readonly string[];
}

export function createFitThread({ clock, execArgv }: FitThreadDeps): FitThread {
  const running = new Set<Worker>();

  function fit(task: FitTask): Promise<HostModel | null> {
    const worker = new Worker(entryUrl(), {
      workerData: task,
      transferList: [bufferOf(task.stretch.values), bufferOf(task.stretch.slots)],
      ...(execArgv === undefined ? {} : { execArgv: [...execArgv] }),
    });
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

/** The sources run as .ts, the build as .js. */
function entryUrl(): URL {
  return new URL(import.meta.url.endsWith('.ts') ? './fit-worker.ts' : './fit-worker.js', import.meta.url);
}

function bufferOf(values: Float32Array | Uint8Array): ArrayBuffer {
  return values.buffer as ArrayBuffer;
}
