/** Entry of the fitting thread: one task in, one model out, then the thread ends. Started by fit-thread.ts. */
import { parentPort, workerData } from 'node:worker_threads';
import { type FitTask, fitHost } from './host-model.ts';

parentPort?.postMessage(fitHost(workerData as FitTask));
