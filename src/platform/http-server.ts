/**
 * The one HTTP server: Fastify with our limits, headers and error shape. Routes are added by bot/web before
 * `listen`. Fastify and its plugins are imported on creation, so a process that serves nothing does not pay.
 *
 * Bodies over 1 MB, nested deeper than 32 or with a `__proto__` key never reach a handler; a client that sends
 * slowly is cut off; `close` is over within 5 s whatever is still open.
 */
import type { Server } from 'node:http';
import type { FastifyHttpOptions, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { describeError, OpsError } from '../domain/errors.ts';
import type { Clock, Logger } from '../domain/ports.ts';
import { type Bytes, bytes, type Ms, seconds } from '../domain/units.ts';
import { answerBadClient } from './bad-client.ts';
import { authority, isOurHost } from './host-header.ts';
import { type HttpAnswer, problem, problemOf } from './http-problem.ts';
import { isDeeperThan } from './json-depth.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Reachable under any Host header: for callers that prove themselves by a signature or learn nothing. */
    anyHost?: boolean;
  }
}

export interface HttpLimits {
  readonly body: Bytes;
  readonly depth: number;
  /** Until the last header, and until the last byte of the body, has come. */
  readonly headers: Ms;
  readonly request: Ms;
  /** A connection on which nothing moves. */
  readonly idle: Ms;
  /** Between two requests on one connection. */
  readonly keepAlive: Ms;
  /** How often slow senders are looked for. */
  readonly sweep: Ms;
  readonly connections: number;
  readonly close: Ms;
}

export interface HttpServerDeps {
  readonly clock: Clock;
  readonly log: Logger;
  readonly host: string;
  /** 0 picks a free one. */
  readonly port: number;
  /** Names of ours that a Host header may carry besides localhost and addresses; lower case. */
  readonly hostNames: () => readonly string[];
  readonly limits?: Partial<HttpLimits>;
}

export interface HttpServer {
  /** Add routes here, before `listen`. */
  readonly app: FastifyInstance;
  /** @throws OpsError `PORT_IN_USE`, or `CONFIG_INVALID` where host and port cannot be bound here. */
  listen(): Promise<void>;
  /** The port in use; the configured one before `listen`. */
  port(): number;
  close(): Promise<void>;
}

const LIMITS: HttpLimits = {
  body: bytes(1_048_576), // specification, section 13
  depth: 32, // ten times what any of our bodies needs
  headers: seconds(10), // a phone on a bad line needs 2
  request: seconds(20), // 1 MB over a slow uplink
  idle: seconds(75), // longer than the 15 s beat of the live feed
  keepAlive: seconds(5), // as Node has it
  sweep: seconds(2), // Node looks only every 30 s by default
  connections: 512, // far from the usual 1,024 descriptors
  close: seconds(4), // of the 5 s that a step of stopping has
};

const TOO_LARGE = 413;

/** The strictest policy the page runs under; `bot/web/page` has no inline script or style. */
const POLICY: Readonly<Record<string, string[]>> = {
  'default-src': ["'none'"],
  'script-src': ["'self'"],
  'style-src': ["'self'"],
  'img-src': ["'self'"],
  'connect-src': ["'self'"],
  'font-src': ["'self'"],
  'manifest-src': ["'self'"],
  'base-uri': ["'none'"],
  'form-action': ["'self'"],
  'frame-ancestors': ["'none'"],
  'require-trusted-types-for': ["'script'"],
  'trusted-types': ["'none'"],
};

type FastifyCompilers = NonNullable<
  NonNullable<FastifyHttpOptions<Server>['schemaController']>['compilersFactory']
>;

/** No route has a JSON schema, zod judges bodies: so the two schema compilers (3 MiB) are never loaded. */
const NO_SCHEMAS = {
  buildValidator: () => () => () => true,
  buildSerializer: () => () => JSON.stringify,
} as unknown as FastifyCompilers;

export async function createHttpServer(deps: HttpServerDeps): Promise<HttpServer> {
  const limits = { ...LIMITS, ...deps.limits };
  const app = await createApp(limits, deps);
  await addPlugins(app);
  addChecks(app, limits, deps);
  return {
    app,
    listen: () => listen(app, deps),
    port: () => portOf(app.server) ?? deps.port,
    close: () => close(app, limits.close, deps),
  };
}

