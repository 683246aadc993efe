/**
 * Makes foreign text harmless before a platform sees it: host names, log lines and process titles may be
 * written by an attacker. What is left is only what a person would read; each renderer escapes it on top.
 */

const ESCAPE = String.fromCharCode(27);
const BELL = String.fromCharCode(7);
/** Terminal sequences: CSI, OSC and the two-character ones. */
const TERMINAL = new RegExp(
  `${ESCAPE}(?:\\[[0-?]*[ -/]*[@-~]|\\][^${BELL}${ESCAPE}]*(?:${BELL}|${ESCAPE}\\\\)?|[@-_])`,
  'g',
);
/** Control, direction and other format characters; line breaks and tabs stay. */
const UNSEEN = /[^\P{C}\n\t\u200d]/gu;

/** Two blanks between words make a column; a line that begins with two goes on with the item above. */
const COLUMN = /\S {2,}\S|^ {2,}\S/;

/** The text without terminal sequences, control characters and direction marks; line breaks stay. */
export function inert(text: string): string {
  return text.replaceAll('\r\n', '\n').replace(TERMINAL, '').replace(UNSEEN, '');
}

/** The same on one line. */
export function inertLine(text: string): string {
  return inert(text)
    .replaceAll(/[\s\u2028\u2029]+/g, ' ')
    .trim();
}

/** What `shorten` shows in place of what it cut away. */
export type CutMark = (missing: number) => string;

/**
 * Encodes `text` into at most `max` characters. A text that is too long ends in the mark, which counts the
 * characters that are not shown; nothing is cut in the middle of an escape or of a surrogate pair.
 */
export function shorten(
  text: string,
  max: number,
  encode: (text: string) => string,
  mark: CutMark = () => '…',
): string {
  const whole = encode(text);
  if (whole.length <= max) return whole;
  const letters = [...text];
  let keep = Math.min(letters.length, max);
  for (;;) {
    const shown = encode(letters.slice(0, keep).join('').trimEnd()) + mark(letters.length - keep);
    if (shown.length <= max || keep === 0) return shown.slice(0, max);
    keep = Math.max(0, keep - Math.max(1, Math.floor((shown.length - max) / 2)));
  }
}

/** Splits a long text at its line breaks into encoded parts of at most `max` characters. */
export function parts(text: string, max: number, encode: (text: string) => string): readonly string[] {
  const done: string[] = [];
  let open = '';
  for (const row of inert(text).trim().split('\n')) {
    const joined = open === '' ? row : `${open}\n${row}`;
    if (encode(joined).length <= max) {
      open = joined;
      continue;
    }
    if (open !== '') done.push(shorten(open, max, encode));
    open = row;
  }
  return open === '' ? done : [...done, shorten(open, max, encode)];
}

/** A run of lines that belong together: prose, or a table whose columns stand only in a monospaced font. */
export interface Segment {
  readonly kind: 'prose' | 'table';
  readonly text: string;
}

export function segments(text: string): readonly Segment[] {
  const found: { kind: Segment['kind']; text: string }[] = [];
  for (const row of inert(text).split('\n')) {
    const kind = COLUMN.test(row) ? 'table' : 'prose';
    const last = found.at(-1);
    if (last?.kind === kind) last.text += `\n${row}`;
    else found.push({ kind, text: row });
  }
  return found.filter((segment) => segment.text.trim() !== '');
}
