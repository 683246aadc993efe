/**
 * What `doctor` and `test alert` ask Slack: is the token good, which scopes does it lack, may it write into the channel,
 * can Socket Mode be opened. Plain requests without the SDK, so that a terminal can ask too. Nobody sees any of it: the
 * channel is tried with a message that is scheduled and taken back.
 */
import type { DoctorAnswer, DoctorCheck } from '../../domain/doctor.ts';
import type { Clock, HttpClient } from '../../domain/ports.ts';
import { after, hours, seconds, toIso } from '../../domain/units.ts';
import type { SlackOptions } from './options.ts';
import { neededScopes } from './scopes.ts';

const TIME_LIMIT = seconds(8);
const INSTALL =
  'Add it under OAuth & Permissions of the Slack app (or paste slack/manifest.json again) and install the app again.';

interface Deps {
  readonly http: HttpClient;
  readonly clock: Clock;
}

interface Said {
  readonly ok: boolean;
  readonly error: string;
  readonly data: Readonly<Record<string, unknown>>;
  readonly scopes: readonly string[];
}

export function slackChecks(options: SlackOptions, deps: Deps): readonly DoctorCheck[] {
  const call = caller(options, deps.http);
  return [
    { name: 'slack token', run: () => checkToken(call, options.botToken) },
    { name: 'slack scopes', run: () => checkScopes(call, options) },
    { name: 'slack channel', run: () => checkChannel(call, options, deps.clock) },
    ...(options.appToken === null
      ? [{ name: 'slack requests', run: async () => httpAnswer(options) }]
      : [{ name: 'slack socket', run: () => checkSocket(call, options.appToken ?? '') }]),
  ];
}

type Call = (
  method: string,
  token: string,
  args?: Readonly<Record<string, string>>,
) => Promise<Said | DoctorAnswer>;

function caller({ apiUrl }: SlackOptions, http: HttpClient): Call {
  return async (method, token, args = {}) => {
    const result = await http.request({
      url: new URL(method, apiUrl).href,
      method: 'POST',
      headers: {
        authorization: `Bearer ${token}`,
        'content-type': 'application/x-www-form-urlencoded',
      },
      body: new URLSearchParams(args).toString(),
      timeLimit: TIME_LIMIT,
    });
    if (result.kind === 'timed_out') return unreachable('no answer within 8 s');
    if (result.kind === 'failed') return unreachable(result.reason);
    return readAnswer(result.status, result.body, result.headers?.['x-oauth-scopes'] ?? '');
  };
}

function readAnswer(status: number, body: string, scopes: string): Said | DoctorAnswer {
  try {
    const data = JSON.parse(body) as Readonly<Record<string, unknown>>;
    return {
      ok: data['ok'] === true,
      error: typeof data['error'] === 'string' ? data['error'] : `HTTP ${status}`,
      data,
      scopes: scopes.split(/[,\s]+/).filter((scope) => scope !== ''),
    };
  } catch {
    // No JSON: a proxy or an outage answered in its place.
    return unreachable(`HTTP ${status}`);
  }
}

async function checkToken(call: Call, token: string): Promise<DoctorAnswer> {
  const said = await call('auth.test', token);
  if ('kind' in said) return said;
  if (said.ok)
    return { kind: 'ok', text: `Slack knows the bot as ${String(said.data['user'] ?? 'itself')}.` };
  return {
    kind: 'finding',
    text: `Slack refuses SLACK_BOT_TOKEN: ${said.error}.`,
    mend: 'Copy the Bot User OAuth Token (xoxb-…) from OAuth & Permissions of the Slack app.',
  };
}

async function checkScopes(call: Call, options: SlackOptions): Promise<DoctorAnswer> {
  const said = await call('auth.test', options.botToken);
  if ('kind' in said) return said;
  if (!said.ok) return { kind: 'skipped', text: 'The token is refused.' };
  if (said.scopes.length === 0)
    return { kind: 'skipped', text: 'Slack did not say which scopes the token has.' };
  const missing = neededScopes(options).filter((scope) => !said.scopes.includes(scope));
  if (missing.length > 0)
    return { kind: 'finding', text: `The Slack app lacks ${missing.join(', ')}.`, mend: INSTALL };
  const finds = said.scopes.some((scope) => scope.endsWith(':history'));
  const note = finds ? '' : ' Without channels:history a card whose answer is lost may stand twice.';
  return { kind: 'ok', text: `All scopes that are needed are granted.${note}` };
}

async function checkChannel(
  call: Call,
  { botToken, channel }: SlackOptions,
  clock: Clock,
): Promise<DoctorAnswer> {
  const at = after(clock.now(), hours(1));
  const text = 'A check of Nightshift that was not taken back. Nothing is wrong.';
  const said = await call('chat.scheduleMessage', botToken, {
    channel,
    text,
    post_at: String(Math.floor(at / 1_000)),
  });
  if ('kind' in said) return said;
  if (!said.ok) return channelFinding(said, channel);
  const id = String(said.data['scheduled_message_id'] ?? '');
  const undone = await call('chat.deleteScheduledMessage', botToken, { channel, scheduled_message_id: id });
  const isUndone = !('kind' in undone) && undone.ok;
  const note = isUndone ? '' : ` A test message could not be taken back; it comes at ${toIso(at)}.`;
  return { kind: 'ok', text: `The bot may write into ${channel}.${note}` };
}

function channelFinding({ error, data }: Said, channel: string): DoctorAnswer {
  const text = `Slack does not let the bot write into ${channel}: ${error}.`;
  switch (error) {
    case 'channel_not_found':
      return {
        kind: 'finding',
        text,
        mend: 'SLACK_CHANNEL_ID is the id from the details of the channel (C…); a private channel needs /invite @nightshift first.',
      };
    case 'not_in_channel':
      return { kind: 'finding', text, mend: 'Type /invite @nightshift in the channel.' };
    case 'is_archived':
      return { kind: 'finding', text, mend: 'The channel is archived: take another one, or bring it back.' };
    case 'missing_scope':
      return { kind: 'finding', text: `The Slack app lacks ${String(data['needed'])}.`, mend: INSTALL };
    default:
      return { kind: 'finding', text, mend: 'Look at the permissions of the channel and of the app.' };
  }
}

async function checkSocket(call: Call, appToken: string): Promise<DoctorAnswer> {
  const said = await call('apps.connections.open', appToken);
  if ('kind' in said) return said;
  if (said.ok) return { kind: 'ok', text: 'Socket Mode can be opened.' };
  const mend =
    said.error === 'not_allowed_token_type' || said.error === 'missing_scope'
      ? 'SLACK_APP_TOKEN is an app-level token (xapp-…) with connections:write, from Basic Information.'
      : 'Switch Socket Mode on in the settings of the Slack app, and make a new app-level token.';
  return { kind: 'finding', text: `Socket Mode cannot be opened: ${said.error}.`, mend };
}

function httpAnswer({ signingSecret }: SlackOptions): DoctorAnswer {
  return signingSecret === null
    ? {
        kind: 'finding',
        text: 'Slack can be written to but not heard.',
        mend: 'Set SLACK_APP_TOKEN (Socket Mode) or SLACK_SIGNING_SECRET (signed HTTP).',
      }
    : { kind: 'ok', text: 'Requests of Slack are taken at /slack/events, signed.' };
}

function unreachable(reason: string): DoctorAnswer {
  return {
    kind: 'finding',
    text: `Slack cannot be reached: ${reason}.`,
    mend: 'Look at the network, the proxy and DNS of this host.',
  };
}
