/**
 * The commands of this program that are not in the table of chat: for help, completions and the man page. Each says
 * with `--help` what it takes; the words here are the same.
 */
import type { LocalCommand } from '../bot/cli/local-help.ts';
import { DEMO_FAULTS } from './demo-faults.ts';

export const LOCAL_COMMANDS: readonly LocalCommand[] = [
  {
    command: 'replay --input FILE',
    summary: 'Runs the detector over a CSV (see: nightshift replay --help)',
    example: 'replay --input cpu.csv --format jsonl --output alarms.jsonl',
    options: [
      { name: 'input', summary: 'the CSV', value: 'FILE' },
      { name: 'train', summary: 'a history to learn from first', value: 'FILE' },
      { name: 'format', summary: 'of the output', value: 'FORMAT', choices: ['jsonl'] },
      { name: 'output', summary: 'where it goes', value: 'FILE' },
    ],
  },
  {
    command: 'optimize --interval 300',
    summary: 'Says what it would change, again and again (see: nightshift optimize --help)',
    example: 'optimize --interval 300',
    options: [{ name: 'interval', summary: 'seconds between two looks', value: 'N' }],
  },
  {
    command: 'start',
    summary: 'Starts the bot (see: nightshift start --help)',
    example: 'start --production --interval 10',
    options: [
      { name: 'production', summary: 'act, instead of only proposing' },
      { name: 'dry-run', summary: 'only propose' },
      { name: 'interval', summary: 'seconds between samples', value: 'N' },
      { name: 'check-config', summary: 'check all configuration files, then exit' },
      { name: 'print-config', summary: 'print the configuration in force, then exit' },
    ],
  },
  {
    command: 'demo',
    summary: 'Starts the bot on a sandbox that you can break (see: nightshift demo --help)',
    example: 'demo break hang',
    choices: ['break', 'mend'],
    after: { break: DEMO_FAULTS.map(({ name }) => name) },
  },
  {
    command: 'init',
    summary: 'Writes configuration, .env and a systemd unit (see: nightshift init --help)',
    example: 'init --yes --service nginx',
    options: [
      { name: 'dir', summary: 'the folder', value: 'DIR' },
      { name: 'yes', summary: 'ask nothing' },
      { name: 'mode', summary: 'what it may do', value: 'MODE', choices: ['dry-run', 'production'] },
      { name: 'timezone', summary: 'an IANA zone', value: 'ZONE' },
      { name: 'service', summary: 'a unit, or NAME=http://…; may be repeated', value: 'SERVICE' },
      { name: 'slack-channel', summary: 'where Slack cards go', value: 'ID' },
      { name: 'discord-channel', summary: 'where Discord cards go', value: 'ID' },
      { name: 'force', summary: 'replace files that are there' },
    ],
  },
  {
    command: 'doctor',
    summary: 'Checks this installation and says how to mend each fault (see: nightshift doctor --help)',
    example: 'doctor --json',
  },
  {
    command: 'completion SHELL',
    summary: 'Prints completions for bash, zsh or fish',
    example: 'completion bash',
    choices: ['bash', 'zsh', 'fish'],
  },
];
