/**
 * Splits one typed line into words, as people type in chat: quotes hold words together at the start of a word or
 * right after `name:` and `name=`; an apostrophe inside a word is a letter. Phones' curly quotes and dashes count.
 */

export interface Token {
  readonly text: string;
  /** It began with a quote: then it is a value, whatever it looks like. */
  readonly literal: boolean;
}

export type Tokens =
  | { readonly kind: 'tokens'; readonly tokens: readonly Token[] }
  | { readonly kind: 'open-quote'; readonly text: string };

const CLOSING: Readonly<Record<string, string>> = {
  '"': '"',
  "'": "'",
  '“': '”',
  '”': '”',
  '„': '“',
  '‘': '’',
};
const VALUE_PREFIX = /^(?:--|—)?[A-Za-z][A-Za-z-]*[:=]$/;

export function tokenize(line: string): Tokens {
  const tokens: Token[] = [];
  let at = 0;
  while (at < line.length) {
    if (/\s/.test(line.charAt(at))) {
      at += 1;
      continue;
    }
    const read = readToken(line, at);
    if (read === null) return { kind: 'open-quote', text: line.slice(at) };
    tokens.push(read.token);
    at = read.end;
  }
  return { kind: 'tokens', tokens };
}

/** Words that a shell has already split. */
export function wordTokens(words: readonly string[]): readonly Token[] {
  return words.map((text) => ({ text: plainDashes(text), literal: false }));
}

/** `reason:"it is over"`: the way to write a value so that it is read back as it is. */
export function quoted(value: string): string {
  if (/^[\p{L}\p{N}_./%#@+-]+$/u.test(value) && !value.startsWith('-')) return value;
  return `"${value.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;
}

function readToken(line: string, start: number): { readonly token: Token; readonly end: number } | null {
  let text = '';
  let at = start;
  let literal = false;
  while (at < line.length && !/\s/.test(line.charAt(at))) {
    const closing = at === start || VALUE_PREFIX.test(text) ? CLOSING[line.charAt(at)] : undefined;
    if (closing === undefined) {
      text += line.charAt(at);
      at += 1;
      continue;
    }
    const read = readQuoted(line, at + 1, closing);
    if (read === null) return null;
    literal ||= at === start;
    text += read.text;
    at = read.end;
  }
  return { token: { text: literal ? text : plainDashes(text), literal }, end: at };
}

/** Inside double quotes a backslash keeps the next quote or backslash as it is. */
function readQuoted(
  line: string,
  start: number,
  closing: string,
): { readonly text: string; readonly end: number } | null {
  let text = '';
  for (let at = start; at < line.length; at += 1) {
    const letter = line.charAt(at);
    if (letter === closing) return { text, end: at + 1 };
    const next = line.charAt(at + 1);
    if (letter === '\\' && closing === '"' && (next === '"' || next === '\\')) {
      text += next;
      at += 1;
    } else {
      text += letter;
    }
  }
  return null;
}

function plainDashes(text: string): string {
  return text.startsWith('—') ? `--${text.slice(1)}` : text;
}
