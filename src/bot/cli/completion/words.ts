/** The command table as a shell completes it: which words follow which, and what each option takes. Pure. */

import type { Command } from '../../commands/command.ts';
import { optionInfo } from '../../commands/options.ts';
import type { LocalCommand } from '../local-help.ts';

export interface ShellOption {
  readonly name: string;
  readonly summary: string;
  readonly takesValue: boolean;
  readonly choices: readonly string[];
}

export interface ShellCommand {
  /** One word or two. */
  readonly words: readonly string[];
  readonly summary: string;
  readonly options: readonly ShellOption[];
  /** What may come after the words. */
  readonly choices: readonly string[];
}

const EVERYWHERE: readonly ShellOption[] = [
  { name: 'json', summary: 'one JSON document', takesValue: false, choices: [] },
  { name: 'help', summary: 'what it does and takes', takesValue: false, choices: [] },
];

/** Table, other names for it, and what only this program has; each pair of words once. */
export function shellCommands(
  commands: readonly Command[],
  aliases: Readonly<Record<string, string>>,
  local: readonly LocalCommand[],
): readonly ShellCommand[] {
  const table = commands.map(fromTable);
  const others = Object.entries(aliases).flatMap(([alias, meant]) => {
    const command = table.find(({ words }) => words.join(' ') === meant);
    return command === undefined ? [] : [{ ...command, words: alias.split(' ') }];
  });
  return joined([...table, ...others, ...local.flatMap(fromLocal)]);
}

/** `optimize` is a name for another command and a program of its own: the options of both are offered. */
function joined(all: readonly ShellCommand[]): readonly ShellCommand[] {
  const known = new Map<string, ShellCommand>();
  for (const one of all) {
    const key = one.words.join(' ');
    const before = known.get(key);
    known.set(
      key,
      before === undefined ? one : { ...before, options: distinct([...before.options, ...one.options]) },
    );
  }
  return [...known.values()].sort((a, b) => (a.words.join(' ') < b.words.join(' ') ? -1 : 1));
}

function distinct(options: readonly ShellOption[]): readonly ShellOption[] {
  return [...new Map(options.map((option) => [option.name, option])).values()];
}

function fromTable(command: Command): ShellCommand {
  const all = Object.entries(command.options.shape).map(([name, schema]): ShellOption => {
    const { summary, type, choices } = optionInfo(schema);
    return { name, summary, takesValue: type !== 'boolean', choices };
  });
  const dryRun = { name: 'dry-run', summary: 'only says what would happen', takesValue: false, choices: [] };
  return {
    words: command.words,
    summary: command.summary,
    options: distinct([...all, ...(command.changes ? [dryRun] : []), ...EVERYWHERE]),
    choices: all.find(({ name }) => name === command.positional[0])?.choices ?? [],
  };
}

function fromLocal({
  command,
  summary,
  options = [],
  choices = [],
  after = {},
}: LocalCommand): ShellCommand[] {
  const word = command.split(' ')[0] ?? command;
  const own = options.map((option) => ({
    name: option.name,
    summary: option.summary,
    takesValue: option.value !== undefined,
    choices: option.choices ?? [],
  }));
  return [
    {
      words: [word],
      summary: summary.replace(/ \(see: .*\)$/, ''),
      options: [...own, ...EVERYWHERE],
      choices,
    },
    ...Object.entries(after).map(([next, words]) => ({
      words: [word, next],
      summary: '',
      options: EVERYWHERE,
      choices: words,
    })),
  ];
}

/** The words that may begin a command line, each once, with the summary where it is a command by itself. */
export function firstWords(commands: readonly ShellCommand[]): readonly (readonly [string, string])[] {
  const words = new Map<string, string>();
  for (const {
    words: [first = ''],
    summary,
    words: all,
  } of commands) {
    const text = all.length === 1 ? summary : (words.get(first) ?? '');
    words.set(first, text);
  }
  return [...words];
}

/** What may follow a first word: verbs, then the choices of the command that it is. */
export function secondWords(
  commands: readonly ShellCommand[],
  first: string,
): readonly (readonly [string, string])[] {
  const own = commands.filter(({ words }) => words[0] === first);
  return own.flatMap(({ words, summary, choices }) =>
    words[1] === undefined
      ? choices
          .filter((choice) => !own.some((one) => one.words[1] === choice))
          .map((choice) => [choice, ''] as const)
      : [[words[1], summary] as const],
  );
}
