/** What comes out of reading a command, and how what could not be read is told: the word, what was expected, a guess. */
import { assertNever } from '../domain/errors.ts';
import type { Command } from './commands/command.ts';
import { usageLine } from './commands/help.ts';
import { nearest } from './nearest.ts';

export const DRY_RUN = 'dry-run';

const LONGEST_SHOWN = 80;

/** What was wrong, for programs. */
export interface ParseFault {
  readonly word: string;
  readonly expected: string;
  readonly suggestion: string | null;
  readonly usage: string | null;
  /** The command is known and lacks something it cannot do without. */
  readonly incomplete?: {
    readonly words: readonly string[];
    readonly given: Readonly<Record<string, unknown>>;
    readonly options: readonly string[];
  };
}

export interface ParsedCall {
  readonly kind: 'call';
  readonly command: Command;
  readonly options: Readonly<Record<string, unknown>>;
  /** The options as they were given, before they were checked and typed; without `dry-run`. */
  readonly given: Readonly<Record<string, unknown>>;
  readonly dryRun: boolean;
  /** The call in one canonical line, for the audit log. */
  readonly line: string;
}

export interface ParsedHelp {
  readonly kind: 'help';
  readonly topic: readonly string[];
}

export interface Unreadable {
  readonly kind: 'invalid';
  readonly code: 'UNKNOWN_COMMAND' | 'BAD_OPTION';
  readonly text: string;
  readonly fault: ParseFault;
}

export type Parsed = ParsedCall | ParsedHelp | Unreadable;

export function unreadable(code: Unreadable['code'], fault: ParseFault): Unreadable {
  const word = fault.word.length > LONGEST_SHOWN ? `${fault.word.slice(0, LONGEST_SHOWN)}…` : fault.word;
  const hint = fault.suggestion === null ? '' : ` Did you mean "${fault.suggestion}"?`;
  const usage = fault.usage === null ? '' : `\nUsage: ${fault.usage}`;
  return {
    kind: 'invalid',
    code,
    text: `${lead(code, word)}: expected ${fault.expected}.${hint}${usage}`,
    fault,
  };
}

/** A required option was not given. */
export function missingOption(
  command: Command,
  name: string,
  expected: string,
  given: Readonly<Record<string, unknown>>,
): Unreadable {
  const options = Object.keys(command.options.shape);
  return unreadable('BAD_OPTION', {
    word: name,
    expected: `${name}, ${expected}`,
    suggestion: null,
    usage: usageLine(command),
    incomplete: { words: command.words, given, options },
  });
}

/** A value, or a word too many or too few. */
export function badWord(command: Command | null, word: string, expected: string): Unreadable {
  const usage = command === null ? null : usageLine(command);
  return unreadable('BAD_OPTION', { word, expected, suggestion: null, usage });
}

export function unknownOption(command: Command, name: string): Unreadable {
  const known = [...Object.keys(command.options.shape), ...(command.changes ? [DRY_RUN] : [])];
  const expected = known.length === 0 ? 'no options' : `one of ${known.join(', ')}`;
  const usage = usageLine(command);
  return unreadable('BAD_OPTION', { word: name, expected, suggestion: nearest(name, known), usage });
}

function lead(code: Unreadable['code'], word: string): string {
  switch (code) {
    case 'UNKNOWN_COMMAND':
      return `Unknown command "${word}"`;
    case 'BAD_OPTION':
      return `Cannot read "${word}"`;
    default:
      return assertNever(code);
  }
}
