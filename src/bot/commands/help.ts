/** The help that is generated: the whole table, one group, or one command with its options and an example. */
import { z } from 'zod';
import { columns } from '../columns.ts';
import type { Command, Reply } from './command.ts';
import { entry } from './entry.ts';
import { isRequired, optionInfo, phrase } from './options.ts';
import { notFound, ok } from './replies.ts';

/** Commands that belong together, as help shows them. */
export interface CommandGroup {
  readonly title: string;
  readonly commands: readonly Command[];
}

/** @param groups Asked when needed: the table holds this very command. */
export function helpCommand(groups: () => readonly CommandGroup[]): Command {
  return entry({
    words: ['help'],
    summary: 'All commands, or one of them with its options',
    role: 'viewer',
    options: z.strictObject({ command: phrase('a command, or its first word').optional() }),
    positional: ['command'],
    changes: false,
    example: 'help freeze',
    run: async ({ command }) => helpOn(groups(), command?.split(/\s+/) ?? []),
  });
}

/** Help on a topic of no, one or two words. */
export function helpOn(groups: readonly CommandGroup[], topic: readonly string[]): Reply {
  const all = groups.flatMap((group) => group.commands);
  if (topic.length === 0) return ok(tableHelp(groups), { commands: all.map(commandData) });
  const words = topic.join(' ').toLowerCase();
  const exact = all.find((command) => command.words.join(' ') === words);
  if (exact !== undefined) return ok(commandHelp(exact), { commands: [commandData(exact)] });
  const group = all.filter((command) => command.words[0] === words);
  if (group.length === 0) return notFound(`There is no command "${topic.join(' ')}". Try "help".`);
  return ok(columns(group.map(summaryRow)).join('\n'), { commands: group.map(commandData) });
}

/** `heal run [ID] [--strategy STRATEGY] [--dry-run]`. */
export function usageLine(command: Command): string {
  const { shape } = command.options;
  const parts = command.positional.flatMap((name) => {
    const schema = shape[name];
    if (schema === undefined) return [];
    const info = optionInfo(schema);
    const value = `${name.toUpperCase()}${info.greedy ? '…' : ''}`;
    return [isRequired(schema) ? value : `[${value}]`];
  });
  const named = Object.entries(shape)
    .filter(([name]) => !command.positional.includes(name))
    .map(([name, schema]) => {
      const info = optionInfo(schema);
      const value = info.choices.length > 0 ? info.choices.join('|') : name.toUpperCase();
      const text = info.type === 'boolean' ? `--${name}` : `--${name} ${value}`;
      return isRequired(schema) ? text : `[${text}]`;
    });
  return [...command.words, ...parts, ...named, ...(command.changes ? ['[--dry-run]'] : [])].join(' ');
}

function tableHelp(groups: readonly CommandGroup[]): string {
  const width = Math.max(
    ...groups.flatMap((group) => group.commands.map((one) => one.words.join(' ').length)),
  );
  const sections = groups.map((group) =>
    [
      group.title,
      ...group.commands.map((one) => `  ${one.words.join(' ').padEnd(width)}  ${one.summary}`),
    ].join('\n'),
  );
  return [...sections, 'Options are written name:value or --name value. More on each: help COMMAND.'].join(
    '\n\n',
  );
}

function commandHelp(command: Command): string {
  const rows = Object.entries(command.options.shape).map(([name, schema]) => {
    const info = optionInfo(schema);
    const choices = info.choices.length > 0 ? `: ${info.choices.join(', ')}` : '';
    return [`  ${name}`, `${info.summary}${choices}${isRequired(schema) ? ' (required)' : ''}`];
  });
  if (command.changes) rows.push(['  dry-run', 'only says what would happen']);
  return [
    `${command.summary}.`,
    `Usage: ${usageLine(command)}`,
    ...columns(rows),
    `Role: ${command.role}. Example: ${command.example}`,
  ].join('\n');
}

function summaryRow(command: Command): readonly string[] {
  return [command.words.join(' '), command.summary];
}

function commandData(command: Command): Readonly<Record<string, unknown>> {
  return {
    command: command.words.join(' '),
    summary: command.summary,
    role: command.role,
    usage: usageLine(command),
    example: command.example,
    changes: command.changes,
  };
}
