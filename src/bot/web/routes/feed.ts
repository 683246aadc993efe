/** `GET /api/events`: the live feed over a held-open answer. */
import type { FastifyReply } from 'fastify';
import { problem } from '../../../platform/http-problem.ts';
import type { Credentials } from '../credentials.ts';
import type { LiveFeed } from '../live-feed.ts';
import { type Route, route } from '../route.ts';

export interface FeedDeps {
  readonly feed: LiveFeed;
  readonly credentials: Credentials;
  readonly cookieName: () => string;
}

export function feedRoute({ feed, credentials, cookieName }: FeedDeps): Route {
  return route({
    method: 'GET',
    path: '/api/events',
    summary: 'Server-sent events: one snapshot, then patches, and a beat every 15 s.',
    role: 'viewer',
    head: false,
    answer: ({ reply }) => {
      const { authorization } = reply.request.headers;
      const cookie = reply.request.cookies[cookieName()];
      const isAllowed = (): boolean => credentials.identify({ authorization, cookie }) !== undefined;
      return openFeed(feed, reply, isAllowed) ? null : problem('UNAVAILABLE', 'Too many pages are open.');
    },
  });
}

function openFeed(feed: LiveFeed, reply: FastifyReply, isAllowed: () => boolean): boolean {
  const { raw } = reply;
  for (const [name, value] of Object.entries(reply.getHeaders())) {
    if (value !== undefined) raw.setHeader(name, value);
  }
  raw.setHeader('content-type', 'text/event-stream; charset=utf-8');
  // Without this a proxy in front may hold events back until its buffer is full.
  raw.setHeader('x-accel-buffering', 'no');
  if (!feed.join(raw, isAllowed)) return false;
  reply.hijack();
  return true;
}
