/**
 * The `.env` file: every key that Nightshift knows, those without a value as comments. What is there stays: a value
 * is never changed, a line never removed. Pure.
 */
import { parseEnv } from 'node:util';

const HEAD = `# Secrets and paths of Nightshift; only the user of the bot may read this file (mode 600).
# Each secret also has a _FILE form that names a file. The environment wins over what stands here.
`;

/** In the order of the file. */
const KEYS: readonly (readonly [key: string, summary: string])[] = [
  ['SLACK_BOT_TOKEN', 'xoxb-…, from slack/manifest.json'],
  ['SLACK_APP_TOKEN', 'xapp-…, for Socket Mode; else SLACK_SIGNING_SECRET'],
  ['SLACK_SIGNING_SECRET', 'only without an app token'],
  ['SLACK_CHANNEL_ID', 'C…, where cards go'],
  ['DISCORD_TOKEN', 'of the bot'],
  ['DISCORD_GUILD_ID', 'the server'],
  ['DISCORD_CHANNEL_ID', 'where cards go'],
  ['SMTP_URL', 'smtp://user:password@host:587, for criticals that chat cannot take'],
  ['MAIL_FROM', 'the sender'],
  ['MAIL_TO', 'who is told'],
  ['REDIS_URL', 'only for queues on Redis and more than one host'],
  ['NIGHTSHIFT_HOST', 'default 127.0.0.1'],
  ['NIGHTSHIFT_PORT', 'default 8787'],
];

export interface MergedEnv {
  readonly text: string;
  /** Keys whose value there is another than the one that was wanted; it stays. */
  readonly kept: readonly string[];
}

/** @param existing The file as it is; empty where there is none. */
export function mergeDotEnv(existing: string, wanted: Readonly<Record<string, string>>): MergedEnv {
  const values = parseEnv(existing);
  const has = (key: string): boolean => (values[key] ?? '') !== '';
  const text = KEYS.filter(([key]) => !has(key)).reduce(
    (before, [key, summary]) => withKey(before, key, summary, wanted[key]),
    existing === '' ? HEAD : existing,
  );
  const kept = Object.entries(wanted).flatMap(([key, value]) =>
    has(key) && values[key] !== value ? [key] : [],
  );
  return { text, kept };
}

function withKey(text: string, key: string, summary: string, value: string | undefined): string {
  if (value !== undefined) return withValue(text, key, value);
  return mention(key).test(text) ? text : withLine(text, `# ${key}=   # ${summary}`);
}

/** The line that speaks of the key, commented or empty, becomes the value; else it is added. */
function withValue(text: string, key: string, value: string): string {
  const line = `${key}=${value}`;
  const place = mention(key);
  return place.test(text) ? text.replace(place, () => line) : withLine(text, line);
}

function withLine(text: string, line: string): string {
  return `${text}${text.endsWith('\n') ? '' : '\n'}${line}\n`;
}

function mention(key: string): RegExp {
  return new RegExp(`^(?:#[ \\t]*)?(?:export[ \\t]+)?${key}[ \\t]*=.*$`, 'm');
}
