/** The Slack surface as the main thread knows it. No SDK is loaded here; it lives in the worker thread. */
import { describeError } from '../../domain/errors.ts';
import { type Ms, ms } from '../../domain/units.ts';
import type { ChatSurface } from '../surface.ts';
import { createHostedSurface, entryBeside, type SurfaceDeps } from '../surface-host.ts';
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

export function createSlackSurface(options: SlackOptions, deps: SurfaceDeps): SlackSurface {
  const { http, ...surface } = createHostedSurface({
    id: 'slack',
    entry: entryBeside(import.meta.url),
    options,
    ...deps,
  });
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

function singleHeaders(
  headers: Readonly<Record<string, string | readonly string[] | undefined>>,
): Record<string, string> {
  const single: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (typeof value === 'string') single[name.toLowerCase()] = value;
  }
  return single;
}
