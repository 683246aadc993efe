/** Entry of the replay thread: one input, word of how far it is, one summary, then it ends. Started by replay-thread.ts. */
import { setPriority } from 'node:os';
import { parentPort, workerData } from 'node:worker_threads';
import { createSystemClock } from '../platform/clock.ts';
import { replayHistory } from './replay-history.ts';
import type { ReplayMessage, ReplayWork } from './replay-thread.ts';

const MILD = 10;

const { input, isPatient } = workerData as ReplayWork;
const tell = (message: ReplayMessage): void => parentPort?.postMessage(message);

// On Linux a priority belongs to a thread; elsewhere it would slow the bot itself.
if (isPatient && process.platform === 'linux') setPriority(0, MILD);
const { monotonic } = createSystemClock();
const summary = await replayHistory(input, {
  monotonic,
  onProgress: (rows, of) => tell({ kind: 'progress', rows, of }),
});
tell({ kind: 'done', summary });
