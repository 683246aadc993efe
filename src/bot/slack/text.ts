/**
 * Text for Slack's mrkdwn: escaped, and kept from turning into formatting. Blocks are sent with
 * `verbatim: true` and messages with `parse: none`, so that nothing becomes a link or a mention by itself.
 */
import type { EpochMs } from '../../domain/units.ts';
import { toIso } from '../../domain/units.ts';
import { inert, inertLine, parts, shorten } from '../inert.ts';

/** Seen by nobody, but keeps a formatting character from opening or closing a span. */
const ZERO_WIDTH = '\u200b';
const FENCES = 6;

/** Foreign text as Slack mrkdwn that shows exactly that text. */
export function escapeMrkdwn(text: string): string {
  return escapeEntities(text)
    .replaceAll(/(?<![\p{L}\p{N}])[*_~`]|[*_~`](?![\p{L}\p{N}])/gu, (mark) => `${mark}${ZERO_WIDTH}`)
    .replaceAll(/^(?=&gt;)/gm, ZERO_WIDTH);
}

/** One line of at most `max` characters, escaped. */
export function line(text: string, max: number): string {
  return shorten(inertLine(text), max, escapeMrkdwn);
}

/** Several lines of at most `max` characters, escaped. */
export function lines(text: string, max: number): string {
  return shorten(inert(text).trim(), max, escapeMrkdwn);
}

/** A code block of at most `max` characters. What does not fit is counted, never dropped in silence. */
export function codeBlock(text: string, max: number): string {
  const mark = (missing: number): string => `\n… ${missing} more characters, see the console`;
  return fenced(shorten(inert(text), max - FENCES, escapeCode, mark));
}

/** A table as code blocks of at most `max` characters each. */
export function codeBlocks(text: string, max: number): readonly string[] {
  return parts(text, max - FENCES, escapeCode).map(fenced);
}

/** Plain-text objects (button labels, confirmations) are not parsed by Slack and not escaped. */
export function plainText(text: string, max: number): { type: 'plain_text'; text: string; emoji: false } {
  return { type: 'plain_text', text: shorten(inertLine(text), max, (same) => same) || '-', emoji: false };
}

/** A moment in the reader's own zone; readers without support see UTC. */
export function localTime(
  at: EpochMs,
  format: '{time}' | '{date_short_pretty} {time}' | '{time_secs}',
): string {
  const utc = `${toIso(at).slice(0, 16).replace('T', ' ')} UTC`;
  return `<!date^${Math.floor(at / 1000)}^${format}|${utc}>`;
}

/** `<@U…>` or `<!subteam^S…>`, from an id of the configuration. */
export function mention(id: string): string {
  return id.startsWith('S') ? `<!subteam^${id}>` : `<@${id}>`;
}

/** A link of our own. Anything that is no http(s) URL is left out. */
export function link(label: string, url: string): string {
  if (!/^https?:\/\/[^\s<>|]+$/.test(url)) return '';
  return `<${escapeEntities(url)}|${escapeEntities(inertLine(label)).replaceAll('|', '/')}>`;
}

function fenced(code: string): string {
  return `\`\`\`${code}\`\`\``;
}

function escapeCode(code: string): string {
  return escapeEntities(code).replaceAll('```', `\`${ZERO_WIDTH}\`\``);
}

function escapeEntities(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
