/** Entry of the replay thread: one input, one summary, then it ends. Started by replay-thread.ts. */
import { parentPort, workerData } from 'node:worker_threads';
import { createSystemClock } from '../platform/clock.ts';
import { type ReplayInput, replayHistory } from './replay-history.ts';

const { monotonic } = createSystemClock();
parentPort?.postMessage(await replayHistory(workerData as ReplayInput, { monotonic }));
