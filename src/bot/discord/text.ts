/**
 * Text for Discord's markdown: escaped, with mentions and links broken up, so that it shows exactly what was
 * meant. Pings are also switched off with every message (`allowed_mentions`).
 */
import type { EpochMs } from '../../domain/units.ts';
import { inert, inertLine, parts, shorten } from '../inert.ts';

/** Seen by nobody, but keeps `@everyone` and `https://` from being read as such. */
const ZERO_WIDTH = '\u200b';
const FENCES = 8;

/** Foreign text as Discord markdown that shows exactly that text. */
export function escapeMarkdown(text: string): string {
  return text
    .replaceAll(/[\\*_~`|[\]<]/g, '\\$&')
    .replaceAll(/^(\s*)([>#+-]|\d+(?=[.)]))/gm, (_, space: string, mark: string) =>
      /\d/.test(mark) ? `${space}${mark}${ZERO_WIDTH}` : `${space}\\${mark}`,
    )
    .replaceAll('@', `@${ZERO_WIDTH}`)
    .replaceAll('://', `:${ZERO_WIDTH}//`);
}

/** One line of at most `max` characters, escaped. */
export function line(text: string, max: number): string {
  return shorten(inertLine(text), max, escapeMarkdown);
}

/** Several lines of at most `max` characters, escaped. */
export function lines(text: string, max: number): string {
  return shorten(inert(text).trim(), max, escapeMarkdown);
}

/** For places where Discord reads no markdown: footers, button labels, thread names. */
export function plain(text: string, max: number): string {
  return shorten(inertLine(text), max, (same) => same);
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

/** A moment in the reader's own zone: `t` time, `T` with seconds, `R` from now, `f` with the date. */
export function localTime(at: EpochMs, style: 't' | 'T' | 'R' | 'f'): string {
  return `<t:${Math.floor(at / 1000)}:${style}>`;
}

/** A link of our own. Anything that is no http(s) URL is left out. */
export function link(label: string, url: string): string {
  if (!/^https?:\/\/[^\s<>()]+$/.test(url)) return '';
  return `[${line(label, 80)}](${url})`;
}

function fenced(code: string): string {
  return `\`\`\`\n${code}\n\`\`\``;
}

function escapeCode(code: string): string {
  return code.replaceAll('```', `\`${ZERO_WIDTH}\`\``);
}
