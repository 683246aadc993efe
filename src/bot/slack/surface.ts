/** The Slack surface as the main thread knows it. No SDK is loaded here; it lives in the worker thread. */
import { describeError } from '../../domain/errors.ts';
import type { Clock, Logger } from '../../domain/ports.ts';
import { type Ms, ms } from '../../domain/units.ts';
import type { ChatSurface } from '../surface.ts';
import { createHostedSurface } from '../surface-host.ts';
import type { SurfaceTiming } from '../surface-timing.ts';
import type { HttpAnswer } from '../surface-wire.ts';
import type { SlackOptions } from './options.ts';

/** Slack waits three seconds; what the thread does not answer by then is answered with 503. */
const HTTP_WITHIN: Ms = ms(2_500);

export interface SlackSurface extends ChatSurface {
  /**
   * One request of Slack (`POST /slack/events`), for the bot's one HTTP server. The signature is checked over
   * exactly these bytes, so the server must not parse them first. Never rejects.
   */
  handleHttp(
    rawBody: string | Buffer,
    headers: Readonly<Record<string, string | readonly string[] | undefined>>,
  ): Promise<HttpAnswer>;
}

export interface SurfaceDeps {
  readonly clock: Clock;
  readonly log: Logger;
  /** Other spans than `SURFACE_TIMING`, for tests. */
  readonly timing?: SurfaceTiming;
}

export function createSlackSurface(options: SlackOptions, deps: SurfaceDeps): SlackSurface {
  const { http, ...surface } = createHostedSurface({ id: 'slack', entry: entryUrl(), options, ...deps });
  return {
    ...surface,
    async handleHttp(rawBody, headers) {
      try {
        const request = { body: rawBody.toString(), headers: singleHeaders(headers) };
        return await http(request, HTTP_WITHIN);
      } catch (cause) {
        deps.log.warn('slack request unanswered', { error: describeError(cause) });
        return { status: 503, headers: {}, body: '' };
      }
    },
  };
}

/** The entry stands beside this file: `.ts` in the source, `.js` in the build. */
function entryUrl(): URL {
  return new URL(import.meta.url.endsWith('.ts') ? './entry.ts' : './entry.js', import.meta.url);
}

function singleHeaders(
  headers: Readonly<Record<string, string | readonly string[] | undefined>>,
): Record<string, string> {
  const single: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (typeof value === 'string') single[name.toLowerCase()] = value;
  }
  return single;
}
