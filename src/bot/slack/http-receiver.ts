/**
 * A Bolt receiver without a server: the bot's one HTTP server hands over each request of Slack, this checks its
 * signature, feeds it to Bolt and gives back what Bolt acknowledges. Slack waits for three seconds.
 */
import type { App } from '@slack/bolt';
import type { Clock } from '../../domain/ports.ts';
import { type Ms, ms } from '../../domain/units.ts';
import type { HttpAnswer, HttpRequestIn } from '../surface-wire.ts';
import { within } from '../surface-worker.ts';
import { checkSignature } from './signature.ts';

const ACK_WITHIN: Ms = ms(2_000);
const FORM = 'application/x-www-form-urlencoded';

type Body = Readonly<Record<string, unknown>>;

export async function receiveHttp(
  request: HttpRequestIn,
  deps: { readonly app: App; readonly secret: string; readonly clock: Clock },
): Promise<HttpAnswer> {
  const verdict = checkSignature(request.body, request.headers, deps.secret, deps.clock.now());
  if (verdict.kind === 'forged') return answer(401, { error: verdict.reason });
  const body = parse(request);
  if (body === null) return answer(400, { error: 'unreadable body' });
  if (body['type'] === 'url_verification') return answer(200, { challenge: String(body['challenge']) });
  if (body['ssl_check'] !== undefined) return answer(200);
  return await acknowledged(body, request, deps);
}

function acknowledged(
  body: Body,
  request: HttpRequestIn,
  { app, clock }: { readonly app: App; readonly clock: Clock },
): Promise<HttpAnswer> {
  const acked = new Promise<HttpAnswer>((resolve, reject) => {
    const retryNum = Number(request.headers['x-slack-retry-num']);
    app
      .processEvent({
        body: { ...body },
        ...(Number.isInteger(retryNum) ? { retryNum } : {}),
        ack: async (response?: unknown) => resolve(answer(200, response)),
      })
      .then(() => resolve(answer(404, { error: 'nobody takes this' })), reject);
  });
  return within(clock, ACK_WITHIN, acked, answer(503, { error: 'not in time' }));
}

function parse(request: HttpRequestIn): Body | null {
  const form = (request.headers['content-type'] ?? '').startsWith(FORM);
  try {
    if (!form) return asBody(JSON.parse(request.body));
    const fields = Object.fromEntries(new URLSearchParams(request.body));
    return fields['payload'] === undefined ? fields : asBody(JSON.parse(fields['payload']));
  } catch {
    // Not JSON: answered as unreadable.
    return null;
  }
}

function asBody(value: unknown): Body | null {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : null;
}

function answer(status: number, body?: unknown): HttpAnswer {
  if (body === undefined || body === '') return { status, headers: {}, body: '' };
  const text = typeof body === 'string' ? { text: body } : body;
  return { status, headers: { 'content-type': 'application/json' }, body: JSON.stringify(text) };
}
