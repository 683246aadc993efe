/** What Discord's refusals mean for us. Pure: error in, fault out. */
import { DiscordAPIError, HTTPError, RateLimitError } from 'discord.js';
import { describeError } from '../../domain/errors.ts';
import { inertLine } from '../inert.ts';
import { fault, type SurfaceFault } from '../surface-fault.ts';

const UNKNOWN_CHANNEL = 10_003;
const UNKNOWN_MESSAGE = 10_008;
const ALREADY_ACKNOWLEDGED = 40_060;
const THREAD_EXISTS = 160_004;
const NO_PLACE: ReadonlySet<number | string> = new Set([UNKNOWN_CHANNEL, 10_004, 50_001, 50_013]);

/** Close codes of the gateway after which nobody connects again, and what a person can do about them. */
const FATAL_CLOSES: Readonly<Record<number, string>> = {
  4004: 'Discord refuses the token (4004). Put a new one in and restart or reload.',
  4010: 'Discord refuses the shard (4010).',
  4011: 'Discord wants this bot to be sharded (4011): it is in too many servers.',
  4012: 'Discord no longer takes this version of its gateway (4012). Update Nightshift.',
  4013: 'Discord does not know the intents (4013). Update Nightshift.',
  4014:
    'Discord does not allow the intents (4014). Nightshift asks for Guilds alone, which needs no switch on the Bot ' +
    'page: see there that the application is not limited, put its token in again and restart.',
};

export function toFault(error: unknown): SurfaceFault {
  if (error instanceof RateLimitError) {
    return fault('rate_limited', 'Discord asked to wait.', Math.ceil(error.retryAfter / 1000));
  }
  if (isUnauthorized(error)) {
    return fault('credentials', 'Discord refuses the token. Put a new one in and restart or reload.');
  }
  if (error instanceof DiscordAPIError) return apiFault(error);
  if (error instanceof HTTPError) return fault('unreachable', `Discord answered with HTTP ${error.status}.`);
  return fault('unreachable', `Discord cannot be reached: ${reach(error)}`);
}

export function fatalClose(code: number): string | null {
  return FATAL_CLOSES[code] ?? null;
}

/** A 401, or the SDK's own complaint after one: it forgets its token at the first 401. */
export function isUnauthorized(error: unknown): boolean {
  if (error instanceof DiscordAPIError || error instanceof HTTPError) return error.status === 401;
  if (!(error instanceof Error)) return false;
  return (
    ('code' in error && error.code === 'TokenInvalid') || error.message.startsWith('Expected token to be set')
  );
}

/** The message that was to be edited is gone: a new one takes its place. */
export function isGone(error: unknown): boolean {
  return hasCode(error, UNKNOWN_MESSAGE);
}

/** The thread was deleted, or never made. */
export function isThreadGone(error: unknown): boolean {
  return hasCode(error, UNKNOWN_CHANNEL);
}

export function threadExists(error: unknown): boolean {
  return hasCode(error, THREAD_EXISTS);
}

/** Another delivery of the same interaction was answered before. */
export function isAnswered(error: unknown): boolean {
  return hasCode(error, ALREADY_ACKNOWLEDGED);
}

function hasCode(error: unknown, code: number): boolean {
  return error instanceof DiscordAPIError && error.code === code;
}

/** Discord's own words and code, where it said any. */
export function said(error: unknown): string {
  if (!(error instanceof DiscordAPIError)) return toFault(error).reason;
  return `${inertLine(error.message).slice(0, 200)} (${error.code})`;
}

function apiFault(error: DiscordAPIError): SurfaceFault {
  const why = said(error);
  if (NO_PLACE.has(error.code)) {
    return fault(
      'no_place',
      `Discord does not let the bot into the channel: ${why}. Look at its permissions there.`,
    );
  }
  if (error.status >= 500) return fault('unreachable', `Discord answered with HTTP ${error.status}.`);
  return fault('refused', `Discord refused it: ${why}.`);
}

function reach(error: unknown): string {
  const inner = error instanceof Error && error.cause !== undefined ? error.cause : error;
  const code = inner instanceof Error && 'code' in inner ? String(inner.code) : '';
  return inertLine(code || describeError(inner)).slice(0, 200);
}
