/**
 * The environment: secrets and paths only, and the only file that reads it.
 *
 * A `.env` file in the working folder is read if present; the real environment wins over it. Every secret also
 * has a `_FILE` form, whose file holds the value (one trailing newline is dropped).
 */
import { readFileSync, statSync } from 'node:fs';
import { hostname } from 'node:os';
import { resolve } from 'node:path';
import { parseEnv } from 'node:util';
import type { MailSettings } from '../bot/email/options.ts';
import { readServiceManager, type ServiceManager } from '../platform/service-notify.ts';

export interface SlackSecrets {
  readonly botToken: string;
  readonly appToken: string | null;
  readonly signingSecret: string | null;
  readonly channel: string | null;
  readonly apiUrl: string | null;
}

export interface DiscordSecrets {
  readonly token: string;
  readonly guild: string | null;
  readonly channel: string | null;
  readonly apiUrl: string | null;
}

export interface Environment {
  readonly configFolder: string;
  readonly dataFolder: string;
  readonly host: string;
  readonly port: number;
  /** `null`: made and kept in the data folder. */
  readonly token: string | null;
  readonly hostname: string;
  readonly slack: SlackSecrets | null;
  readonly discord: DiscordSecrets | null;
  readonly mail: MailSettings | null;
  readonly githubToken: string | null;
  readonly redisUrl: string | null;
  readonly timezone: string | null;
  readonly colours: boolean;
  /** systemd, when it started this process as a service that tells it how it is. */
  readonly service: ServiceManager | null;
  /** Exact values that must never reach a sink. */
  readonly secrets: readonly string[];
  readonly warnings: readonly string[];
  /** `file: path: expected X, found Y`; not empty = do not start. */
  readonly faults: readonly string[];
  /** The variable itself, for workers that name what they need. */
  lookup(name: string): string | undefined;
}

const SECRETS = [
  'NIGHTSHIFT_TOKEN',
  'SLACK_BOT_TOKEN',
  'SLACK_APP_TOKEN',
  'SLACK_SIGNING_SECRET',
  'DISCORD_TOKEN',
  'SMTP_URL',
  'REDIS_URL',
  'GITHUB_TOKEN',
] as const;

/** Reads the environment once. Never throws: what is wrong is in `faults`. */
export function readEnvironment(
  variables: NodeJS.ProcessEnv = process.env,
  workingFolder: string = process.cwd(),
): Environment {
  const notes: Notes = { warnings: [], faults: [] };
  const all = { ...readDotEnv(resolve(workingFolder, '.env'), notes), ...variables };
  const secret = (name: string): string | null => readSecret(name, all, notes);
  const plain = (name: string): string | null => all[name] || null;
  const secrets = SECRETS.map(secret).filter((value): value is string => value !== null);
  const [botToken, discordToken] = [secret('SLACK_BOT_TOKEN'), secret('DISCORD_TOKEN')];
  const smtpUrl = secret('SMTP_URL');
  return {
    configFolder: resolve(workingFolder, plain('NIGHTSHIFT_CONFIG_DIR') ?? 'configs'),
    dataFolder: resolve(workingFolder, plain('NIGHTSHIFT_DATA_DIR') ?? 'data'),
    host: plain('NIGHTSHIFT_HOST') ?? '127.0.0.1',
    port: readPort(plain('NIGHTSHIFT_PORT'), notes),
    token: readToken(secret('NIGHTSHIFT_TOKEN'), notes),
    hostname: plain('NIGHTSHIFT_HOSTNAME') ?? hostname(),
    slack: botToken === null ? null : readSlack(botToken, secret, plain),
    discord: discordToken === null ? null : readDiscord(discordToken, plain),
    mail: smtpUrl === null ? null : { url: smtpUrl, from: plain('MAIL_FROM'), to: plain('MAIL_TO') },
    githubToken: secret('GITHUB_TOKEN'),
    redisUrl: secret('REDIS_URL'),
    timezone: plain('TZ'),
    colours: plain('NO_COLOR') === null,
    service: readServiceManager(all, process.pid),
    secrets: [...secrets, ...passwordIn(smtpUrl)],
    warnings: notes.warnings,
    faults: notes.faults,
    lookup: (name) => all[name],
  };
}

/** The password alone is a secret too: servers repeat it in odd places. */
function passwordIn(url: string | null): readonly string[] {
  const password = url !== null && URL.canParse(url) ? new URL(url).password : '';
  return password === '' ? [] : [password];
}

interface Notes {
  readonly warnings: string[];
  readonly faults: string[];
}

function readDotEnv(file: string, notes: Notes): NodeJS.Dict<string> {
  try {
    const text = readFileSync(file, 'utf8');
    if ((statSync(file).mode & 0o044) !== 0) {
      notes.warnings.push(`.env can be read by others (chmod 600 ${file})`);
    }
    return parseEnv(text);
  } catch {
    // No .env file is the ordinary case.
    return {};
  }
}

function readSecret(name: string, all: NodeJS.Dict<string>, notes: Notes): string | null {
  const file = all[`${name}_FILE`];
  if (!file) return all[name] || null;
  try {
    return readFileSync(file, 'utf8').replace(/\r?\n$/, '') || null;
  } catch {
    const fault = `environment: ${name}_FILE: expected a readable file, found ${file}`;
    if (!notes.faults.includes(fault)) notes.faults.push(fault);
    return null;
  }
}

function readPort(text: string | null, notes: Notes): number {
  if (text === null) return 8787;
  const port = Number(text);
  if (Number.isInteger(port) && port >= 0 && port <= 65_535) return port;
  notes.faults.push(`environment: NIGHTSHIFT_PORT: expected a whole number from 0 to 65535, found "${text}"`);
  return 0;
}

function readToken(token: string | null, notes: Notes): string | null {
  if (token !== null && token.length < 16) {
    notes.faults.push(
      `environment: NIGHTSHIFT_TOKEN: expected at least 16 characters, found ${token.length}`,
    );
  }
  return token;
}

function readSlack(
  botToken: string,
  secret: (name: string) => string | null,
  plain: (name: string) => string | null,
): SlackSecrets {
  return {
    botToken,
    appToken: secret('SLACK_APP_TOKEN'),
    signingSecret: secret('SLACK_SIGNING_SECRET'),
    channel: plain('SLACK_CHANNEL_ID'),
    apiUrl: plain('SLACK_API_URL'),
  };
}

function readDiscord(token: string, plain: (name: string) => string | null): DiscordSecrets {
  return {
    token,
    guild: plain('DISCORD_GUILD_ID'),
    channel: plain('DISCORD_CHANNEL_ID'),
    apiUrl: plain('DISCORD_API_URL'),
  };
}
