/**
 * One HTTP route as an entry of a table: who may call it, what it takes, what it answers. The door in front of every
 * handler is here: credentials, role, proof that a write comes from our page, and the zod check of what came in.
 */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { type Actor, mayAct, type Role } from '../../domain/approval.ts';
import type { Logger } from '../../domain/ports.ts';
import { type Ms, minutes } from '../../domain/units.ts';
import { type HttpAnswer, problem } from '../../platform/http-problem.ts';
import { type Caller, type Credentials, refuseWrite } from './credentials.ts';

export const RATE_WINDOW: Ms = minutes(1);

/** What a handler is given. `caller` is `undefined` on public routes only. */
export interface Call<Body = unknown, Query = unknown> {
  readonly caller: Caller | undefined;
  readonly params: Readonly<Record<string, string>>;
  readonly body: Body;
  readonly query: Query;
  readonly reply: FastifyReply;
  readonly address: string;
}

export interface Route {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly summary: string;
  /** `public` asks for no credentials at all. */
  readonly role: Role | 'public';
  /** Calls a minute and address. */
  readonly perMinute?: number;
  readonly anyHost?: boolean;
  /** `false` where a HEAD request would do harm: spend a link, open a feed. */
  readonly head?: false;
  readonly body?: z.ZodType;
  readonly query?: z.ZodType;
  /** `null`: the handler has answered by itself. */
  readonly answer: (call: Call) => Promise<HttpAnswer | null> | HttpAnswer | null;
}

interface TypedRoute<B extends z.ZodType, Q extends z.ZodType>
  extends Omit<Route, 'body' | 'query' | 'answer'> {
  readonly body?: B;
  readonly query?: Q;
  readonly answer: (call: Call<z.output<B>, z.output<Q>>) => ReturnType<Route['answer']>;
}

const NOTHING: z.ZodUnknown = z.unknown();

/** Checks a route's own types, then forgets them, so that all routes fit one table. */
export function route<B extends z.ZodType = typeof NOTHING, Q extends z.ZodType = typeof NOTHING>(
  typed: TypedRoute<B, Q>,
): Route {
  return typed as unknown as Route;
}

/** The actor of a call on a route that is not public. */
export function actorOf(call: Call<never, never> | Call): Actor {
  if (call.caller === undefined) throw new Error('a public route has no actor');
  return call.caller.actor;
}

export function ok(body: unknown): HttpAnswer {
  return { status: 200, body };
}

export interface DoorDeps {
  readonly credentials: Credentials;
  readonly cookieName: () => string;
  readonly log: Logger;
}

/** Puts every route of the table behind its door. */
export function addRoutes(app: FastifyInstance, routes: readonly Route[], deps: DoorDeps): void {
  for (const entry of routes) addRoute(app, entry, deps);
}

function addRoute(app: FastifyInstance, entry: Route, deps: DoorDeps): void {
  const callers = new WeakMap<FastifyRequest, Caller>();
  app.route({
    method: entry.method,
    url: entry.path,
    exposeHeadRoute: entry.method === 'GET' && entry.head !== false,
    config: {
      anyHost: entry.anyHost === true,
      ...(entry.perMinute && { rateLimit: { max: entry.perMinute, timeWindow: RATE_WINDOW } }),
    },
    onRequest: async (request, reply) => {
      reply.header('cache-control', 'no-store');
      const caller = identify(request, deps);
      if (caller !== undefined) callers.set(request, caller);
      const refusal = admit(entry, request, caller);
      if (refusal === null) return;
      if (refusal.status === 401) reply.header('www-authenticate', 'Bearer');
      return send(reply, refusal);
    },
    handler: async (request, reply) => {
      const input = readInput(entry, request);
      if (input.kind === 'bad') return send(reply, input.answer);
      const answer = await entry.answer({
        caller: callers.get(request),
        params: request.params as Readonly<Record<string, string>>,
        body: input.body,
        query: input.query,
        reply,
        address: request.ip,
      });
      return answer === null ? reply : send(reply, answer);
    },
  });
}

function identify(request: FastifyRequest, { credentials, cookieName }: DoorDeps): Caller | undefined {
  return credentials.identify({
    authorization: request.headers.authorization,
    cookie: request.cookies[cookieName()],
  });
}

/** The refusal, or `null` to let the request in. */
function admit(entry: Route, request: FastifyRequest, caller: Caller | undefined): HttpAnswer | null {
  if (entry.role === 'public') return null;
  if (caller === undefined) {
    return problem('UNAUTHENTICATED', 'Sign in, or send the token as "Authorization: Bearer …".');
  }
  if (entry.method !== 'GET') {
    const reason = refuseWrite(caller, {
      csrf: single(request.headers['x-nightshift-csrf']),
      origin: request.headers.origin,
      host: request.headers.host,
      fetchSite: single(request.headers['sec-fetch-site']),
    });
    if (reason !== null) return problem('FORBIDDEN', reason);
  }
  if (!mayAct(caller.actor, entry.role)) {
    return problem(
      'FORBIDDEN',
      `This needs the role ${entry.role}, which ${caller.actor.display} does not have.`,
    );
  }
  return null;
}

type Input =
  | { readonly kind: 'good'; readonly body: unknown; readonly query: unknown }
  | { readonly kind: 'bad'; readonly answer: HttpAnswer };

function readInput(entry: Route, request: FastifyRequest): Input {
  const body = (entry.body ?? NOTHING).safeParse(request.body);
  const query = (entry.query ?? NOTHING).safeParse(request.query);
  const issues = [...(body.error?.issues ?? []), ...(query.error?.issues ?? [])];
  if (!body.success || !query.success) return { kind: 'bad', answer: invalid(issues) };
  return { kind: 'good', body: body.data, query: query.data };
}

function invalid(issues: readonly z.core.$ZodIssue[]): HttpAnswer {
  const details = issues.slice(0, 20).map(({ path, message }) => ({ path: path.join('.'), message }));
  const first = details[0];
  const where = first === undefined || first.path === '' ? '' : `${first.path}: `;
  return problem('BAD_REQUEST', `${where}${first?.message ?? 'The request cannot be understood.'}`, details);
}

function send(reply: FastifyReply, { status, body }: HttpAnswer): FastifyReply {
  return reply.code(status).send(body);
}

function single(header: string | string[] | undefined): string | undefined {
  return typeof header === 'string' ? header : undefined;
}
