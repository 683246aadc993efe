/**
 * `nightshift <command>`: the same table as chat, at a shell. It asks the running bot; where none runs, what can
 * work on files alone does. Everything comes from outside, nothing is read from the process here.
 */
import { isOpsError } from '../../domain/errors.ts';
import type { Clock, HttpClient } from '../../domain/ports.ts';
import { type EpochMs, fromIso, type Ms } from '../../domain/units.ts';
import { columns } from '../columns.ts';
import type { Reply } from '../commands/command.ts';
import { helpOn } from '../commands/help.ts';
import { failed, ok } from '../commands/replies.ts';
import { COMMAND_GROUPS } from '../commands/table.ts';
import { localTime } from '../figures.ts';
import { parseCall } from '../parse.ts';
import type { ParsedCall } from '../parse-fault.ts';
import { askBot, type BotAddress } from './client.ts';
import { exitCodeOf } from './exit-codes.ts';
import { followDrill } from './follow.ts';
import { guidedRestore, needsYes } from './guided.ts';
import { type LocalCommand, localHelp } from './local-help.ts';
import type { ProgressView } from './progress.ts';
import { renderJson, renderReply } from './render.ts';

const NO_PROGRESS: ProgressView = { show: () => {}, end: () => {} };
/** Done on the files that are here, whatever a running bot has loaded; a replay shows how far it is. */
const FILES_FIRST: ReadonlySet<string> = new Set(['config validate', 'strategy validate', 'replay']);

/** A command that works without a bot. */
export interface OfflineCall {
  /** `audit verify` */
  readonly command: string;
  readonly options: Readonly<Record<string, unknown>>;
  readonly dryRun: boolean;
}

export interface CliDeps {
  /** Without node and script. */
  readonly argv: readonly string[];
  readonly address: BotAddress;
  readonly http: HttpClient;
  readonly stdout: { write(text: string): unknown };
  readonly stderr: { write(text: string): unknown };
  readonly isTty: boolean;
  /** False with `NO_COLOR`. */
  readonly colours: boolean;
  readonly width: number;
  readonly timezone: string;
  readonly now: EpochMs;
  /** Where it is there, what takes minutes is waited for. */
  readonly sleep?: (span: Ms) => Promise<void>;
  /** For help only. */
  readonly local: readonly LocalCommand[];
  /** Answers from files alone; `null` = this needs a running bot. */
  offline(call: OfflineCall, progress: ProgressView): Promise<Reply | null>;
  /** Asks the person at the terminal; `null` where nobody sits there. */
  readonly confirm: ((shown: string, question: string) => Promise<boolean>) | null;
  /** How far a long command is, on the error stream. */
  progress(): Promise<ProgressView>;
  readonly clock: Clock;
}

interface Answer {
  readonly command: string | null;
  readonly reply: Reply;
}

/** Runs one command line; resolves with the exit code. Never rejects for what a person typed. */
export async function runCli(deps: CliDeps): Promise<number> {
  const wantsJson = deps.argv.includes('--json');
  const { command, reply } = await answer(wordsOf(deps.argv), deps);
  if (wantsJson) deps.stdout.write(`${renderJson(reply)}\n`);
  else write(command, reply, deps);
  return exitCodeOf(reply, command);
}

/** `--json` and `-h` are the terminal's own words; `--version` is a habit. */
function wordsOf(argv: readonly string[]): readonly string[] {
  const words = argv.filter((word) => word !== '--json').map((word) => (word === '-h' ? '--help' : word));
  return words.length === 1 && words[0] === '--version' ? ['version'] : words;
}

async function answer(words: readonly string[], deps: CliDeps): Promise<Answer> {
  const parsed = parseCall({ words });
  switch (parsed.kind) {
    case 'invalid':
      return {
        command: null,
        reply: { ok: false, code: parsed.code, text: parsed.text, data: parsed.fault },
      };
    case 'help':
      return { command: 'help', reply: help(parsed.topic, deps.local) };
    case 'call': {
      const command = parsed.command.words.join(' ');
      if (command !== 'help') return { command, reply: await askSafely(command, parsed, deps) };
      return { command, reply: help(topicOf(parsed), deps.local) };
    }
  }
}

