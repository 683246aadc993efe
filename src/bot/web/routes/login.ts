/**
 * Signing in and out. A login link or a token opens a session; the cookie is HttpOnly and SameSite=Strict, so no
 * other site can send it and no script can read it.
 */
import type { FastifyReply } from 'fastify';
import { z } from 'zod';
import { type Actor, mayAct } from '../../../domain/approval.ts';
import { toIso } from '../../../domain/units.ts';
import { problem } from '../../../platform/http-problem.ts';
import { localActor } from '../../permissions.ts';
import type { Caller, Credentials } from '../credentials.ts';
import type { WebDeps } from '../deps.ts';
import { actorOf, type Call, ok, type Route, route } from '../route.ts';
import type { Grant, LoginLink, Sessions } from '../session.ts';

export interface LoginDeps extends Pick<WebDeps, 'controls' | 'config' | 'log' | 'demo'> {
  readonly sessions: Sessions;
  readonly credentials: Credentials;
  readonly cookieName: () => string;
  /** Full address of a login link. */
  readonly linkUrl: (link: LoginLink) => string;
  readonly showPage: (reply: FastifyReply) => Promise<null>;
}

const TRIES_A_MINUTE = 10;

export function loginRoutes(deps: LoginDeps): readonly Route[] {
  return [linkRoute(deps), tokenRoute(deps), sessionRoute(deps), logoutRoute(deps), newLinkRoute(deps)];
}

function linkRoute(deps: LoginDeps): Route {
  return route({
    method: 'GET',
    path: '/login',
    summary: 'Opens a session by a one-time link, or shows the login form.',
    role: 'public',
    perMinute: 30,
    head: false,
    query: z.object({ token: z.string().max(200).optional() }),
    answer: async (call) => {
      const { token } = call.query;
      if (token === undefined) return deps.showPage(call.reply);
      if (deps.sessions.redeemLink(token)) {
        await signIn(deps, call, { kind: 'local' }, 'by a one-time link');
        return redirect(call, '/');
      }
      if (call.caller !== undefined) return redirect(call, '/');
      deps.log.warn('login link refused', { address: call.address });
      return redirect(call, '/login?link=used');
    },
  });
}

function tokenRoute(deps: LoginDeps): Route {
  return route({
    method: 'POST',
    path: '/api/login',
    summary: 'Opens a session by the API token or a scoped token.',
    role: 'public',
    perMinute: TRIES_A_MINUTE,
    body: z.strictObject({ token: z.string().trim().min(1).max(1_000) }),
    answer: async (call) => {
      const grant = deps.credentials.grantOf(call.body.token);
      if (grant === undefined) {
        deps.log.warn('login token refused', { address: call.address });
        return problem('UNAUTHENTICATED', 'This token is not known here.');
      }
      await signIn(deps, call, grant, 'by token');
      return ok({ ok: true });
    },
  });
}

/** What the page asks first: who am I, and what goes with my writes. */
function sessionRoute({ controls, demo }: LoginDeps): Route {
  return route({
    method: 'GET',
    path: '/api/session',
    summary: 'Who is signed in, and with which roles.',
    role: 'viewer',
    answer: (call) => {
      const caller = call.caller as Caller;
      const session = caller.via === 'session' ? caller.session : null;
      const { host, version } = controls.status();
      return ok({
        who: caller.actor.display,
        roles: caller.actor.roles,
        csrf: session?.csrf ?? null,
        expiresAt: session === null ? null : toIso(session.expiresAt),
        host,
        version,
        demo: demo !== undefined,
      });
    },
  });
}

function logoutRoute({ sessions, cookieName }: LoginDeps): Route {
  return route({
    method: 'POST',
    path: '/api/logout',
    summary: 'Ends the session.',
    role: 'viewer',
    answer: async ({ caller, reply }) => {
      if (caller?.via === 'session') await sessions.close(caller.id);
      reply.clearCookie(cookieName(), { path: '/' });
      return ok({ ok: true });
    },
  });
}

function newLinkRoute({ sessions, linkUrl }: LoginDeps): Route {
  return route({
    method: 'POST',
    path: '/api/login-links',
    summary: 'Makes one more one-time login link; needs the API token itself.',
    role: 'operator',
    perMinute: TRIES_A_MINUTE,
    answer: (call) => {
      const caller = call.caller as Caller;
      if (caller.grant.kind !== 'local' || !mayAct(actorOf(call), 'approver')) {
        return problem('FORBIDDEN', 'A login link has every role: only the API token can make one.');
      }
      const link = sessions.issueLink();
      return ok({ url: linkUrl(link), expiresAt: toIso(link.expiresAt) });
    },
  });
}

async function signIn(deps: LoginDeps, call: Pick<Call, 'reply'>, grant: Grant, how: string): Promise<void> {
  const id = await deps.sessions.open(grant);
  call.reply.setCookie(deps.cookieName(), id, {
    path: '/',
    httpOnly: true,
    sameSite: 'strict',
    secure: isHttps(deps, call),
    maxAge: 12 * 3_600,
  });
  const actor = deps.credentials.identify({ authorization: undefined, cookie: id })?.actor;
  await deps.controls.recordCommand('console login', actor ?? anybody(deps), how);
}

/** TLS ends in front of us; what is reached under the https address that people use came that way. */
function isHttps({ config }: LoginDeps, { reply }: Pick<Call, 'reply'>): boolean {
  const { consoleUrl } = config.current();
  if (consoleUrl === undefined) return false;
  const { protocol, host } = new URL(consoleUrl);
  return protocol === 'https:' && host === reply.request.headers.host?.toLowerCase();
}

function anybody({ config }: Pick<LoginDeps, 'config'>): Actor {
  return localActor('web', config.current());
}

function redirect({ reply }: Pick<Call, 'reply'>, to: string): null {
  reply.code(303).header('location', to).send();
  return null;
}
