/**
 * Finds the running bot and asks it. Where it runs is in the lock file of the data folder; host and port of the
 * environment are the other way. "Not running" is an answer, not an error: then files may still tell.
 */
import type { BackupProgress } from '../../domain/backup.ts';
import type { Clock, HttpClient, HttpResult } from '../../domain/ports.ts';
import { hours, type Ms, ms, seconds } from '../../domain/units.ts';
import type { Reply, ReplyCode } from '../commands/command.ts';
import { failed, forbidden } from '../commands/replies.ts';
import type { ProgressView } from './progress.ts';

/** A little longer than the bot's own limit for a command. */
const ANSWER_LIMIT: Ms = seconds(65);
const SLOW_LIMIT: Ms = hours(24);
const LOOK_EVERY: Ms = ms(500);
const LOOK_LIMIT: Ms = seconds(5);

const REPLY_CODES: readonly string[] = [
  'OK',
  'FAILED',
  'UNKNOWN_COMMAND',
  'BAD_OPTION',
  'FORBIDDEN',
  'REFUSED',
  'NOT_FOUND',
] satisfies readonly ReplyCode[];

/** Where a bot may be, best guess first. */
export interface BotAddress {
  /** The address in the lock file of the data folder, or `null` without a lock. */
  readonly lockUrl: string | null;
  readonly host: string;
  /** 0: only the lock file knows. */
  readonly port: number;
  /** Every request carries it; `null`: none could be read. */
  readonly token: string | null;
}

export interface RemoteCall {
  readonly command: string;
  readonly options: Readonly<Record<string, unknown>>;
  readonly dryRun: boolean;
}

export type Asked =
  | { readonly kind: 'answered'; readonly reply: Reply }
  | { readonly kind: 'not_running'; readonly tried: readonly string[] };

export interface AskDeps {
  readonly http: HttpClient;
  readonly clock: Clock;
  readonly progress: ProgressView;
  /** It may take long: it is waited for, and how far it is is shown. */
  readonly slow: boolean;
}

export async function askBot(call: RemoteCall, address: BotAddress, deps: AskDeps): Promise<Asked> {
  const { http, slow } = deps;
  const urls = urlsOf(address);
  for (const url of urls) {
    const asking = http.request({
      url: `${url}/api/commands`,
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headersOf(address) },
      body: JSON.stringify(call),
      timeLimit: slow ? SLOW_LIMIT : ANSWER_LIMIT,
    });
    const result = slow ? await watched(asking, url, address, deps) : await asking;
    if (result.kind !== 'failed') return { kind: 'answered', reply: replyOf(result, url) };
  }
  return { kind: 'not_running', tried: urls };
}

function headersOf({ token }: BotAddress): Readonly<Record<string, string>> {
  return {
    'user-agent': 'nightshift-cli',
    ...(token === null ? {} : { authorization: `Bearer ${token}` }),
  };
}

/** Looks how far it is while it is waited for; that nothing is seen changes nothing. */
async function watched(
  asking: Promise<HttpResult>,
  url: string,
  address: BotAddress,
  { http, clock, progress }: AskDeps,
): Promise<HttpResult> {
  const over = new AbortController();
  const looking = (async () => {
    while (!over.signal.aborted) {
      await clock.sleep(LOOK_EVERY, over.signal);
      const seen = await http.request({
        url: `${url}/api/backups/progress`,
        headers: headersOf(address),
        timeLimit: LOOK_LIMIT,
        signal: over.signal,
      });
      const running = seen.kind === 'answered' ? parsed(seen.body)?.['running'] : undefined;
      if (!over.signal.aborted && isProgress(running)) progress.show(running);
    }
  })().catch(() => {}); // it is over, or nothing could be seen
  const result = await asking;
  over.abort(new Error('it is over'));
  await looking;
  return result;
}

function isProgress(value: unknown): value is BackupProgress {
  return (
    typeof value === 'object' &&
    value !== null &&
    'what' in value &&
    typeof value.what === 'string' &&
    'doneBytes' in value &&
    'totalBytes' in value &&
    'elapsed' in value
  );
}

/** A wildcard address is listened on, never called. */
export function urlsOf({ lockUrl, host, port }: BotAddress): readonly string[] {
  const called = host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host;
  const byPort = port === 0 ? [] : [`http://${called.includes(':') ? `[${called}]` : called}:${port}`];
  return [...new Set([...(lockUrl === null ? [] : [lockUrl.replace(/\/+$/, '')]), ...byPort])];
}

function replyOf(result: Exclude<HttpResult, { kind: 'failed' }>, url: string): Reply {
  if (result.kind === 'timed_out') {
    return failed(`No answer from ${url} within ${ANSWER_LIMIT / 1_000} s. It may still be at work.`);
  }
  const body = parsed(result.body);
  if (result.status === 401) {
    return forbidden(`${url} does not know this token. Set NIGHTSHIFT_TOKEN, or run this on its own host.`);
  }
  if (isReply(body)) return { ok: body.ok, code: body.code, text: body.text, data: body.data ?? null };
  const error = body?.['error'];
  if (typeof error === 'object' && error !== null) return problemReply(error as Record<string, unknown>);
  return failed(`${url} answered ${result.status} with something that is not Nightshift's.`);
}

/** The error shape of the API, for refusals that came before the command. */
function problemReply(error: Readonly<Record<string, unknown>>): Reply {
  const code = isReplyCode(error['code']) ? error['code'] : 'FAILED';
  return { ok: false, code, text: String(error['message'] ?? error['code']), data: error['details'] ?? null };
}

function parsed(text: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : null;
  } catch {
    // Not JSON is not ours: the caller says so with the status.
    return null;
  }
}

function isReply(body: Record<string, unknown> | null): body is Record<string, unknown> & Reply {
  return (
    body !== null &&
    typeof body['ok'] === 'boolean' &&
    typeof body['text'] === 'string' &&
    isReplyCode(body['code'])
  );
}

function isReplyCode(value: unknown): value is ReplyCode {
  return typeof value === 'string' && REPLY_CODES.includes(value);
}
