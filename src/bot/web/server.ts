/**
 * The console and the API as one facade: builds the HTTP server, puts the routes behind their door, and feeds open
 * pages. `start` is where Fastify is loaded; until then this costs nothing.
 */
import type { FastifyInstance } from 'fastify';
import { OpsError } from '../../domain/errors.ts';
import { authority, isLoopback } from '../../platform/host-header.ts';
import { createHttpServer, type HttpServer } from '../../platform/http-server.ts';
import { createCredentials } from './credentials.ts';
import type { SlackHttp, WebDeps } from './deps.ts';
import { createFeedViews } from './feed-views.ts';
import { addHookRoutes } from './hook-routes.ts';
import { createLiveFeed, type LiveFeed } from './live-feed.ts';
import { createPageFiles, type PageFiles } from './page-files.ts';
import { createEventCounters, type EventCounters } from './prometheus.ts';
import { addRoutes } from './route.ts';
import { allRoutes } from './routes.ts';
import { createSessions, type LoginLink, NO_SESSIONS, SessionFile, type Sessions } from './session.ts';

export interface Web {
  /**
   * Resolves when the server listens. Twice is the same promise.
   * @throws OpsError `PORT_IN_USE`, or `CONFIG_INVALID` where host and port cannot be bound.
   */
  start(): Promise<void>;
  /** Ends live feeds and connections; within 5 s. */
  stop(): Promise<void>;
  /** Where people reach the console. Before `start` the configured port, which may be 0. */
  url(): string;
  /** Where programs on this host reach the API, whatever name people use. */
  localUrl(): string;
  /** A fresh one-time login link: single use, 15 min. Only after `start`. */
  issueLoginLink(): string;
}

export function createWeb(deps: WebDeps): Web {
  let running: Promise<Running> | undefined;
  let current: Running | undefined;

  const port = (): number => current?.server.port() ?? deps.port;
  const url = (): string => publicUrl(deps, port());

  return {
    async start() {
      running ??= startAll(deps, port, url, (part) => {
        current = part;
      });
      await running;
    },
    async stop() {
      await running?.catch(() => {}); // a failed start has said so already
      await current?.stop();
      current = undefined;
    },
    url,
    localUrl: () => localUrl(deps, port()),
    issueLoginLink() {
      if (current === undefined) throw new OpsError('INTERNAL', 'the console is not running');
      return linkUrl(url(), current.sessions.issueLink());
    },
  };
}

interface Running {
  readonly server: HttpServer;
  readonly sessions: Sessions;
  stop(): Promise<void>;
}

async function startAll(
  deps: WebDeps,
  port: () => number,
  url: () => string,
  built: (running: Running) => void,
): Promise<Running> {
  const sessions = await openSessions(deps);
  const credentials = createCredentials({ ...deps, sessions });
  const counters = createEventCounters(deps.bus);
  const feed = createLiveFeed({ ...deps, ...createFeedViews(deps.controls) });
  const files = createPageFiles(deps.pageFolder);
  const server = await createHttpServer({ ...deps, hostNames: () => ownNames(deps) });
  const running: Running = { server, sessions, stop: () => stopAll(server, feed, counters, files) };
  built(running);
  // Cookies know no port: two consoles on one host must not sign each other out.
  const cookieName = (): string => `nightshift_${port()}`;
  const linkOf = (link: LoginLink): string => linkUrl(url(), link);
  const parts = { sessions, credentials, counters, feed, cookieName, linkUrl: linkOf, showPage: files.show };
  addRoutes(server.app, allRoutes({ ...deps, ...parts }), {
    credentials,
    cookieName,
    log: deps.log,
  });
  addPage(server.app, files);
  if (deps.slackHttp !== undefined) await addSlack(server.app, deps.slackHttp);
  if (deps.hooks !== undefined) await addHookRoutes(server.app, deps.hooks);
  feed.start();
  await server.listen();
  if (!isLoopback(deps.host))
    deps.log.warn('console listens beyond this host without TLS', { host: deps.host });
  return running;
}

async function stopAll(
  server: HttpServer,
  feed: LiveFeed,
  counters: EventCounters,
  files: PageFiles,
): Promise<void> {
  feed.stop();
  counters.stop();
  await server.close();
  await files.close();
}

async function openSessions({ states, clock, random, log }: WebDeps): Promise<Sessions> {
  const opened = await states.open('web_sessions', (data) => SessionFile.parse(data), NO_SESSIONS);
  return createSessions({ clock, random, log, document: opened.document });
}

function addPage(app: FastifyInstance, files: PageFiles): void {
  app.get('/', async (_request, reply) => files.show(reply));
  app.get('/*', async (_request, reply) => files.show(reply));
}

/** The body as it came, in a scope of its own: the signature is over its bytes. */
async function addSlack(app: FastifyInstance, slack: SlackHttp): Promise<void> {
  await app.register((scope, _options, done) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, parsed) => parsed(null, body));
    scope.post('/slack/events', { config: { anyHost: true } }, async (request, reply) => {
      const body = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
      const answer = await slack(body, request.headers);
      return reply.code(answer.status).headers(answer.headers).send(answer.body);
    });
    done();
  });
}

function publicUrl({ config, host, hostname }: WebDeps, port: number): string {
  const given = config.current().consoleUrl;
  if (given !== undefined) return given.replace(/\/+$/, '');
  return `http://${authority(isWildcard(host) ? hostname : host, port)}`;
}

function localUrl({ host }: WebDeps, port: number): string {
  return `http://${authority(isWildcard(host) ? 'localhost' : host, port)}`;
}

function isWildcard(host: string): boolean {
  return host === '0.0.0.0' || host === '::';
}

function linkUrl(url: string, link: LoginLink): string {
  return `${url}/login?token=${link.token}`;
}

/** What a Host header may say besides localhost and addresses. */
function ownNames({ config, host, hostname }: WebDeps): readonly string[] {
  const given = config.current().consoleUrl;
  const names = [host, hostname, ...(given === undefined ? [] : [new URL(given).hostname])];
  return names.map((name) => name.toLowerCase());
}
