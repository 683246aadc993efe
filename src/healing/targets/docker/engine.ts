/**
 * The few calls we need of a Docker Engine API, over its socket with a kept connection. No library: the good one
 * costs 25 MiB and install scripts. Podman answers the same calls, with differences that the driver allows for.
 */
import { Agent, type IncomingMessage, request } from 'node:http';
import { describeError } from '../../../domain/errors.ts';
import type { Cancel, Clock } from '../../../domain/ports.ts';
import { type Ms, seconds } from '../../../domain/units.ts';
import { withDeadline } from '../../../platform/deadline.ts';
import { codeOf } from '../../../platform/durable-file.ts';

const MOST_BYTES = 4 * 1_048_576;
const LONGEST_LINE = 1_048_576;
const EVENTS_ANSWER: Ms = seconds(5);

export type EngineAnswer =
  | { readonly kind: 'answered'; readonly status: number; readonly body: string }
  /** `unreachable` = nothing was sent. */
  | { readonly kind: 'unreachable'; readonly reason: string; readonly code: string }
  | { readonly kind: 'broken'; readonly reason: string };

export interface EngineCall {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly limit: Ms;
  readonly signal?: AbortSignal;
  /** Sent as JSON. */
  readonly json?: Readonly<Record<string, unknown>>;
}

export interface EngineStream {
  /** One line of JSON each. */
  line(text: string): void;
  /** It ended; nothing more comes. */
  end(reason: string): void;
}

export interface Engine {
  ask(call: EngineCall): Promise<EngineAnswer>;
  stream(path: string, listener: EngineStream): Cancel;
  close(): void;
}

export function createEngine(socketPath: string, clock: Clock): Engine {
  const agent = new Agent({ keepAlive: true, maxSockets: 4 });
  return {
    async ask({ method, path, limit, signal, json }) {
      const what = `${method} ${path.split('?')[0] ?? path}`;
      try {
        return await withDeadline(clock, { what, span: limit, signal }, (inner) =>
          send({ socketPath, agent, method, path, signal: inner, json }),
        );
      } catch (cause) {
        return { kind: 'broken', reason: describeError(cause) };
      }
    },
    stream: (path, listener) => stream(socketPath, path, listener, clock),
    close: () => agent.destroy(),
  };
}

interface Send {
  readonly socketPath: string;
  readonly agent: Agent;
  readonly method: string;
  readonly path: string;
  readonly signal: AbortSignal;
  readonly json: EngineCall['json'] | undefined;
}

function send({ signal, json, ...options }: Send): Promise<EngineAnswer> {
  return new Promise((resolve) => {
    const body = json === undefined ? undefined : JSON.stringify(json);
    const type = body === undefined ? {} : { 'content-type': 'application/json' };
    const call = request({ ...options, headers: { host: 'docker', ...type }, signal }, (answer) => {
      readAll(answer).then(
        (body) => resolve({ kind: 'answered', status: answer.statusCode ?? 0, body }),
        (cause: unknown) => resolve({ kind: 'broken', reason: describeError(cause) }),
      );
    });
    call.on('error', (cause) => {
      const code = codeOf(cause);
      const isSent = !['ENOENT', 'EACCES', 'ECONNREFUSED', 'EPERM'].includes(code);
      const reason = describeError(cause);
      resolve(isSent ? { kind: 'broken', reason } : { kind: 'unreachable', reason, code });
    });
    call.end(body);
  });
}

async function readAll(answer: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of answer as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MOST_BYTES) throw new Error('the answer is too long');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

/** A connection of its own, without a limit in time once it has answered: it says something when there is something. */
function stream(socketPath: string, path: string, listener: EngineStream, clock: Clock): Cancel {
  let isOver = false;
  const over = (reason: string): void => {
    if (isOver) return;
    isOver = true;
    cancel();
    call.destroy();
    listener.end(reason);
  };
  const call = request({ socketPath, path, headers: { host: 'docker' } }, (answer) => {
    cancel();
    if (answer.statusCode !== 200) {
      over(`answered ${answer.statusCode}`);
      return;
    }
    let rest = '';
    answer.setEncoding('utf8');
    answer.on('data', (text: string) => {
      const lines = (rest + text).split('\n');
      rest = (lines.pop() ?? '').slice(-LONGEST_LINE);
      for (const line of lines) if (line.trim() !== '') listener.line(line);
    });
    answer.on('close', () => over('the stream ended'));
    answer.on('error', (cause) => over(describeError(cause)));
  });
  const cancel = clock.in(EVENTS_ANSWER, () => over('no answer in time'));
  call.on('error', (cause) => over(describeError(cause)));
  call.end();
  return () => over('not wanted any more');
}
