/**
 * `nightshift doctor`: everything that can be checked of an installation, each fault with the way to mend it. It
 * only looks, needs no bot and disturbs none. Exit 0 = nothing found, 1 = findings, 2 = the configuration is broken.
 */
import { runChecks } from '../../bot/checks.ts';
import { renderJson, renderReply } from '../../bot/cli/render.ts';
import type { Reply } from '../../bot/commands/command.ts';
import { askInvite } from '../../bot/discord/checks.ts';
import { counted } from '../../bot/figures.ts';
import type { DoctorAnswer, DoctorCheck } from '../../domain/doctor.ts';
import { assertNever } from '../../domain/errors.ts';
import { createSystemClock } from '../../platform/clock.ts';
import { createRedactor } from '../../platform/redact.ts';
import { type Environment, readEnvironment } from '../environment.ts';
import { surfaceOptions } from '../surface-options.ts';
import { surfaceChecks } from '../surfaces.ts';
import { fileChecks } from './file-checks.ts';
import { hostChecks } from './host-checks.ts';
import { serviceChecks } from './service-checks.ts';
import { readSubject, type Subject } from './subject.ts';

const USAGE = `Usage: nightshift doctor [--json]
Checks configuration, tokens and scopes, disk, clock, permissions, port, backups, mail, and says how to mend each fault.
It works with and without a running bot and changes nothing.
Exit codes: 0 nothing found, 1 findings, 2 the configuration is broken.
Example: nightshift doctor
`;
const DEFAULT_WIDTH = 100;

/** One line of the answer; `mend` only for a finding. */
interface Line {
  readonly name: string;
  readonly state: 'ok' | 'finding' | 'skipped';
  readonly text: string;
  readonly mend: string | null;
}

interface Diagnosis {
  readonly lines: readonly Line[];
  /** Invites the Discord bot with what it needs; `null` without Discord. */
  readonly invite: string | null;
  readonly isConfigBroken: boolean;
}

/** Resolves with the exit code. */
export async function doctor(
  argv: readonly string[],
  env: Environment = readEnvironment(),
  stdout: Pick<NodeJS.WriteStream, 'write' | 'isTTY' | 'columns'> = process.stdout,
  overrides: Partial<Subject> = {},
): Promise<number> {
  if (argv.includes('--help') || argv.includes('-h')) {
    stdout.write(USAGE);
    return 0;
  }
  const unknown = argv.find((word) => word !== '--json');
  if (unknown !== undefined) {
    process.stderr.write(`doctor knows no "${unknown}".\n${USAGE}`);
    return 2;
  }
  const diagnosis = await diagnose(env, process.cwd(), overrides);
  stdout.write(`${show(diagnosis, argv.includes('--json'), env, stdout)}\n`);
  if (diagnosis.isConfigBroken) return 2;
  return diagnosis.lines.some(({ state }) => state === 'finding') ? 1 : 0;
}

/** Looks at everything at once, each under its own deadline. Changes nothing. */
export async function diagnose(
  env: Environment,
  workingFolder: string,
  overrides: Partial<Subject> = {},
): Promise<Diagnosis> {
  const clock = createSystemClock();
  const subject = { ...(await readSubject(env, workingFolder, clock)), ...overrides };
  const checks: readonly DoctorCheck[] = [
    ...hostChecks(subject),
    ...fileChecks(subject),
    ...serviceChecks(subject),
    ...surfaceChecks(env, subject.bot, subject),
  ];
  const [checked, invite] = await Promise.all([runChecks(checks, clock), inviteOf(subject)]);
  const redact = createRedactor(env.secrets);
  return {
    lines: [...configLines(subject), ...checked.map(({ name, answer }) => lineOf(name, answer, redact))],
    invite,
    isConfigBroken: subject.faults.length > 0,
  };
}

/** All faults at once, each on a line of its own. */
function configLines({ faults, env }: Subject): readonly Line[] {
  if (faults.length === 0) {
    const text = `All files of ${env.configFolder} are valid.`;
    return [{ name: 'config', state: 'ok', text, mend: null }];
  }
  const mend = 'Mend it there, then run: nightshift config check';
  return faults.map((text) => ({ name: 'config', state: 'finding', text: `${text}.`, mend }));
}

async function inviteOf({ env, bot, http }: Subject): Promise<string | null> {
  const { discord } = surfaceOptions(env, bot);
  return discord === null ? null : askInvite(discord, http);
}

/** What services say about themselves may repeat a secret. */
function lineOf(name: string, answer: DoctorAnswer, redact: (text: string) => string): Line {
  const text = redact(answer.text);
  switch (answer.kind) {
    case 'ok':
    case 'skipped':
      return { name, state: answer.kind, text, mend: null };
    case 'finding':
      return { name, state: 'finding', text, mend: redact(answer.mend) };
    default:
      return assertNever(answer);
  }
}

function show(
  { lines, invite, isConfigBroken }: Diagnosis,
  isJson: boolean,
  { colours }: Environment,
  { isTTY, columns }: Pick<NodeJS.WriteStream, 'isTTY' | 'columns'>,
): string {
  const count = lines.filter(({ state }) => state === 'finding').length;
  const summary = count === 0 ? 'Nothing found.' : `${counted(count, 'finding')}.`;
  const link = invite === null ? [] : [`Discord invite link: ${invite}`];
  const text = [...lines.map(plainLine), ...link, summary].join('\n');
  const data = { findings: count, checks: lines, invite, isConfigBroken };
  const reply: Reply = { ok: count === 0, code: count === 0 ? 'OK' : 'FAILED', text, data };
  if (isJson) return renderJson(reply);
  const width = columns || DEFAULT_WIDTH;
  const shown = renderReply('doctor', reply, { isTty: isTTY === true, colours, width, time: (iso) => iso });
  return isTTY === true ? [shown, '', ...mendLines(lines), ...link, summary].join('\n') : shown;
}

/** Whole lines below the table, so that a command can be copied. */
function mendLines(lines: readonly Line[]): readonly string[] {
  return lines.flatMap(({ name, mend }) => (mend === null ? [] : [`${name}: ${mend}`]));
}

function plainLine({ name, state, text, mend }: Line): string {
  return `${state}  ${name}: ${mend === null ? text : `${text} ${mend}`}`;
}
