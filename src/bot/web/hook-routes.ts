/**
 * The doors that other systems knock at: `/hooks/<source>/<token>` and `/ping/<id>`. A scope of its own, because
 * signatures are over the bytes of the body; its limits are those of the whole server.
 */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { minutes } from '../../domain/units.ts';
import { type HttpAnswer, problem } from '../../platform/http-problem.ts';
import type { HookDesk } from '../webhook/inbound.ts';
import type { PingSignal } from '../webhook/pings.ts';
import type { DescribedRoute } from './openapi.ts';

/** A storm of ten alerts a second from one sender is taken; more is told to come back. */
const HOOKS_A_MINUTE = 600;
const PINGS_A_MINUTE = 120;
const MOST_EXIT_CODE = 255;

/** What the door needs of the desk behind it. */
export type Hooks = Pick<HookDesk, 'receive' | 'ping'>;

/** The same doors for the OpenAPI document. Their secret is in the path, or in a signature. */
export const HOOK_DOORS: readonly DescribedRoute[] = [
  {
    method: 'POST',
    path: '/hooks/:source/:token',
    summary:
      'Takes alerts and deployments of another program, as that program sends them; 202 once it is on disk.',
    role: 'public',
    query: z.object({ 'dry-run': z.enum(['0', '1', 'true', 'false']).optional() }),
    body: z.unknown(),
  },
  ...(['GET', 'POST'] as const).flatMap((method): readonly DescribedRoute[] => [
    { method, path: '/ping/:id', summary: 'A cron job says that it is done.', role: 'public' },
    {
      method,
      path: '/ping/:id/:signal',
      summary: 'The same with "start", "fail" or an exit code from 0 to 255.',
      role: 'public',
    },
  ]),
];

export async function addHookRoutes(app: FastifyInstance, hooks: Hooks): Promise<void> {
  await app.register((scope, _options, done) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, parsed) => parsed(null, body));
    const config = limited(HOOKS_A_MINUTE);
    scope.post('/hooks/:source/:token', { config }, async (request, reply) =>
      send(reply, await hooks.receive(hookRequest(request))),
    );
    addPings(scope, hooks);
    done();
  });
}

function addPings(scope: FastifyInstance, hooks: Hooks): void {
  const config = limited(PINGS_A_MINUTE);
  for (const url of ['/ping/:id', '/ping/:id/:signal']) {
    scope.route({
      method: ['GET', 'POST'],
      url,
      exposeHeadRoute: false,
      config,
      async handler(request, reply) {
        const { id = '', signal } = request.params as Readonly<Record<string, string>>;
        const meant = signalOf(signal);
        if (meant === null) {
          return send(reply, problem('BAD_REQUEST', 'Expected start, fail or an exit code from 0 to 255.'));
        }
        return send(reply, await hooks.ping(id, meant));
      },
    });
  }
}

function signalOf(text: string | undefined): PingSignal | null {
  if (text === undefined) return 'success';
  if (text === 'start' || text === 'fail') return text;
  const exitCode = /^\d{1,3}$/.test(text) ? Number(text) : Number.NaN;
  return exitCode <= MOST_EXIT_CODE ? { exitCode } : null;
}

function hookRequest(request: FastifyRequest): Parameters<Hooks['receive']>[0] {
  const { source = '', token = '' } = request.params as Readonly<Record<string, string>>;
  const query = request.query as Readonly<Record<string, string | readonly string[] | undefined>>;
  const headers = Object.entries(request.headers).flatMap(([name, value]) =>
    typeof value === 'string' ? [[name, value] as const] : [],
  );
  return {
    source,
    token,
    headers: Object.fromEntries(headers),
    body: Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0),
    dryRun: ['1', 'true', ''].includes(String(query['dry-run'] ?? '0')),
  };
}

function limited(max: number): { anyHost: boolean; rateLimit: { max: number; timeWindow: number } } {
  return { anyHost: true, rateLimit: { max, timeWindow: minutes(1) } };
}

function send(reply: FastifyReply, { status, body }: HttpAnswer): FastifyReply {
  return reply.header('cache-control', 'no-store').code(status).send(body);
}
