/** The configuration in force as JSON that can be shown to anybody: secrets are masked, never shortened. */

import { CONFIG_FILES } from './config.ts';
import type { Config } from './config-shape.ts';
import type { Environment } from './environment.ts';

const MASK = '••••••';
/** Files give the unit in each key; what is in force is in one unit a kind. */
const UNITS = 'As in force: spans in milliseconds, sizes in bytes, shares from 0 to 1.';

/** Keys of configuration files as headings, then what the environment says. */
export function printableConfig(config: Config, env: Environment): string {
  const files = Object.fromEntries(
    Object.entries(CONFIG_FILES).map(([room, file]) => [file, config[room as keyof Config]]),
  );
  const environment = {
    NIGHTSHIFT_CONFIG_DIR: env.configFolder,
    NIGHTSHIFT_DATA_DIR: env.dataFolder,
    NIGHTSHIFT_HOST: env.host,
    NIGHTSHIFT_PORT: env.port,
    NIGHTSHIFT_HOSTNAME: env.hostname,
    NIGHTSHIFT_TOKEN: masked(env.token),
    SLACK_BOT_TOKEN: masked(env.slack?.botToken),
    SLACK_APP_TOKEN: masked(env.slack?.appToken),
    SLACK_SIGNING_SECRET: masked(env.slack?.signingSecret),
    SLACK_CHANNEL_ID: env.slack?.channel ?? null,
    DISCORD_TOKEN: masked(env.discord?.token),
    DISCORD_GUILD_ID: env.discord?.guild ?? null,
    DISCORD_CHANNEL_ID: env.discord?.channel ?? null,
    SMTP_URL: masked(env.mail?.url),
    MAIL_FROM: env.mail?.from ?? null,
    MAIL_TO: env.mail?.to ?? null,
    REDIS_URL: masked(env.redisUrl),
    GITHUB_TOKEN: masked(env.githubToken),
  };
  return JSON.stringify({ units: UNITS, ...files, environment }, null, 2);
}

function masked(secret: string | null | undefined): string | null {
  return secret === null || secret === undefined ? null : MASK;
}
