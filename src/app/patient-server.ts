/**
 * The HTTP side of the sandbox patient: its work, its health, the controls that healing uses, and its faults.
 *
 * A control that takes a trouble away ends the fault behind it, so that the trouble does not come back when the
 * control is taken back later.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Clock } from '../domain/ports.ts';
import { seconds } from '../domain/units.ts';
import { ERROR_SHARE, FAULT_KINDS, type Faults, SLOW_ANSWER } from './patient-faults.ts';

const MOST_BODY = 10_000;

export interface PatientDeps {
  readonly clock: Clock;
  readonly faults: Faults;
  readonly name: string;
  /** 0 ≤ x < 1 */
  random(): number;
  /** What `GET /work` gives when all is well. */
  work(): Readonly<Record<string, unknown>>;
  /** What it tells of itself, for whoever brings it to a monitor. */
  figures?(): Readonly<Record<string, unknown>>;
  /** What `GET /pages` needs to be well; `false` = it is not. */
  needs?(): Promise<boolean>;
  /** Remembers that a control took effect: the patient's own count of what was done to it. */
  note?(effect: string): void;
}

interface Answer {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
}

/** What the controls have switched. */
interface Switches {
  perSecond: number | null;
  cache: boolean;
  fallback: boolean;
}

type Handler = (body: unknown) => Answer | Promise<Answer>;

export function createPatientServer(deps: PatientDeps): Server {
  const routes = createRoutes(deps, { perSecond: null, cache: false, fallback: false });

  async function answer(request: IncomingMessage): Promise<Answer | null> {
    const path = (request.url ?? '/').split('?')[0];
    const handler = routes[`${request.method} ${path}`];
    const text = await readBody(request);
    // A hang answers nothing at all, controls and faults included: only a restart helps.
    if (deps.faults.isDeaf()) return null;
    if (handler === undefined) return { status: 404, body: { error: 'no such page' } };
    if (text === undefined) return { status: 413, body: { error: 'too large' } };
    // A page in a browser may send plain text anywhere, JSON only where it is allowed to.
    if (path === '/fault' && text !== '' && !isJson(request))
      return { status: 415, body: { error: 'expected JSON' } };
    if (path?.startsWith('/control/') === true) deps.note?.(`${request.method} ${path}`);
    return handler(parse(text));
  }

  return createServer((request, response) => {
    answer(request).then(
      (found) => found !== null && send(response, found),
      () => send(response, { status: 500, body: { error: 'the patient failed' } }),
    );
  });
}

function createRoutes(deps: PatientDeps, switches: Switches): Readonly<Record<string, Handler>> {
  const { faults, name } = deps;
  const admit = createAdmission(deps.clock);
  const ok = (body: Readonly<Record<string, unknown>> = {}): Answer => ({
    status: 200,
    body: { ok: true, ...body },
  });

  return {
    'GET /health': () => ok({ patient: name, faults: faults.active() }),
    'GET /work': () => {
      if (switches.perSecond !== null && !admit(switches.perSecond))
        return { status: 429, body: { error: 'rate limit' } };
      return work(deps, switches);
    },
    'GET /pages': () => pages(deps),
    'GET /model': () => (fails(deps) ? failure('the model does not answer') : ok({ answer: 42 })),
    'GET /cached': () => ok({ page: faults.has('poisoned_cache') ? 'another customer' : 'fresh' }),
    'GET /figures': () => ok(deps.figures?.() ?? {}),
    'POST /control/disk/clean': () => {
      faults.end('disk');
      return ok();
    },
    'POST /control/rate-limit': (body) => {
      switches.perSecond = numberIn(body, 'perSecond') ?? 10;
      return ok({ perSecond: switches.perSecond });
    },
    'DELETE /control/rate-limit': () => {
      switches.perSecond = null;
      return ok();
    },
    'POST /control/cache/clear': () => {
      faults.end('poisoned_cache');
      return ok({ cleared: true });
    },
    'POST /control/cache/enable': () => {
      switches.cache = true;
      faults.end('slow');
      return ok({ cache: true });
    },
    'DELETE /control/cache/enable': () => {
      switches.cache = false;
      return ok({ cache: false });
    },
    'POST /control/fallback': () => {
      switches.fallback = true;
      faults.end('errors');
      return ok({ fallback: true });
    },
    'DELETE /control/fallback': () => {
      switches.fallback = false;
      return ok({ fallback: false });
    },
    'POST /fault': (body) => {
      const kind = FAULT_KINDS.find((known) => known === textIn(body, 'kind'));
      if (kind === undefined)
        return { status: 400, body: { error: `expected one of ${FAULT_KINDS.join(', ')}` } };
      faults.begin(kind);
      return ok({ fault: kind });
    },
    'DELETE /fault': () => {
      faults.endAll();
      return ok();
    },
  };
}

async function work(deps: PatientDeps, switches: Switches): Promise<Answer> {
  if (deps.faults.has('slow')) await deps.clock.sleep(SLOW_ANSWER);
  if (fails(deps)) return failure('the model does not answer');
  return { status: 200, body: { ...deps.work(), cache: switches.cache, fallback: switches.fallback } };
}

/** Slow where it is slow, and no better than what it needs. */
async function pages({ clock, faults, needs }: PatientDeps): Promise<Answer> {
  if (faults.has('slow')) await clock.sleep(SLOW_ANSWER);
  const isWell = needs === undefined || (await needs());
  return isWell ? { status: 200, body: { ok: true } } : failure('what it needs does not answer');
}

function fails({ faults, random }: PatientDeps): boolean {
  return faults.has('incurable') || (faults.has('errors') && random() < ERROR_SHARE);
}

function failure(error: string): Answer {
  return { status: 500, body: { error } };
}

/** So many requests in each second of the monotonic clock. */
function createAdmission(clock: Clock): (perSecond: number) => boolean {
  let second = 0;
  let admitted = 0;
  return (perSecond) => {
    const now = Math.floor(clock.monotonic() / seconds(1));
    admitted = now === second ? admitted + 1 : 1;
    second = now;
    return admitted <= perSecond;
  };
}

/** `undefined` when it is too large. */
async function readBody(request: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    size += (chunk as Buffer).length;
    if (size <= MOST_BODY) chunks.push(chunk as Buffer);
  }
  return size > MOST_BODY ? undefined : Buffer.concat(chunks).toString('utf8');
}

function send(response: ServerResponse, { status, body }: Answer): void {
  response.writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store' });
  response.end(JSON.stringify(body));
}

function isJson({ headers }: IncomingMessage): boolean {
  return headers['content-type']?.startsWith('application/json') === true;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // A control without a body is the usual case.
    return null;
  }
}

function field(body: unknown, key: string): unknown {
  return typeof body === 'object' && body !== null
    ? (body as Readonly<Record<string, unknown>>)[key]
    : undefined;
}

function numberIn(body: unknown, key: string): number | undefined {
  const value = field(body, key);
  return typeof value === 'number' && value > 0 ? value : undefined;
}

function textIn(body: unknown, key: string): string | undefined {
  const value = field(body, key);
  return typeof value === 'string' ? value : undefined;
}
