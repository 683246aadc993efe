/** `nightshift <command>`: the command table at a shell, over the running bot or, where it can, over files alone. */
import { join, resolve } from 'node:path';
import { type OfflineCall, runCli } from '../bot/cli/cli.ts';
import { createProgressView, type ProgressView } from '../bot/cli/progress.ts';
import type { Reply } from '../bot/commands/command.ts';
import { localActor } from '../bot/permissions.ts';
import { createCommandDesk } from '../bot/run.ts';
import type { Clock, Logger } from '../domain/ports.ts';
import { hours } from '../domain/units.ts';
import { createSystemClock } from '../platform/clock.ts';
import { createHttpClient } from '../platform/http-client.ts';
import { isZone, systemZone } from '../platform/local-time.ts';
import { readLock } from '../platform/lock.ts';
import { createLogger } from '../platform/logger.ts';
import { createProcReader } from '../platform/proc.ts';
import { createProcessTable } from '../platform/process-identity.ts';
import { createRedactor } from '../platform/redact.ts';
import { BACKUP_FILE_COMMANDS, backupFromFiles } from './backup-files.ts';
import { BASELINE_FILE_COMMANDS, baselineFromFiles } from './baseline-files.ts';
import { loadConfig } from './config.ts';
import type { FileDrills } from './drill/file-drills.ts';
import { type Environment, readEnvironment } from './environment.ts';
import { createFileControls, FILE_COMMANDS } from './file-controls.ts';
import { LOCAL_COMMANDS } from './local-commands.ts';
import { OPTIMIZER_FILE_COMMANDS, optimizeFromFiles } from './optimizer-files.ts';
import { keptToken } from './token.ts';
import { version } from './version.ts';

const DEFAULT_WIDTH = 100;

/** Runs one command line to its exit code. */
export async function terminal(
  argv: readonly string[],
  env: Environment = readEnvironment(),
): Promise<number> {
  const clock = createSystemClock();
  const http = createHttpClient({ clock });
  const offline = createOffline(env, clock);
  const zone = env.timezone !== null && isZone(env.timezone) ? env.timezone : systemZone();
  return runCli({
    argv: argv.length === 0 ? ['help'] : withAbsoluteInput(argv),
    address: await findBot(env),
    http,
    stdout: process.stdout,
    stderr: process.stderr,
    isTty: process.stdout.isTTY === true,
    colours: env.colours,
    width: process.stdout.columns ?? DEFAULT_WIDTH,
    timezone: zone,
    now: clock.now(),
    sleep: (span) => clock.sleep(span),
    local: LOCAL_COMMANDS,
    clock,
    confirm: process.stdin.isTTY === true && process.stdout.isTTY === true ? askPerson : null,
    progress: () => createProgressView(process.stderr, process.stderr.isTTY === true, clock),
    offline: (call, progress) => offline(call, zone, progress),
  });
}

/** A file is named from where the person stands; the bot may stand elsewhere. */
function withAbsoluteInput(argv: readonly string[]): readonly string[] {
  if (argv[0] !== 'baseline') return argv;
  return argv.map((word, index) => {
    if (argv[index - 1] === '--input') return resolve(word);
    return word.startsWith('--input=') ? `--input=${resolve(word.slice('--input='.length))}` : word;
  });
}

/** The terminal's own question; Ctrl-C means no. */
async function askPerson(shown: string, question: string): Promise<boolean> {
  const { confirm, isCancel } = await import('@clack/prompts');
  process.stdout.write(`${shown}\n`);
  const answer = await confirm({ message: question, initialValue: false });
  return !isCancel(answer) && answer;
}

/** Where the bot of this data folder listens, as its lock says. */
export async function findBot(env: Environment): Promise<{
  readonly lockUrl: string | null;
  readonly host: string;
  readonly port: number;
  readonly token: string | null;
}> {
  const processes = createProcessTable({ proc: createProcReader() });
  const lock = await readLock(join(env.dataFolder, 'nightshift.lock'), processes);
  const lockUrl = lock !== undefined && lock.liveness !== 'dead' ? lock.owner.url : null;
  return { lockUrl, host: env.host, port: env.port, token: await keptToken(env) };
}

/** A drill begun here is asked for again until it has ended, so its desk lives as long as this program. */
function createOffline(
  env: Environment,
  clock: Clock,
): (call: OfflineCall, timezone: string, progress: ProgressView) => Promise<Reply | null> {
  let drills: FileDrills | null = null;
  return async (call, timezone, progress) => {
    if (!call.command.startsWith('drill ')) return fromFiles(call, env, timezone, clock, progress);
    const { createFileDrills } = await import('./drill/file-drills.ts');
    drills ??= createFileDrills(env, timezone, clock);
    return drills.answer(call);
  };
}

async function fromFiles(
  call: OfflineCall,
  env: Environment,
  timezone: string,
  clock: Clock,
  progress: ProgressView,
): Promise<Reply | null> {
  if (call.command === 'version') {
    return { ok: true, code: 'OK', text: `Nightshift ${version()}`, data: { version: version() } };
  }
  if (BASELINE_FILE_COMMANDS.has(call.command)) return baselineFromFiles(call, env, timezone, clock);
  if (BACKUP_FILE_COMMANDS.has(call.command)) return backupFromFiles(call, env, timezone, clock, progress);
  if (OPTIMIZER_FILE_COMMANDS.has(call.command)) return optimizeFromFiles(call, env, timezone, clock);
  if (!FILE_COMMANDS.has(call.command)) return null;
  const result = await loadConfig(env.configFolder);
  const loaded = result.kind === 'valid' ? result.loaded : null;
  const redact = createRedactor(env.secrets);
  const log: Logger = createLogger({ write: () => {}, redact, level: 'error', clock });
  const controls = createFileControls(env, loaded, timezone);
  const desk = createCommandDesk({ controls, clock, log, timezone, redact, timeLimit: hours(1) });
  return desk.run(call, localActor('cli', loaded?.config.bot ?? { people: [], groups: [] }));
}
