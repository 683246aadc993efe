/**
 * Makes foreign text harmless to show: no terminal codes, no hidden characters, and for chat no mentions and no
 * links. Metrics, log lines, webhooks and command output are foreign text.
 */
import { stripVTControlCharacters, toUSVString } from 'node:util';

/** Invisible, and it keeps a platform from reading what stands on both sides as one word. */
const BREAK = '\u200b';
/** Zero width and direction marks: they hide or reorder what a person reads. */
const HIDDEN = /[\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff]/g;
const MENTION = /@(?=everyone|here|channel|[&!]?\d)/gi;
const LINK = /(?<=[a-z]:)(?=\/\/)|(?<=\bwww)(?=\.)|(?<=\bmailto)(?=:)/gi;

/** Without terminal codes and control characters; line breaks and tabs stay. */
export function strip(text: string): string {
  const lines = stripVTControlCharacters(text).replaceAll(/\r\n?/g, '\n').replaceAll(HIDDEN, '');
  let clean = '';
  for (const char of lines) if (isShown(char)) clean += char;
  return toUSVString(clean);
}

/** `strip`, and nothing in it calls a person, a channel or a page when posted to Slack or Discord. */
export function inert(text: string): string {
  return strip(text)
    .replaceAll(MENTION, `@${BREAK}`)
    .replaceAll(/<(?=[@#!a-z:])/gi, `<${BREAK}`)
    .replaceAll(LINK, BREAK);
}

/** At most `most` characters, with a mark where some were left out; never half a character. */
export function clip(text: string, most: number): string {
  if (text.length <= most) return text;
  return `${text.slice(0, Math.max(0, most - 1)).replace(/[\ud800-\udbff]$/, '')}…`;
}

function isShown(char: string): boolean {
  const code = char.codePointAt(0) ?? 0;
  return char === '\n' || char === '\t' || (code >= 32 && (code < 127 || code > 159));
}
