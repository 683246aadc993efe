/** Help on what only this program has: `start`, `demo`, `init` and the like. The command table explains the rest. */
import { columns } from '../columns.ts';
import type { Reply } from '../commands/command.ts';
import { ok } from '../commands/replies.ts';

/** A command of this program that is not in the table: `start`, `demo`. */
export interface LocalCommand {
  /** As help shows it; the first word is the command. */
  readonly command: string;
  readonly summary: string;
  /** Without the name of the program. */
  readonly example: string;
  readonly options?: readonly LocalOption[];
  /** What its first word after it may be. */
  readonly choices?: readonly string[];
  /** And what may come after each of these. */
  readonly after?: Readonly<Record<string, readonly string[]>>;
}

export interface LocalOption {
  readonly name: string;
  readonly summary: string;
  /** `FILE`; absent: a switch. */
  readonly value?: string;
  readonly choices?: readonly string[];
}

/** `null` where the topic is none of them. */
export function localHelp(topic: readonly string[], local: readonly LocalCommand[]): Reply | null {
  const [first, ...rest] = topic;
  const own = local.find(({ command }) => nameOf(command) === first?.toLowerCase());
  if (own === undefined || rest.length > 0) return null;
  const { summary, example, options = [] } = own;
  const usage = usageOf(own);
  const text = [
    `${plain(summary)}.`,
    `Usage: nightshift ${usage}`,
    ...columns(options.map((option) => [`  --${option.name}`, optionWords(option)])),
    `Example: nightshift ${example}. More: nightshift ${nameOf(own.command)} --help`,
  ].join('\n');
  return ok(text, { commands: [{ command: nameOf(own.command), summary: plain(summary), usage, example }] });
}

function usageOf({ command, options = [], choices = [] }: LocalCommand): string {
  const named = options.map(({ name, value }) => `[--${name}${value === undefined ? '' : ` ${value}`}]`);
  const first = choices.length === 0 ? [] : [choices.join('|')];
  return [nameOf(command), ...first, ...named].join(' ');
}

function optionWords({ summary, choices = [] }: LocalOption): string {
  return choices.length === 0 ? summary : `${summary}: ${choices.join(', ')}`;
}

function nameOf(command: string): string {
  return command.split(' ')[0] ?? command;
}

/** Without the hint where more is said: this is more. */
function plain(summary: string): string {
  return summary.replace(/ \(see: .*\)$/, '');
}
