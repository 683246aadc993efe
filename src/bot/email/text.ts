/**
 * Foreign text for mail: what a program that shows mail must neither run nor make a link of. Such programs turn
 * everything that looks like an address into one, so what looks like one is broken up.
 */
import { inert, inertLine } from '../inert.ts';

const ZERO_WIDTH = '\u200b';

/** One line of at most `max` characters. */
export function mailLine(text: string, max: number): string {
  return shortened(unlinked(inertLine(text)), max);
}

/** Several lines of at most `max` characters. */
export function mailLines(text: string, max: number): string {
  return shortened(unlinked(inert(text).trim()), max);
}

export function escapeHtml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;');
}

/** A link of our own, or nothing. */
export function safeUrl(url: string): string | null {
  return /^https?:\/\/[^\s<>"']+$/.test(url) ? url : null;
}

function unlinked(text: string): string {
  return text
    .replaceAll('://', `:${ZERO_WIDTH}//`)
    .replaceAll(/\b(www|mailto|javascript)([.:])/gi, `$1${ZERO_WIDTH}$2`)
    .replaceAll('@', `@${ZERO_WIDTH}`);
}

function shortened(text: string, max: number): string {
  const letters = [...text];
  if (letters.length <= max) return text;
  return `${letters.slice(0, max).join('').trimEnd()} … ${letters.length - max} more characters, see the console`;
}
