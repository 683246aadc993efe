/**
 * Writes docs/nightshift.1 from the command table, so that `man nightshift` knows what help knows. A test compares
 * what is committed with what this would write.
 */
import { writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { LOCAL_COMMANDS } from '../src/app/local-commands.ts';
import { version } from '../src/app/version.ts';
import type { LocalCommand } from '../src/bot/cli/local-help.ts';
import type { Command } from '../src/bot/commands/command.ts';
import { usageLine } from '../src/bot/commands/help.ts';
import { optionInfo } from '../src/bot/commands/options.ts';
import { ALIASES, COMMAND_GROUPS } from '../src/bot/commands/table.ts';

const HEAD = `.SH NAME
nightshift \\- keeps a host running through the night, and calls people only when that did not help
.SH SYNOPSIS
.B nightshift
.I command
.RI [ options ]
.RB [ \\-\\-json ]
.SH DESCRIPTION
Commands talk to the running bot of the data folder; where none runs, what can work on files alone does.
Options are written
.B \\-\\-name value
or
.BR name:value .
Every command takes
.B \\-\\-json
and
.BR \\-\\-help .
`;

const TAIL = `.SH EXIT STATUS
0 done; 1 failed, or findings; 2 bad usage or configuration; 3 refused (policy, approval, role); 4 nothing to act on.
.SH FILES
.TP
.I configs/*.json
The configuration.
.TP
.I data/
State, history, audit log, backups, reports.
.TP
.I .env
Secrets, mode 600; the environment wins over it.
.SH ENVIRONMENT
.TP
.BR NIGHTSHIFT_CONFIG_DIR ", " NIGHTSHIFT_DATA_DIR
Folders; default
.I configs
and
.IR data .
.TP
.BR NIGHTSHIFT_HOST ", " NIGHTSHIFT_PORT
Where the console is; default 127.0.0.1 and 8787.
.TP
.B NO_COLOR
No colours.
`;

/** The page as roff. */
export function manPage(): string {
  const groups = COMMAND_GROUPS.map(
    ({ title, commands }) => `.SS ${escaped(title)}\n${commands.map(tableEntry).join('')}`,
  );
  const aliases = Object.entries(ALIASES).map(
    ([alias, meant]) => `.TP\n.B ${escaped(alias)}\nThe same as ${escaped(meant)}.\n`,
  );
  return [
    `.\\" Made by npm run man from the command table; not edited by hand.\n`,
    `.TH NIGHTSHIFT 1 "" "Nightshift ${version()}" "User Commands"\n`,
    HEAD,
    `.SH COMMANDS\n.SS This program\n${LOCAL_COMMANDS.map(localEntry).join('')}`,
    ...groups,
    `.SS Other names\n${aliases.join('')}`,
    TAIL,
  ].join('');
}

function tableEntry(command: Command): string {
  const options = Object.entries(command.options.shape).map(([name, schema]) => {
    const { summary, choices } = optionInfo(schema);
    return optionLine(name, choices.length === 0 ? summary : `${summary}: ${choices.join(', ')}`);
  });
  return entry(usageLine(command), command.summary, options);
}

function localEntry({ command, summary, options = [], choices = [] }: LocalCommand): string {
  const words = choices.length === 0 ? command : `${command.split(' ')[0]} ${choices.join('|')}`;
  const lines = options.map((option) =>
    optionLine(option.value === undefined ? option.name : `${option.name} ${option.value}`, option.summary),
  );
  return entry(words, summary.replace(/ \(see: .*\)$/, ''), lines);
}

function entry(usage: string, summary: string, options: readonly string[]): string {
  const list = options.length === 0 ? '' : `.RS\n${options.join('')}.RE\n`;
  return `.TP\n.B ${escaped(usage)}\n${escaped(summary)}.\n${list}`;
}

function optionLine(name: string, summary: string): string {
  return `.TP\n.B ${escaped(`--${name}`)}\n${escaped(summary)}\n`;
}

/** No letter of the text is an order to roff. */
function escaped(text: string): string {
  const plain = text.replaceAll('\\', '\\e').replaceAll('-', '\\-').replaceAll('…', '...');
  return /^[.']/.test(plain) ? `\\&${plain}` : plain;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  writeFileSync(join(resolve(import.meta.dirname, '..'), 'docs/nightshift.1'), manPage());
}
