/**
 * One line of text, the words of a shell, or a command with typed options, to one call of the table. Pure, and it
 * never throws: what cannot be read is answered with the word in question and what was expected.
 */

import type { Command } from './commands/command.ts';
import { ALIASES, COMMANDS } from './commands/table.ts';
import { nearest } from './nearest.ts';
import { badWord, DRY_RUN, type Parsed, type Unreadable, unreadable } from './parse-fault.ts';
import { readCall } from './read-call.ts';
import { type Token, tokenize, wordTokens } from './tokens.ts';

const LONGEST_LINE = 4_000;

/** How a command arrives: typed in chat, split by a shell, or as JSON. */
export type CommandCall =
  | { readonly text: string }
  | { readonly words: readonly string[] }
  | {
      readonly command: string;
      readonly options: Readonly<Record<string, unknown>>;
      readonly dryRun: boolean;
    };

export function parseCall(call: CommandCall): Parsed {
  if ('words' in call) return parseTokens(wordTokens(call.words), new Map());
  const line = 'text' in call ? call.text : call.command;
  if (line.length > LONGEST_LINE) return badWord(null, line, `a line of at most ${LONGEST_LINE} characters`);
  const split = tokenize(line);
  if (split.kind === 'open-quote') return badWord(null, split.text, 'a closing quote');
  if ('text' in call) return parseTokens(split.tokens, new Map());
  const typed = new Map<string, unknown>(Object.entries(call.options));
  if (call.dryRun) typed.set(DRY_RUN, true);
  return parseTokens(split.tokens, typed);
}

function parseTokens(tokens: readonly Token[], typed: ReadonlyMap<string, unknown>): Parsed {
  const said = tokens.filter((token) => token.literal || token.text !== '--help');
  const wantsHelp = said.length < tokens.length;
  if (said.length === 0) return { kind: 'help', topic: [] };
  const found = findCommand(said);
  if (found === null) return wantsHelp ? helpTopic(said) : unknownCommand(said);
  if (wantsHelp) return { kind: 'help', topic: found.command.words };
  return readCall(found.command, said.slice(found.used), typed);
}

/** Longest match on words first. A bare group word is no command where another word follows it. */
function findCommand(tokens: readonly Token[]): { readonly command: Command; readonly used: number } | null {
  const [first = '', second = ''] = tokens.slice(0, 2).map((token) => token.text.toLowerCase());
  const two = entryFor(`${first} ${second}`);
  if (two !== undefined) return { command: two, used: 2 };
  const one = entryFor(first);
  if (one === undefined) return null;
  const isFollowed = second !== '' && !/^--|:/.test(second);
  return one.words.length === 2 && isFollowed ? null : { command: one, used: 1 };
}

function entryFor(words: string): Command | undefined {
  const name = Object.hasOwn(ALIASES, words) ? ALIASES[words] : words;
  return COMMANDS.find((command) => command.words.join(' ') === name);
}

function helpTopic(tokens: readonly Token[]): Parsed {
  const first = tokens[0]?.text.toLowerCase() ?? '';
  const isGroup = tokens.length === 1 && COMMANDS.some((command) => command.words[0] === first);
  return isGroup ? { kind: 'help', topic: [first] } : unknownCommand(tokens);
}

function unknownCommand(tokens: readonly Token[]): Unreadable {
  const [first = '', second] = tokens.slice(0, 2).map((token) => token.text);
  const group = first.toLowerCase();
  const verbs = COMMANDS.filter((command) => command.words[0] === group).flatMap(
    (command) => command.words[1] ?? [],
  );
  return verbs.length > 0 ? unknownVerb(group, second, verbs) : unknownWord(first, second);
}

function unknownVerb(group: string, verb: string | undefined, verbs: readonly string[]): Unreadable {
  const near = verb === undefined ? null : nearest(verb, verbs);
  return unreadable('UNKNOWN_COMMAND', {
    word: verb === undefined ? group : `${group} ${verb}`,
    expected: `${group} ${verbs.join(' | ')}`,
    suggestion: near === null ? null : `${group} ${near}`,
    usage: null,
  });
}

function unknownWord(first: string, second: string | undefined): Unreadable {
  const names = COMMANDS.map((command) => command.words.join(' '));
  const both = second === undefined ? null : nearest(`${first} ${second}`, names);
  const groups = [...new Set(COMMANDS.map((command) => command.words[0]))];
  return unreadable('UNKNOWN_COMMAND', {
    word: first,
    expected: 'a command; "help" lists them',
    suggestion: both ?? nearest(first, groups),
    usage: null,
  });
}
