/** What `init` wants to know, from flags or from a person; both are held to the same rules. Pure. */
import { parseArgs } from 'node:util';
import { describeError } from '../../domain/errors.ts';
import type { Mode } from '../../domain/events.ts';
import { isZone } from '../../platform/local-time.ts';

/** A unit of systemd that healing may restart, an address that is asked again and again, or both under one name. */
export interface ServiceAnswer {
  readonly name: string;
  readonly url: string | null;
}

export interface Answers {
  readonly mode: Mode;
  /** `null`: the zone of the host. */
  readonly timezone: string | null;
  readonly services: readonly ServiceAnswer[];
  /** Environment variable to value: channels and tokens. */
  readonly variables: Readonly<Record<string, string>>;
}

export interface InitFlags {
  readonly folder: string;
  readonly yes: boolean;
  readonly force: boolean;
  readonly json: boolean;
  /** Only what was given. */
  readonly answers: Partial<Answers>;
}

export type FlagsResult =
  | { readonly kind: 'flags'; readonly flags: InitFlags }
  | { readonly kind: 'bad'; readonly text: string };

const CHANNEL = /^[A-Za-z0-9]{2,40}$/;
const SERVICE_NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/;

/** Reads the command line; every fault names its flag. */
export function readInitFlags(argv: readonly string[]): FlagsResult {
  try {
    const { values } = parseArgs({ args: [...argv], options: OPTIONS });
    const faults = [
      channelFault('slack-channel', values['slack-channel']),
      channelFault('discord-channel', values['discord-channel']),
      values.mode === undefined ? null : modeFault(values.mode),
      values.timezone === undefined ? null : zoneFault(values.timezone),
      ...(values.service ?? []).map(serviceFault),
    ].filter((fault) => fault !== null);
    if (faults.length > 0) return { kind: 'bad', text: faults.join('\n') };
    return { kind: 'flags', flags: flagsOf(values) };
  } catch (cause) {
    return { kind: 'bad', text: describeError(cause) };
  }
}

/** `shop=http://127.0.0.1:3000/health` is an address, `nginx` a unit. */
export function readService(text: string): ServiceAnswer {
  const at = text.indexOf('=');
  return at < 0 ? { name: text, url: null } : { name: text.slice(0, at), url: text.slice(at + 1) };
}

export function serviceFault(text: string): string | null {
  const { name, url } = readService(text);
  const isWeb = url === null || (URL.canParse(url) && /^https?:$/.test(new URL(url).protocol));
  if (SERVICE_NAME.test(name) && isWeb) return null;
  return `--service: expected UNIT or NAME=http://…, found "${text}"`;
}

export function zoneFault(zone: string): string | null {
  return isZone(zone) ? null : `--timezone: expected an IANA zone such as Europe/Berlin, found "${zone}"`;
}

export function channelFault(flag: string, channel: string | undefined): string | null {
  if (channel === undefined || CHANNEL.test(channel)) return null;
  return `--${flag}: expected the id of a channel such as C024BE91L, found "${channel}"`;
}

const OPTIONS = {
  dir: { type: 'string' },
  yes: { type: 'boolean' },
  force: { type: 'boolean' },
  json: { type: 'boolean' },
  mode: { type: 'string' },
  timezone: { type: 'string' },
  service: { type: 'string', multiple: true },
  'slack-channel': { type: 'string' },
  'discord-channel': { type: 'string' },
} as const;

type Values = ReturnType<typeof parseArgs<{ options: typeof OPTIONS }>>['values'];

function flagsOf(values: Values): InitFlags {
  const variables = {
    ...(values['slack-channel'] === undefined ? {} : { SLACK_CHANNEL_ID: values['slack-channel'] }),
    ...(values['discord-channel'] === undefined ? {} : { DISCORD_CHANNEL_ID: values['discord-channel'] }),
  };
  return {
    folder: values.dir ?? '.',
    yes: values.yes === true,
    force: values.force === true,
    json: values.json === true,
    answers: {
      ...(values.mode === undefined ? {} : { mode: values.mode as Mode }),
      ...(values.timezone === undefined ? {} : { timezone: values.timezone }),
      ...(values.service === undefined ? {} : { services: values.service.map(readService) }),
      ...(Object.keys(variables).length === 0 ? {} : { variables }),
    },
  };
}

function modeFault(mode: string): string | null {
  if (mode === 'dry-run' || mode === 'production') return null;
  return `--mode: expected dry-run or production, found "${mode}"`;
}