function topicOf(call: ParsedCall): readonly string[] {
  const { command } = call.options;
  return typeof command === 'string' ? command.split(/\s+/) : [];
}

/** The whole table gets what only this program has on top. */
function help(topic: readonly string[], local: readonly LocalCommand[]): Reply {
  const reply = helpOn(COMMAND_GROUPS, topic);
  if (!reply.ok) return localHelp(topic, local) ?? reply;
  if (topic.length > 0 || local.length === 0) return reply;
  const own = columns(local.map(({ command, summary }) => [`  ${command}`, summary]));
  return ok([USAGE, '', 'This program', ...own, '', reply.text].join('\n'), reply.data);
}

const USAGE = 'Usage: nightshift COMMAND [options] [--json]';

/** A broken file or a full disk is told like any failure: one line, its code, an exit code. */
async function askSafely(command: string, call: ParsedCall, deps: CliDeps): Promise<Reply> {
  try {
    if (needsYes(command, call)) return await askGuided(call, deps);
    const reply = await ask(command, call, deps);
    const { sleep } = deps;
    if (command !== 'drill run' || sleep === undefined) return reply;
    const status = (): Promise<Reply> => askWords('drill status', {}, deps);
    return await followDrill(reply, { status, sleep, tell: (line) => deps.stderr.write(`${line}\n`) });
  } catch (cause) {
    if (!isOpsError(cause)) throw cause;
    return failed(`${cause.code}: ${cause.message}`, { reason: cause.code, ...cause.context });
  }
}

/** The sequence of a restore, step by step, with a question between two of them. */
function askGuided(call: ParsedCall, deps: CliDeps): Promise<Reply> {
  const run = (words: string, options: Readonly<Record<string, unknown>>): Promise<Reply> =>
    askWords(words, options, deps);
  return guidedRestore(call, { run, confirm: deps.argv.includes('--json') ? null : deps.confirm });
}

async function askWords(
  words: string,
  options: Readonly<Record<string, unknown>>,
  deps: CliDeps,
): Promise<Reply> {
  const parsed = parseCall({ command: words, options, dryRun: false });
  if (parsed.kind !== 'call') return failed(`${words} could not be asked.`);
  return ask(words, parsed, deps);
}

async function ask(command: string, call: ParsedCall, deps: CliDeps): Promise<Reply> {
  const progress = call.command.slow === true ? await deps.progress() : NO_PROGRESS;
  const offline = (): Promise<Reply | null> =>
    deps
      .offline({ command, options: call.given, dryRun: call.dryRun }, progress)
      .finally(() => progress.end());
  if (FILES_FIRST.has(command) && call.given['stop'] === undefined) {
    const fromFiles = await offline();
    if (fromFiles !== null) return fromFiles;
  }
  const remote = { command, options: call.given, dryRun: call.dryRun };
  const asked = await askBot(remote, deps.address, { ...deps, progress, slow: call.command.slow === true });
  progress.end();
  if (asked.kind === 'answered') return asked.reply;
  return (await offline()) ?? notRunning(command, asked.tried);
}

function notRunning(command: string, tried: readonly string[]): Reply {
  const where = tried.length === 0 ? '' : ` (tried ${tried.join(', ')})`;
  const text = `No bot is running here${where}, and ${command} needs one. Start it with "nightshift start".`;
  return failed(text, { reason: 'NOT_RUNNING', tried });
}

function write(command: string | null, reply: Reply, deps: CliDeps): void {
  const { isTty, colours, width, timezone, now } = deps;
  const time = (iso: string): string => {
    const at = fromIso(iso);
    return at === undefined ? iso : localTime(at, timezone, now);
  };
  const text = renderReply(command, reply, { isTty, colours, width, time });
  (reply.ok ? deps.stdout : deps.stderr).write(`${text}\n`);
}
