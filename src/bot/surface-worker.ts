/**
 * The inside of a surface's worker thread: answers the main thread's requests with a client of the platform and
 * hands over what people do there. Says with every beat that its loop turns.
 *
 * Nothing is caught here on purpose: an error that nobody expects ends the thread, and the host rebuilds it.
 */
import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import { describeError, isOpsError, OpsError } from '../domain/errors.ts';
import type { Clock, Logger } from '../domain/ports.ts';
import type { Ms } from '../domain/units.ts';
import { createSystemClock } from '../platform/clock.ts';
import type { Card, ThreadLine } from './card.ts';
import type { CardPicture, CommandShape, Placed, PrivateReply } from './surface.ts';
import { fault, readFault, type SurfaceFault } from './surface-fault.ts';
import type { SurfaceTiming } from './surface-timing.ts';
import type {
  FromThread,
  HttpAnswer,
  HttpRequestIn,
  Inbound,
  LogLevel,
  SurfaceCall,
  SurfaceThreadData,
  ToThread,
} from './surface-wire.ts';

const LATE: PrivateReply = { ok: false, text: 'Still under way. Look in the console for the outcome.' };

/** What a platform's client gets from its thread. */
export interface ThreadTools {
  readonly clock: Clock;
  readonly log: Logger;
  readonly timing: SurfaceTiming;
  /** To the core and back; never rejects, answers within `timing.replyWithin`. */
  ask(inbound: Inbound): Promise<PrivateReply>;
  health(state: 'up' | 'degraded' | 'down', reason: string): void;
  /** Only a person can mend it: ends the thread for good. */
  fatal(reason: string): void;
  /** Only a new thread can mend it. */
  rebuild(reason: string): void;
}

export interface PutManner {
  /** People are to be called with it, now. */
  readonly call: boolean;
  /** It may stand already although nobody stored where. */
  readonly triedBefore: boolean;
}

/** A platform's client inside the thread. Calls reject with a fault (surface-fault.ts). */
export interface SurfaceClient {
  /** Resolves when the first connection stands or failed; failures are told as health, not thrown. */
  start(commands: readonly CommandShape[]): Promise<void>;
  put(card: Card, placed: Placed | null, how: PutManner): Promise<Placed>;
  picture(card: Card, placed: Placed, picture: CardPicture): Promise<Placed>;
  append(placed: Placed, line: ThreadLine): Promise<void>;
  http(request: HttpRequestIn): Promise<HttpAnswer>;
  stop(): Promise<void>;
}

/** Runs the client in this thread; called once, by the platform's entry file. */
export function serveSurface(create: (options: unknown, tools: ThreadTools) => SurfaceClient): void {
  const port = parentPort;
  if (port === null) throw new OpsError('INTERNAL', 'a surface runs in a worker thread only');
  const { options, timing } = workerData as SurfaceThreadData;
  const clock = createSystemClock();
  const post = (message: FromThread): void => port.postMessage(message);
  const { ask, answer } = createQuestions(post, clock, timing.replyWithin);
  const client = create(options, {
    clock,
    timing,
    log: createThreadLog(post),
    ask,
    health: (state, reason) => post({ kind: 'health', state, reason }),
    fatal: (reason) => post({ kind: 'fatal', reason }),
    rebuild: (reason) => post({ kind: 'rebuild', reason }),
  });
  clock.every(timing.beatEvery, () => post({ kind: 'beat' }));
  serve(port, client, post, answer);
}

/** The outcome of `work`, or `otherwise` when it takes longer than `span`. */
export async function within<T>(clock: Clock, span: Ms, work: Promise<T>, otherwise: T): Promise<T> {
  const done = new AbortController();
  const late = clock.sleep(span, done.signal).then(
    () => otherwise,
    () => otherwise,
  );
  try {
    return await Promise.race([work, late]);
  } finally {
    done.abort();
  }
}

function serve(
  port: MessagePort,
  client: SurfaceClient,
  post: (message: FromThread) => void,
  answer: (id: number, reply: PrivateReply) => void,
): void {
  port.on('message', (message: ToThread) => {
    if (message.kind === 'reply') {
      answer(message.id, message.reply);
      return;
    }
    const { id, call } = message;
    run(client, call).then(
      (value) => post({ kind: 'result', id, value }),
      (error: unknown) => post({ kind: 'failed', id, fault: toWire(error) }),
    );
  });
}

async function run(client: SurfaceClient, call: SurfaceCall): Promise<unknown> {
  switch (call.method) {
    case 'start':
      await client.start(call.commands);
      return null;
    case 'put':
      return client.put(call.card, call.placed, { call: call.call, triedBefore: call.triedBefore });
    case 'picture':
      return client.picture(call.card, call.placed, call.picture);
    case 'append':
      await client.append(call.placed, call.line);
      return null;
    case 'http':
      return client.http(call.request);
    case 'stop':
      await client.stop();
      return null;
  }
}

function toWire(error: unknown): SurfaceFault {
  return isOpsError(error, 'SURFACE_DOWN') ? readFault(error) : fault('unreachable', describeError(error));
}

interface Questions {
  readonly ask: ThreadTools['ask'];
  readonly answer: (id: number, reply: PrivateReply) => void;
}

function createQuestions(post: (message: FromThread) => void, clock: Clock, span: Ms): Questions {
  const waiting = new Map<number, (reply: PrivateReply) => void>();
  let lastId = 0;
  return {
    async ask(inbound) {
      lastId += 1;
      const id = lastId;
      const replied = new Promise<PrivateReply>((resolve) => waiting.set(id, resolve));
      post({ kind: 'inbound', id, inbound });
      const reply = await within(clock, span, replied, LATE);
      waiting.delete(id);
      return reply;
    },
    answer: (id, reply) => waiting.get(id)?.(reply),
  };
}

function createThreadLog(post: (message: FromThread) => void): Logger {
  const at =
    (level: LogLevel): Logger['info'] =>
    (message, fields = {}) =>
      post({ kind: 'log', level, message, fields: plain(fields) });
  return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
}

/** Only what structured clone carries for certain. */
function plain(fields: Readonly<Record<string, unknown>>): Record<string, string | number | boolean | null> {
  const kept: Record<string, string | number | boolean | null> = {};
  for (const [key, value] of Object.entries(fields)) {
    kept[key] =
      typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' || value === null
        ? value
        : String(value);
  }
  return kept;
}
