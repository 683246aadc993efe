/**
 * A replay for chat, console and API: in a worker thread with its own heap, one at a time, under a deadline, so that
 * the bot goes on watching meanwhile.
 */
import { Worker } from 'node:worker_threads';
import { OpsError } from '../domain/errors.ts';
import type { Clock } from '../domain/ports.ts';
import type { ReplaySummary } from '../domain/rehearsal.ts';
import { type Ms, seconds } from '../domain/units.ts';
import type { ReplayInput } from './replay-history.ts';

/** A command has a minute; a replay that takes longer belongs at the terminal. */
const TIME_LIMIT: Ms = seconds(55);
const RESOURCE_LIMITS = { maxOldGenerationSizeMb: 512, maxYoungGenerationSizeMb: 32 };

export interface ReplayThread {
  /** @throws OpsError `REFUSED` while another replay runs, `DEADLINE` where it takes too long. */
  run(input: ReplayInput): Promise<ReplaySummary>;
  /** Ends a replay under way. */
  stop(): Promise<void>;
}

export function createReplayThread(clock: Clock): ReplayThread {
  let running: Worker | null = null;
  return {
    async run(input) {
      if (running !== null) throw new OpsError('REFUSED', 'another replay is under way');
      const worker = openWorker(input);
      running = worker;
      try {
        return await resultOf(worker, clock);
      } finally {
        running = null;
        await worker.terminate();
      }
    },
    async stop() {
      await running?.terminate();
    },
  };
}

function resultOf(worker: Worker, clock: Clock): Promise<ReplaySummary> {
  return new Promise((resolve, reject) => {
    const cancel = clock.in(TIME_LIMIT, () =>
      reject(new OpsError('DEADLINE', 'the replay takes too long; run it at the terminal')),
    );
    worker.once('message', (summary: ReplaySummary) => {
      cancel();
      resolve(summary);
    });
    worker.once('error', (cause) => {
      cancel();
      reject(new OpsError('COMMAND_FAILED', 'the replay failed', { cause }));
    });
    worker.once('exit', () => {
      cancel();
      reject(new OpsError('COMMAND_FAILED', 'the replay ended without a result'));
    });
  });
}

function openWorker(input: ReplayInput): Worker {
  const isSource = import.meta.url.endsWith('.ts');
  const entry = new URL(isSource ? './replay-worker.ts' : './replay-worker.js', import.meta.url);
  const options = { workerData: input, env: {}, execArgv: [], resourceLimits: RESOURCE_LIMITS };
  return new Worker(isSource ? fromSource(entry) : entry, options);
}

/** Node 20 does not read TypeScript: in development and tests the thread loads tsx first. */
function fromSource(entry: URL): URL {
  const tsx = import.meta.resolve('tsx/esm/api');
  const code = `import{register}from${JSON.stringify(tsx)};register();await import(${JSON.stringify(entry.href)});`;
  return new URL(`data:text/javascript,${encodeURIComponent(code)}`);
}
