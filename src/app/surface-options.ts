/** Where each surface is configured: environment and bot.json to its options, or what is missing in words. */
import type { BotConfig } from '../bot/config.ts';
import { DISCORD_API_URL, type DiscordOptions } from '../bot/discord/options.ts';
import { type MailOptions, readMailOptions } from '../bot/email/options.ts';
import { SLACK_API_URL, type SlackOptions } from '../bot/slack/options.ts';
import type { Environment } from './environment.ts';

/** `null`: off, or configured by half; then a warning says what is missing. */
export interface SurfaceOptions {
  readonly slack: SlackOptions | null;
  readonly discord: DiscordOptions | null;
  readonly mail: MailOptions | null;
  readonly warnings: readonly string[];
}

export function surfaceOptions(env: Environment, config: BotConfig): SurfaceOptions {
  const warnings: string[] = [];
  return {
    slack: slackOptions(env, config, warnings),
    discord: discordOptions(env, config, warnings),
    mail: mailOptions(env, config, warnings),
    warnings,
  };
}

function slackOptions({ slack }: Environment, config: BotConfig, warnings: string[]): SlackOptions | null {
  if (slack === null || config.surfaces.slack.enabled === false) return null;
  const channel = slack.channel ?? config.surfaces.slack.channel ?? null;
  if (channel === null) return missing('SLACK_CHANNEL_ID is not set: Slack stays off', warnings);
  if (slack.appToken === null && slack.signingSecret === null) {
    return missing('neither SLACK_APP_TOKEN nor SLACK_SIGNING_SECRET is set: Slack stays off', warnings);
  }
  const groups = config.groups.flatMap(({ slackGroups }) => slackGroups);
  return {
    botToken: slack.botToken,
    appToken: slack.appToken,
    signingSecret: slack.signingSecret,
    channel,
    apiUrl: slack.apiUrl ?? SLACK_API_URL,
    groups: [...new Set(groups)],
    pictures: config.surfaces.slack.pictures !== 'off',
    mention: slackMention(config),
  };
}

function discordOptions(
  { discord }: Environment,
  config: BotConfig,
  warnings: string[],
): DiscordOptions | null {
  if (discord === null || config.surfaces.discord.enabled === false) return null;
  const channel = discord.channel ?? config.surfaces.discord.channel ?? null;
  if (discord.guild === null) return missing('DISCORD_GUILD_ID is not set: Discord stays off', warnings);
  if (channel === null) return missing('DISCORD_CHANNEL_ID is not set: Discord stays off', warnings);
  return {
    token: discord.token,
    guild: discord.guild,
    channel,
    apiUrl: discord.apiUrl ?? DISCORD_API_URL,
    mention: discordMention(config),
  };
}

function mailOptions({ mail }: Environment, config: BotConfig, warnings: string[]): MailOptions | null {
  if (config.mail.enabled === false || mail === null) return null;
  const read = readMailOptions(mail);
  return read.kind === 'options' ? read.options : missing(`${read.reason}: mail stays off`, warnings);
}

/** Who is called: a group of approvers or responders before a single person. */
function slackMention({ groups, people }: BotConfig): string | null {
  const group = groups.find(({ role, slackGroups }) => role !== 'viewer' && slackGroups.length > 0);
  const person = people.find(
    ({ roles, slack }) => roles.some((role) => role !== 'viewer') && slack.length > 0,
  );
  return group?.slackGroups[0] ?? person?.slack[0] ?? null;
}

function discordMention({ groups, people }: BotConfig): { kind: 'user' | 'role'; id: string } | null {
  const role = groups.find((group) => group.role !== 'viewer' && group.discordRoles.length > 0)
    ?.discordRoles[0];
  if (role !== undefined) return { kind: 'role', id: role };
  const user = people.find(
    ({ roles, discord }) => roles.some((held) => held !== 'viewer') && discord.length > 0,
  )?.discord[0];
  return user === undefined ? null : { kind: 'user', id: user };
}

function missing(warning: string, warnings: string[]): null {
  warnings.push(warning);
  return null;
}
