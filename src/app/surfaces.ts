/** The chat surfaces that are configured: each SDK is loaded by its own worker thread, and only when it is wanted. */

import type { BotConfig } from '../bot/config.ts';
import { DISCORD_API_URL } from '../bot/discord/options.ts';
import { createDiscordSurface } from '../bot/discord/surface.ts';
import { createMailer, type Mailer } from '../bot/email/mailer.ts';
import { readMailOptions } from '../bot/email/options.ts';
import { SLACK_API_URL } from '../bot/slack/options.ts';
import { createSlackSurface, type SlackSurface } from '../bot/slack/surface.ts';
import type { ChatSurface } from '../bot/surface.ts';
import type { Clock, Logger } from '../domain/ports.ts';
import type { Environment } from './environment.ts';

export interface Surfaces {
  readonly chat: readonly ChatSurface[];
  /** Takes Slack's signed requests where no app token is given. */
  readonly slackHttp: SlackSurface | null;
  readonly mailer: Mailer | null;
  /** What was configured by half, in words that say what is missing. */
  readonly warnings: readonly string[];
}

export function createSurfaces(
  env: Environment,
  config: BotConfig,
  deps: { readonly clock: Clock; readonly log: Logger },
): Surfaces {
  const warnings: string[] = [];
  const slack = slackSurface(env, config, deps, warnings);
  const discord = discordSurface(env, config, deps, warnings);
  return {
    chat: [slack, discord].filter((surface) => surface !== null),
    mailer: mailer(env, config, deps, warnings),
    slackHttp: slack !== null && env.slack?.appToken === null ? slack : null,
    warnings,
  };
}

type Deps = { readonly clock: Clock; readonly log: Logger };

function slackSurface(
  { slack }: Environment,
  config: BotConfig,
  deps: Deps,
  warnings: string[],
): SlackSurface | null {
  if (slack === null || config.surfaces.slack.enabled === false) return null;
  const channel = slack.channel ?? config.surfaces.slack.channel ?? null;
  if (channel === null) return missing('SLACK_CHANNEL_ID is not set: Slack stays off', warnings);
  if (slack.appToken === null && slack.signingSecret === null) {
    return missing('neither SLACK_APP_TOKEN nor SLACK_SIGNING_SECRET is set: Slack stays off', warnings);
  }
  const groups = config.groups.flatMap(({ slackGroups }) => slackGroups);
  return createSlackSurface(
    {
      botToken: slack.botToken,
      appToken: slack.appToken,
      signingSecret: slack.signingSecret,
      channel,
      apiUrl: slack.apiUrl ?? SLACK_API_URL,
      groups: [...new Set(groups)],
      pictures: config.surfaces.slack.pictures !== 'off',
      mention: slackMention(config),
    },
    deps,
  );
}

function discordSurface(
  { discord }: Environment,
  config: BotConfig,
  deps: Deps,
  warnings: string[],
): ChatSurface | null {
  if (discord === null || config.surfaces.discord.enabled === false) return null;
  const channel = discord.channel ?? config.surfaces.discord.channel ?? null;
  if (discord.guild === null) return missing('DISCORD_GUILD_ID is not set: Discord stays off', warnings);
  if (channel === null) return missing('DISCORD_CHANNEL_ID is not set: Discord stays off', warnings);
  return createDiscordSurface(
    {
      token: discord.token,
      guild: discord.guild,
      channel,
      apiUrl: discord.apiUrl ?? DISCORD_API_URL,
      mention: discordMention(config),
    },
    deps,
  );
}

function mailer(
  { mail }: Environment,
  config: BotConfig,
  { clock }: Deps,
  warnings: string[],
): Mailer | null {
  if (config.mail.enabled === false || mail === null) return null;
  const read = readMailOptions(mail);
  if (read.kind === 'options') return createMailer(read.options, { clock });
  warnings.push(`${read.reason}: mail stays off`);
  return null;
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
