/**
 * The words after a command to its checked options. `name:value` is an option only for names that the command
 * knows: times and URLs have colons too. A word that was quoted is a value, whatever it looks like.
 */
import type { z } from 'zod';
import type { Command } from './commands/command.ts';
import { optionInfo } from './commands/options.ts';
import {
  badWord,
  DRY_RUN,
  missingOption,
  type Parsed,
  type Unreadable,
  unknownOption,
} from './parse-fault.ts';
import { quoted, type Token } from './tokens.ts';

type Given = Map<string, unknown>;

type OptionRead =
  | Unreadable
  | { readonly kind: 'word'; readonly text: string; readonly used: number }
  | { readonly kind: 'option'; readonly name: string; readonly value: unknown; readonly used: number };

/** An option as it was written; `value` is `null` where it may follow as the next word. */
interface Written {
  readonly name: string;
  readonly value: string | null;
}

/** @param typed Options that came as JSON beside the words. */
export function readCall(
  command: Command,
  tokens: readonly Token[],
  typed: ReadonlyMap<string, unknown>,
): Parsed {
  const unknown = [...typed.keys()].find((name) => !isKnown(command, name));
  if (unknown !== undefined) return unknownOption(command, unknown);
  const given: Given = new Map(typed);
  const words: string[] = [];
  for (let at = 0; at < tokens.length; ) {
    const read = readOption(command, tokens, at);
    if (read.kind === 'invalid') return read;
    if (read.kind === 'word') words.push(read.text);
    else if (given.has(read.name)) return badWord(command, read.name, `${read.name} only once`);
    else given.set(read.name, read.value);
    at += read.used;
  }
  const leftOver = placeWords(command, words, given);
  if (leftOver !== null) return badWord(command, leftOver, 'no more words');
  return checkCall(command, given);
}

/** The line that is read back as this call: the audit log's way of writing it. */
export function callLine(words: readonly string[], options: ReadonlyMap<string, unknown>): string {
  const parts = [...options].map(([name, value]) => `${name}:${quoted(String(value))}`);
  return [...words, ...parts].join(' ');
}

function readOption(command: Command, tokens: readonly Token[], at: number): OptionRead {
  const token = tokens[at] ?? { text: '', literal: true };
  const written = token.literal ? null : (dashed(token.text) ?? named(command, token.text));
  if (written === null) return { kind: 'word', text: token.text, used: 1 };
  const name = written.name.toLowerCase();
  if (!isKnown(command, name)) return unknownOption(command, written.name);
  if (written.value !== null) return { kind: 'option', name, value: written.value, used: 1 };
  if (isSwitch(command, name)) return { kind: 'option', name, value: true, used: 1 };
  const next = tokens[at + 1];
  const isMissing = next === undefined || (!next.literal && next.text.startsWith('--'));
  if (isMissing) return badWord(command, name, `a value for ${name}`);
  return { kind: 'option', name, value: next.text, used: 2 };
}

function dashed(text: string): Written | null {
  const match = /^--([^=]*)(=(.*))?$/s.exec(text);
  return match === null
    ? null
    : { name: match[1] ?? '', value: match[2] === undefined ? null : (match[3] ?? '') };
}

function named(command: Command, text: string): Written | null {
  const match = /^([A-Za-z-]+):(.*)$/s.exec(text);
  if (match === null || !isKnown(command, match[1] ?? '')) return null;
  return { name: match[1] ?? '', value: match[2] || null };
}

/** Words without a name go to the positional options in order; free text at the end takes all that is left. */
function placeWords(command: Command, words: readonly string[], given: Given): string | null {
  const free = command.positional.filter((name) => !given.has(name));
  for (const [index, name] of free.entries()) {
    const word = words[index];
    if (word === undefined) return null;
    const schema = command.options.shape[name];
    if (index === free.length - 1 && schema !== undefined && optionInfo(schema).greedy) {
      given.set(name, words.slice(index).join(' '));
      return null;
    }
    given.set(name, word);
  }
  return words[free.length] ?? null;
}

function checkCall(command: Command, given: Given): Parsed {
  const values = new Map(given);
  const dry = values.get(DRY_RUN) ?? false;
  values.delete(DRY_RUN);
  if (!['true', 'false'].includes(String(dry))) {
    return badWord(command, `${DRY_RUN}:${String(dry)}`, 'true or false for dry-run');
  }
  const raw = Object.fromEntries(values);
  const checked = command.options.safeParse(raw);
  if (!checked.success) return badValue(command, checked.error, values);
  return {
    kind: 'call',
    command,
    options: checked.data,
    given: raw,
    dryRun: String(dry) === 'true',
    line: callLine(command.words, given),
  };
}

function badValue(command: Command, error: z.ZodError, values: ReadonlyMap<string, unknown>): Unreadable {
  const name = String(error.issues[0]?.path[0] ?? '');
  const schema = command.options.shape[name];
  const expected = schema === undefined ? 'something else' : optionInfo(schema).expected;
  if (!values.has(name)) return missingOption(command, name, expected, Object.fromEntries(values));
  const value = values.get(name);
  const shown = typeof value === 'string' ? value : (JSON.stringify(value) ?? typeof value);
  return badWord(command, shown, `${expected} for ${name}`);
}

function isKnown(command: Command, name: string): boolean {
  const lower = name.toLowerCase();
  return lower === DRY_RUN || Object.hasOwn(command.options.shape, lower);
}

function isSwitch(command: Command, name: string): boolean {
  const schema = command.options.shape[name];
  return name === DRY_RUN || (schema !== undefined && optionInfo(schema).type === 'boolean');
}
