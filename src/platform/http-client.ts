/**
 * One request, one answer, one deadline over name, connection, headers and body. Redirects are answers, not
 * followed; nothing is retried; each request has its own connection, so that a probe sees what a visitor sees.
 *
 * Over `node:http`: it needs a tenth of the memory of the built-in fetch and is loaded for the console anyway.
 */
import {
  type ClientRequest,
  type IncomingMessage,
  type RequestOptions,
  request as requestHttp,
} from 'node:http';
import { describeError } from '../domain/errors.ts';
import type { Clock, HttpClient, HttpRequest, HttpResult } from '../domain/ports.ts';
import { type Ms, ms, seconds } from '../domain/units.ts';
import { codeOf } from './durable-file.ts';
import { asLookupFunction, createNameLookup, type NameLookup } from './name-lookup.ts';

/** What is longer is cut; the status counts all the same. */
const MOST_BODY_BYTES = 1_048_576;

export interface HttpClientDeps {
  readonly clock: Clock;
  readonly names?: NameLookup;
}

/** How a request ended, before the time it took is known. */
type End =
  | {
      readonly kind: 'answered';
      readonly status: number;
      readonly body: string;
      readonly headers: Readonly<Record<string, string>>;
      readonly retryAfter?: Ms;
    }
  | { readonly kind: 'timed_out' }
  | { readonly kind: 'failed'; readonly reason: string };

export function createHttpClient({ clock, names = createNameLookup(clock) }: HttpClientDeps): HttpClient {
  return {
    async request(request): Promise<HttpResult> {
      const begun = clock.monotonic();
      const end = await send(request, clock, names).catch(
        (cause: unknown): End => ({ kind: 'failed', reason: reasonOf(cause, request.url) }),
      );
      return { ...end, took: ms(clock.monotonic() - begun) as Ms };
    },
  };
}

async function send(request: HttpRequest, clock: Clock, names: NameLookup): Promise<End> {
  const url = parseUrl(request.url);
  if (url === undefined) return { kind: 'failed', reason: `"${request.url}" is no http or https address` };
  const open = url.protocol === 'https:' ? (await import('node:https')).request : requestHttp;
  if (request.signal?.aborted) return { kind: 'failed', reason: 'it was given up before it began' };
  return new Promise((resolve) => {
    const giveUp = (): void => settle({ kind: 'failed', reason: 'it was given up' });
    const cancel = clock.in(request.timeLimit, () => settle({ kind: 'timed_out' }));
    let sent: ClientRequest | undefined;
    const settle = (end: End): void => {
      cancel();
      request.signal?.removeEventListener('abort', giveUp);
      resolve(end);
      sent?.destroy();
    };
    request.signal?.addEventListener('abort', giveUp, { once: true });
    const fail = (cause: unknown): void => settle({ kind: 'failed', reason: reasonOf(cause, request.url) });
    try {
      sent = open(url, optionsOf(request, names));
      sent.on('error', fail);
      sent.on('response', (answer) => void readBody(answer).then(settle, fail));
      sent.end(request.body);
    } catch (cause) {
      fail(cause); // a header that may not be sent
    }
  });
}

function optionsOf(request: HttpRequest, names: NameLookup): RequestOptions {
  const length = request.body === undefined ? {} : { 'content-length': Buffer.byteLength(request.body) };
  return {
    method: request.method ?? 'GET',
    agent: false,
    lookup: asLookupFunction(names),
    headers: {
      'user-agent': 'nightshift',
      accept: '*/*',
      connection: 'close',
      ...length,
      ...request.headers,
    },
  };
}

function readBody(answer: IncomingMessage): Promise<End> {
  const status = answer.statusCode ?? 0;
  const chunks: Buffer[] = [];
  let length = 0;
  return new Promise((resolve, reject) => {
    const done = (): void => {
      const body = Buffer.concat(chunks, Math.min(length, MOST_BODY_BYTES)).toString();
      resolve({ kind: 'answered', status, body, headers: singleHeaders(answer), ...retryAfterOf(answer) });
    };
    answer.on('data', (chunk: Buffer) => {
      chunks.push(chunk);
      length += chunk.length;
      if (length >= MOST_BODY_BYTES) done();
    });
    answer.on('end', done);
    answer.on('error', reject);
    answer.on('close', () => reject(new Error('the connection was closed in the middle of the answer')));
  });
}

/** Those that came once; of lists nobody here has a use. */
function singleHeaders({ headers }: IncomingMessage): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) => (typeof value === 'string' ? [[name, value]] : [])),
  );
}

function retryAfterOf({ headers }: IncomingMessage): { readonly retryAfter?: Ms } {
  const text = headers['retry-after'] ?? '';
  return /^\d{1,6}$/.test(text) ? { retryAfter: seconds(Number(text)) } : {};
}

function parseUrl(text: string): URL | undefined {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  return url?.protocol === 'http:' || url?.protocol === 'https:' ? url : undefined;
}

function reasonOf(cause: unknown, url: string): string {
  const inner = cause instanceof AggregateError ? (cause.errors.at(-1) as unknown) : cause;
  const code = codeOf(inner);
  const host = parseUrl(url)?.host ?? url;
  const known = REASONS[code];
  if (known !== undefined) return `${known} (${host}, ${code})`;
  if (/CERT|SELF_SIGNED|UNABLE_TO_(?:GET|VERIFY)|ALTNAME/.test(code)) {
    return `the certificate is not trusted (${host}, ${code})`;
  }
  return describeError(inner);
}

const REASONS: Readonly<Record<string, string>> = {
  ENOTFOUND: 'there is no such host name',
  EAI_AGAIN: 'the name server does not answer',
  EBUSY: 'the name server does not answer',
  ECONNREFUSED: 'nobody listens there',
  ECONNRESET: 'the connection was cut',
  EHOSTUNREACH: 'the host cannot be reached',
  ENETUNREACH: 'the network cannot be reached',
  ETIMEDOUT: 'the host does not answer',
  EPIPE: 'the connection was cut',
  EMFILE: 'this process has too many open files',
  CERT_HAS_EXPIRED: 'the certificate has expired',
  ERR_SSL_WRONG_VERSION_NUMBER: 'the other side does not speak TLS',
  EPRIVATE: 'it is an address of this host or of a private network',
  EPROTO: 'the other side does not speak TLS',
};
