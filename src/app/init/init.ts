/**
 * `nightshift init`: configuration, `.env` and a systemd unit for a folder. On a terminal it asks; with flags it does
 * not. What is there is never overwritten without a yes or `--force`, so that running it again is harmless.
 */
import { userInfo } from 'node:os';
import { join, resolve } from 'node:path';
import { renderJson } from '../../bot/cli/render.ts';
import { describeError } from '../../domain/errors.ts';
import { loadConfig } from '../config.ts';
import { type Answers, type InitFlags, readInitFlags } from './answers.ts';
import { askAnswers, askReplace } from './ask.ts';
import { configTexts } from './config-texts.ts';
import { type Placed, placeFiles } from './place-files.ts';
import { systemdUnit } from './systemd-unit.ts';

const USAGE = `Usage: nightshift init [options]
  --dir DIR              the folder; default: this one
  --yes                  ask nothing and take the defaults
  --mode MODE            dry-run (watch and propose) or production
  --timezone ZONE        such as Europe/Berlin; default: the zone of the host
  --service UNIT         a systemd unit that may be restarted; or NAME=http://… to be watched; may be repeated
  --slack-channel ID     where Slack cards go
  --discord-channel ID   where Discord cards go
  --force                replace files that are there (kept as .bak); a value in .env never
  --json                 one JSON document
Exit codes: 0 done, 1 failed or given up, 2 bad usage or a configuration with faults.
Example: nightshift init --yes --service nginx --service shop=http://127.0.0.1:3000/health
`;
/** The folder of the package: the same from the source and from dist/. */
const ROOT = resolve(import.meta.dirname, '../../..');
const DEFAULTS: Answers = { mode: 'dry-run', timezone: null, services: [], variables: {} };

/** Resolves with the exit code. */
export async function init(
  argv: readonly string[],
  stdout: Pick<NodeJS.WriteStream, 'write' | 'isTTY'> = process.stdout,
): Promise<number> {
  if (argv.includes('--help') || argv.includes('-h')) {
    stdout.write(USAGE);
    return 0;
  }
  const read = readInitFlags(argv);
  if (read.kind === 'bad') return complain(`${read.text}\n${USAGE}`, 2);
  const { flags } = read;
  const isAttended = stdout.isTTY === true && process.stdin.isTTY === true && !flags.yes && !flags.json;
  if (!isAttended && !flags.yes && Object.keys(flags.answers).length === 0) {
    return complain(`There is no terminal to ask at: give --yes or answers as flags.\n${USAGE}`, 2);
  }
  const answers = isAttended ? await askAnswers(flags.answers) : { ...DEFAULTS, ...flags.answers };
  if (answers === null) return complain('Given up; nothing was written.', 1);
  try {
    return await write(flags, answers, isAttended, stdout);
  } catch (cause) {
    return complain(`The files could not be written: ${describeError(cause)}`, 1);
  }
}

async function write(
  flags: InitFlags,
  answers: Answers,
  isAttended: boolean,
  stdout: Pick<NodeJS.WriteStream, 'write'>,
): Promise<number> {
  const folder = resolve(flags.folder);
  const files = new Map([...(await configTexts(join(ROOT, 'configs'), answers)), unitOf(folder)]);
  const mayReplace = async (path: string): Promise<boolean> =>
    flags.force || (isAttended && (await askReplace(path)));
  const placed = await placeFiles(folder, files, answers.variables, mayReplace);
  const result = await loadConfig(join(folder, 'configs'));
  const faults = result.kind === 'invalid' ? result.faults : [];
  const text = [...placedLines(placed), ...faults, ...nextSteps(folder)].join('\n');
  const isGood = faults.length === 0;
  const reply = {
    ok: isGood,
    code: isGood ? 'OK' : 'FAILED',
    text,
    data: { folder, ...placed, faults },
  } as const;
  stdout.write(`${flags.json ? renderJson(reply) : text}\n`);
  return isGood ? 0 : 2;
}

function unitOf(folder: string): readonly [string, string] {
  const { username, uid } = userInfo();
  const unit = systemdUnit({
    folder,
    node: process.execPath,
    main: join(ROOT, 'dist/main.js'),
    user: uid === 0 ? 'nightshift' : username,
  });
  return ['nightshift.service', unit];
}

function placedLines({ written, unchanged, left, kept }: Placed): readonly string[] {
  return [
    ['Written', written],
    ['Already so', unchanged],
    ['Left as they are (--force replaces them)', left],
    ['Values left in .env', kept],
  ].flatMap(([what, names]) => (names?.length === 0 ? [] : [`${what}: ${shortList(names)}`]));
}

/** The schemas go without saying. */
function shortList(names: string | readonly string[] | undefined): string {
  const shown = [names ?? []].flat().filter((name) => !name.startsWith('configs/schema/'));
  return shown.length === 0 ? 'the schemas' : shown.join(', ');
}

function nextSteps(folder: string): readonly string[] {
  const unit = join(folder, 'nightshift.service');
  return [
    `Next, in ${folder}:`,
    '  nightshift doctor      what is missing, and how to mend it',
    '  nightshift start       prints a link to the console',
    '  nano .env              tokens for Slack, Discord or mail, where they are wanted',
    '  nightshift mode production --for 8h   when it may act',
    `As a service: read ${unit} (its User must exist and own data/), then`,
    `  sudo cp ${unit} /etc/systemd/system/ && sudo systemctl enable --now nightshift`,
  ];
}

function complain(text: string, code: number): number {
  process.stderr.write(`${text}\n`);
  return code;
}
