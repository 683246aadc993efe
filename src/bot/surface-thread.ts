/**
 * One life of a worker thread that runs a chat SDK: requests, heartbeats, captured output.
 *
 * Whatever happens in there (uncaught error, process.exit, a loop that never ends, no memory left) comes out as
 * one `onEnd` with a reason. Requests that were under way reject; nothing waits for a thread that is gone.
 */
import { Worker } from 'node:worker_threads';
import { describeError } from '../domain/errors.ts';
import type { Cancel, Clock, Logger } from '../domain/ports.ts';
import type { Ms } from '../domain/units.ts';
import { inertLine } from './inert.ts';
import type { ChatSurfaceId } from './surface.ts';
import { fault } from './surface-fault.ts';
import { createRequestTable } from './surface-requests.ts';
import type {
  CallOf,
  FromThread,
  InboundReply,
  SurfaceMethod,
  SurfaceResults,
  SurfaceThreadData,
  ToThread,
} from './surface-wire.ts';

/** An SDK at rest needs about 20 MB; a small young generation keeps the resident memory low. */
const RESOURCE_LIMITS = { maxOldGenerationSizeMb: 128, maxYoungGenerationSizeMb: 2 };
const PRINTED_CHARACTERS = 500;

/** What the host hears of a thread, besides answers and beats. */
export type ThreadNews = Exclude<FromThread, { readonly kind: 'beat' | 'result' | 'failed' }>;

export interface SurfaceThread {
  /**
   * Rejects after `within` at the latest, and when the thread ends.
   *
   * @param onLate Told the result when it comes after the deadline: it happened all the same.
   */
  call<M extends SurfaceMethod>(
    call: CallOf<M>,
    within: Ms,
    onLate?: (value: SurfaceResults[M]) => void,
  ): Promise<SurfaceResults[M]>;
  reply(id: number, reply: InboundReply): void;
  /** Ends it now; `onEnd` is called before this returns, once. */
  end(reason: string): void;
}

export interface ThreadDeps {
  readonly surface: ChatSurfaceId;
  /** `…/entry.ts` from source, `…/entry.js` when built. */
  readonly entry: URL;
  readonly data: SurfaceThreadData;
  readonly clock: Clock;
  readonly log: Logger;
  readonly onNews: (news: ThreadNews) => void;
  readonly onEnd: (reason: string) => void;
}

export function startThread(deps: ThreadDeps): SurfaceThread {
  const { surface, log } = deps;
  const worker = openWorker(deps.entry, deps.data);
  const requests = createRequestTable(surface, deps.clock);
  const pulse = watchPulse(deps, (reason) => end(reason));
  let ended = false;

  function end(reason: string): void {
    if (ended) return;
    ended = true;
    pulse.cancel();
    worker.terminate().catch((cause: unknown) => {
      log.warn('surface thread did not end', { surface, error: describeError(cause) });
    });
    requests.failAll(fault('unreachable', reason));
    deps.onEnd(reason);
  }

  function send(message: ToThread): void {
    if (!ended) worker.postMessage(message);
  }

  worker.on('message', (message: FromThread) => {
    if (ended) return;
    if (message.kind === 'beat') pulse.beat();
    else if (message.kind === 'result') requests.answered(message.id, message.value);
    else if (message.kind === 'failed') requests.failed(message.id, message.fault);
    else deps.onNews(message);
  });
  worker.on('error', (error) => end(`The ${surface} thread failed: ${inertLine(describeError(error))}`));
  worker.on('exit', (code) => end(`The ${surface} thread ended with code ${code}.`));
  logOutput(worker, deps);

  return {
    call<M extends SurfaceMethod>(call: CallOf<M>, within: Ms, onLate?: (value: SurfaceResults[M]) => void) {
      const asked = requests.ask({
        method: call.method,
        within,
        onLate: (value) => onLate?.(value as SurfaceResults[M]),
        send: (id) => send({ kind: 'call', id, call }),
      });
      return asked as Promise<SurfaceResults[M]>;
    },
    reply: (id, reply) => send({ kind: 'reply', id, reply }),
    end,
  };
}

interface Pulse {
  readonly beat: () => void;
  readonly cancel: Cancel;
}

/** Ends a thread whose loop no longer turns; a main thread that was itself held up proves nothing. */
function watchPulse(deps: ThreadDeps, end: (reason: string) => void): Pulse {
  const { clock, surface } = deps;
  const { beatEvery, hungAfter } = deps.data.timing;
  let lastBeat = clock.monotonic();
  let lastLook = lastBeat;
  const cancel = clock.every(beatEvery, () => {
    const now = clock.monotonic();
    if (now - lastLook > 2 * beatEvery) lastBeat = now;
    lastLook = now;
    if (now - lastBeat <= hungAfter) return;
    end(`The ${surface} thread hung for ${Math.round((now - lastBeat) / 1000)} s.`);
  });
  const beat = (): void => {
    lastBeat = clock.monotonic();
  };
  return { beat, cancel };
}

function openWorker(entry: URL, data: SurfaceThreadData): Worker {
  return new Worker(entry.pathname.endsWith('.ts') ? fromSource(entry) : entry, {
    workerData: data,
    env: {},
    execArgv: [],
    stdout: true,
    stderr: true,
    resourceLimits: RESOURCE_LIMITS,
  });
}

/** Node 20 does not read TypeScript: in development and tests the thread loads tsx first. */
function fromSource(entry: URL): URL {
  const tsx = import.meta.resolve('tsx/esm/api');
  const code = `import{register}from${JSON.stringify(tsx)};register();await import(${JSON.stringify(entry.href)});`;
  return new URL(`data:text/javascript,${encodeURIComponent(code)}`);
}

function logOutput(worker: Worker, { surface, log }: ThreadDeps): void {
  const print =
    (stream: string) =>
    (chunk: Buffer): void => {
      const text = inertLine(chunk.toString()).slice(0, PRINTED_CHARACTERS);
      log.debug('surface thread printed', { surface, stream, text });
    };
  worker.stdout.on('data', print('stdout'));
  worker.stderr.on('data', print('stderr'));
}