async function createApp(limits: HttpLimits, deps: HttpServerDeps): Promise<FastifyInstance> {
  const { default: fastify } = await import('fastify');
  const options: FastifyHttpOptions<Server> = {
    logger: false,
    bodyLimit: limits.body,
    forceCloseConnections: true,
    routerOptions: { maxParamLength: 200 },
    schemaController: { compilersFactory: NO_SCHEMAS },
    connectionTimeout: limits.idle,
    requestTimeout: limits.request,
    keepAliveTimeout: limits.keepAlive,
    http: { headersTimeout: limits.headers, connectionsCheckingInterval: limits.sweep },
    clientErrorHandler: answerBadClient,
    frameworkErrors: (error, _request, reply) => void answer(reply as FastifyReply, problemOf(error).answer),
  };
  const app = fastify(options);
  app.server.maxConnections = limits.connections;
  app.setErrorHandler((thrown, request, reply) => {
    const { answer: told, isOurs } = problemOf(thrown);
    if (isOurs) deps.log.error('http request failed', { ...about(request), error: describeError(thrown) });
    // Closed at once, a sender in the midst of its body would see a reset instead of the answer. What is too much is
    // thrown away as it comes, no longer than a request may take.
    if (told.status === TOO_LARGE) reply.removeHeader('connection');
    return answer(reply, told);
  });
  return app;
}

async function addPlugins(app: FastifyInstance): Promise<void> {
  const [helmet, cookie, rateLimit] = await Promise.all([
    import('@fastify/helmet'),
    import('@fastify/cookie'),
    import('@fastify/rate-limit'),
  ]);
  await app.register(helmet.default, {
    contentSecurityPolicy: { useDefaults: false, directives: POLICY },
    strictTransportSecurity: false, // TLS, where there is any, ends in front of us
    xXssProtection: false,
  });
  await app.register(cookie.default);
  await app.register(rateLimit.default, {
    global: false,
    errorResponseBuilder: (_request, { ttl }) =>
      Object.assign(new Error(`Too many tries. Try again in ${Math.ceil(ttl / 1_000)} s.`), {
        statusCode: 429,
      }),
  });
}

function addChecks(app: FastifyInstance, limits: HttpLimits, deps: HttpServerDeps): void {
  app.addHook('onRequest', async (request, reply) => {
    if (request.routeOptions.config.anyHost === true) return;
    if (isOurHost(request.headers.host, deps.hostNames())) return;
    return answer(
      reply,
      problem(
        'FORBIDDEN',
        'This host name is not known here. Set "consoleUrl" in bot.json to the address people use.',
      ),
    );
  });
  app.addHook('preValidation', async (request, reply) => {
    if (!isDeeperThan(request.body, limits.depth)) return;
    return answer(reply, problem('BAD_REQUEST', `The body is nested deeper than ${limits.depth} levels.`));
  });
  app.setNotFoundHandler((request, reply) =>
    answer(reply, problem('NOT_FOUND', `There is nothing at ${request.method} ${pathOf(request)}.`)),
  );
}

async function listen(app: FastifyInstance, { host, port }: HttpServerDeps): Promise<void> {
  try {
    await app.listen({ host, port });
  } catch (cause) {
    throw listenFailure(cause, host, port);
  }
}

function listenFailure(cause: unknown, host: string, port: number): OpsError {
  const at = authority(host, port);
  const init = { context: { host, port }, cause };
  if (codeOf(cause) === 'EADDRINUSE') {
    const advice = 'Stop the program that holds it, or set NIGHTSHIFT_PORT to another (0 picks a free one).';
    return new OpsError('PORT_IN_USE', `${at} is already in use. ${advice}`, init);
  }
  const why = `Nightshift cannot listen on ${at} (${codeOf(cause) ?? describeError(cause)}).`;
  return new OpsError('CONFIG_INVALID', `${why} Check NIGHTSHIFT_HOST and NIGHTSHIFT_PORT.`, init);
}

async function close(app: FastifyInstance, limit: Ms, { clock, log }: HttpServerDeps): Promise<void> {
  const giveUp = new AbortController();
  const tooLong = clock.sleep(limit, giveUp.signal).then(
    () => {
      app.server.closeAllConnections();
      log.warn('http server did not close in time', { limitMs: limit });
    },
    () => {}, // closed in time: nothing to do
  );
  await Promise.race([app.close(), tooLong]);
  giveUp.abort();
}

function answer(reply: FastifyReply, { status, body }: HttpAnswer): FastifyReply {
  return reply.code(status).send(body);
}

function about(request: FastifyRequest): { readonly method: string; readonly path: string } {
  return { method: request.method, path: pathOf(request) };
}

/** Without the query: a login link carries its token there. */
function pathOf(request: FastifyRequest): string {
  return request.url.split('?', 1)[0] ?? '/';
}

function portOf(server: Server): number | undefined {
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : undefined;
}

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error ? String(error.code) : undefined;
}
