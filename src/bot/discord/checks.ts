/**
 * What `doctor` and `test alert` ask Discord: is the token good, is the bot in the server, may it do in the channel what
 * it needs, may it register commands. Plain requests without the SDK, so that a terminal can ask too.
 */
import type { DoctorAnswer, DoctorCheck } from '../../domain/doctor.ts';
import type { HttpClient } from '../../domain/ports.ts';
import { seconds } from '../../domain/units.ts';
import type { DiscordOptions } from './options.ts';
import { channelPermissions, INVITE_PERMISSIONS, missingPermissions } from './permissions.ts';

const TIME_LIMIT = seconds(8);

interface Said {
  readonly status: number;
  readonly data: unknown;
}

type Get = (route: string) => Promise<Said | DoctorAnswer>;

export function discordChecks(options: DiscordOptions, http: HttpClient): readonly DoctorCheck[] {
  const get = getter(options, http);
  return [
    { name: 'discord token', run: () => checkToken(get) },
    { name: 'discord server', run: () => checkServer(get, options) },
    { name: 'discord channel', run: () => checkChannel(get, options) },
    { name: 'discord commands', run: () => checkCommands(get, options) },
  ];
}

/** The address that invites the bot with what it needs and nothing else. */
export function inviteLink(application: string): string {
  return `https://discord.com/oauth2/authorize?client_id=${application}&scope=bot+applications.commands&permissions=${INVITE_PERMISSIONS}`;
}

/** The invite link of the bot whose token this is; `null` where Discord does not say who that is. */
export async function askInvite(options: DiscordOptions, http: HttpClient): Promise<string | null> {
  const said = await getter(options, http)('/users/@me');
  const id = 'kind' in said || said.status !== 200 ? '' : textIn(said.data, 'id');
  return id === '' ? null : inviteLink(id);
}

function getter({ apiUrl, token }: DiscordOptions, http: HttpClient): Get {
  return async (route) => {
    const result = await http.request({
      url: `${apiUrl.replace(/\/+$/, '')}/v10${route}`,
      headers: { authorization: `Bot ${token}` },
      timeLimit: TIME_LIMIT,
    });
    if (result.kind === 'timed_out') return unreachable('no answer within 8 s');
    if (result.kind === 'failed') return unreachable(result.reason);
    if (result.status >= 500) return unreachable(`HTTP ${result.status}`);
    try {
      return { status: result.status, data: JSON.parse(result.body) as unknown };
    } catch {
      // No JSON: a proxy answered in its place.
      return unreachable(`HTTP ${result.status}`);
    }
  };
}

async function checkToken(get: Get): Promise<DoctorAnswer> {
  const said = await get('/users/@me');
  if ('kind' in said) return said;
  if (said.status === 200)
    return { kind: 'ok', text: `Discord knows the bot as ${textIn(said.data, 'username')}.` };
  return {
    kind: 'finding',
    text: `Discord refuses DISCORD_TOKEN (HTTP ${said.status}).`,
    mend: 'Reset the token on the Bot page of the application and put the new one in.',
  };
}

async function checkServer(get: Get, { guild }: DiscordOptions): Promise<DoctorAnswer> {
  const [said, me] = await Promise.all([get(`/guilds/${guild}`), get('/users/@me')]);
  if ('kind' in said) return said;
  if (said.status === 401) return { kind: 'skipped', text: 'The token is refused.' };
  if (said.status === 200)
    return { kind: 'ok', text: `The bot is in ${textIn(said.data, 'name') || guild}.` };
  const link = 'kind' in me ? '' : ` with ${inviteLink(textIn(me.data, 'id') || 'APP')}`;
  return {
    kind: 'finding',
    text: `The bot is not in the server ${guild}.`,
    mend: `Invite it${link}, or look at DISCORD_GUILD_ID.`,
  };
}

async function checkChannel(get: Get, { channel, guild }: DiscordOptions): Promise<DoctorAnswer> {
  const said = await get(`/channels/${channel}`);
  if ('kind' in said) return said;
  if (said.status === 401) return { kind: 'skipped', text: 'The token is refused.' };
  if (said.status !== 200) {
    return {
      kind: 'finding',
      text: `The bot does not see the channel ${channel}.`,
      mend: 'Give its role View Channel there, or look at DISCORD_CHANNEL_ID (Developer Mode, Copy Channel ID).',
    };
  }
  if (textIn(said.data, 'guild_id') !== guild) {
    return {
      kind: 'finding',
      text: `The channel ${channel} is in another server.`,
      mend: 'DISCORD_CHANNEL_ID and DISCORD_GUILD_ID must belong together.',
    };
  }
  return permissionsIn(get, guild, said.data);
}

async function permissionsIn(get: Get, guild: string, channel: unknown): Promise<DoctorAnswer> {
  const me = await get('/users/@me');
  if ('kind' in me) return me;
  const id = textIn(me.data, 'id');
  const [member, roles] = await Promise.all([
    get(`/guilds/${guild}/members/${id}`),
    get(`/guilds/${guild}/roles`),
  ]);
  if ('kind' in member || 'kind' in roles || member.status !== 200 || roles.status !== 200) {
    return { kind: 'skipped', text: 'The channel is there; Discord did not say what the bot may do in it.' };
  }
  const held = channelPermissions({ guild, user: id, member: member.data, roles: roles.data, channel });
  const missing = missingPermissions(held);
  if (missing.length === 0) return { kind: 'ok', text: 'The bot may do in the channel all that it needs.' };
  return {
    kind: 'finding',
    text: `In the channel the bot lacks: ${missing.join(', ')}.`,
    mend: `Give them to its role in the permissions of the channel, or invite it again with ${inviteLink(id)}`,
  };
}

async function checkCommands(get: Get, { guild }: DiscordOptions): Promise<DoctorAnswer> {
  const me = await get('/users/@me');
  if ('kind' in me) return me;
  if (me.status !== 200) return { kind: 'skipped', text: 'The token is refused.' };
  const id = textIn(me.data, 'id');
  const said = await get(`/applications/${id}/guilds/${guild}/commands`);
  if ('kind' in said) return said;
  if (said.status !== 200) {
    return {
      kind: 'finding',
      text: 'The bot may not register commands in this server.',
      mend: `Invite it again, with applications.commands: ${inviteLink(id)}`,
    };
  }
  const count = Array.isArray(said.data) ? said.data.length : 0;
  return {
    kind: 'ok',
    text: count === 0 ? 'Commands are registered at the next start.' : '/ops and /ops-admin are registered.',
  };
}

function textIn(data: unknown, key: string): string {
  const value = (typeof data === 'object' && data !== null ? data : {})[key as never] as unknown;
  return typeof value === 'string' ? value : '';
}

function unreachable(reason: string): DoctorAnswer {
  return {
    kind: 'finding',
    text: `Discord cannot be reached: ${reason}.`,
    mend: 'Look at the network, the proxy and DNS of this host.',
  };
}
