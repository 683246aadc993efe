/**
 * `nightshift start`: from the command line to a clean exit.
 *
 * Exit 0 after SIGTERM or SIGINT, 1 when something failed, 2 when configuration, environment, port or data
 * folder do not allow a start. A second signal leaves at once.
 */
import { performance } from 'node:perf_hooks';
import { parseArgs } from 'node:util';
import type { DemoDesk } from '../bot/web/deps.ts';
import { describeError, isOpsError } from '../domain/errors.ts';
import { seconds } from '../domain/units.ts';
import { createAgain } from './again.ts';
import { type App, type ComposeOptions, compose } from './compose.ts';
import { type LoadedConfig, loadConfig } from './config.ts';
import { type Environment, readEnvironment } from './environment.ts';
import { finishHandedOver } from './handed-over.ts';
import type { StartOverrides } from './overrides.ts';
import { printableConfig } from './printable-config.ts';

/** Where this start comes from. */
export interface StartContext {
  readonly begunAfter: number;
  readonly demo?: DemoDesk;
}

interface Flags extends StartOverrides {
  readonly checkConfig: boolean;
  readonly printConfig: boolean;
}

type FlagsResult =
  | { readonly kind: 'flags'; readonly flags: Flags }
  | { readonly kind: 'bad'; readonly text: string };

const USAGE = `Usage: nightshift start [options]
  --production     act, instead of only proposing (the shipped default is dry-run)
  --dry-run        only propose, whatever the configuration says
  --interval N     seconds between samples, 1 to 3600
  --check-config   check all configuration files, then exit 0 or 2
  --print-config   print the configuration in force, secrets masked, then exit
Example: nightshift start --production --interval 10
`;

/** Runs the bot until a signal; resolves with the exit code. */
export async function start(
  argv: readonly string[],
  { begunAfter, demo }: StartContext,
  env: Environment = readEnvironment(),
): Promise<number> {
  if (argv.includes('--help')) return say(USAGE, 0);
  const parsed = readFlags(argv);
  if (parsed.kind === 'bad') return complain(`${parsed.text}\n${USAGE}`, 2);
  if (env.faults.length > 0) return complain(list(env.faults), 2);
  const result = await loadConfig(env.configFolder);
  if (result.kind === 'invalid') return complain(list(result.faults), 2);
  if (parsed.flags.checkConfig) return say(`All configuration files are valid (${env.configFolder}).\n`, 0);
  if (parsed.flags.printConfig) return say(`${printableConfig(result.loaded.config, env)}\n`, 0);
  return runUntilSignal(env, result.loaded, {
    ...parsed.flags,
    begunAfter,
    ...(demo === undefined ? {} : { demo }),
  });
}

async function runUntilSignal(
  env: Environment,
  loaded: LoadedConfig,
  options: Omit<ComposeOptions, 'again'>,
): Promise<number> {
  const signal = nextSignal();
  const running: { app?: App } = {};
  process.on('SIGHUP', () => running.app?.reload());
  try {
    for (let next: Next | null = { loaded, begunAfter: options.begunAfter }; next !== null; ) {
      next = await runOnce(env, next, options, running, signal);
    }
    return 0;
  } catch (cause) {
    const code = isOpsError(cause, 'PORT_IN_USE') || isOpsError(cause, 'DATA_LOCKED') ? 2 : 1;
    return complain(`${isOpsError(cause) ? `${cause.code}: ` : ''}${describeError(cause)}`, code);
  }
}

interface Next {
  readonly loaded: LoadedConfig;
  readonly begunAfter: number;
}

/** From a start to a stop. Gives the next run where one was asked for: a restore of the state needs nobody reading it. */
async function runOnce(
  env: Environment,
  { loaded, begunAfter }: Next,
  options: Omit<ComposeOptions, 'again'>,
  running: { app?: App },
  signal: Signal,
): Promise<Next | null> {
  const again = createAgain(await finishHandedOver(env));
  const app = await compose(env, loaded, { ...options, begunAfter, again });
  if (running.app === undefined) crashPolicy((reason) => (running.app ?? app).recordCrash(reason));
  running.app = app;
  await app.start();
  for (const line of app.greeting()) say(`${line}\n`, 0);
  await Promise.race([signal.given, again.asked]);
  await app.stop();
  if (signal.isGiven()) return null;
  const result = await loadConfig(env.configFolder);
  return { loaded: result.kind === 'valid' ? result.loaded : loaded, begunAfter: performance.now() };
}

interface Signal {
  readonly given: Promise<void>;
  isGiven(): boolean;
}

/** The first SIGTERM or SIGINT asks for a clean stop; the second leaves at once. */
function nextSignal(): Signal {
  let asked = false;
  const given = new Promise<void>((resolve) => {
    const onSignal = (): void => {
      if (asked) process.exit(130);
      asked = true;
      resolve();
    };
    process.on('SIGTERM', onSignal);
    process.on('SIGINT', onSignal);
  });
  return { given, isGiven: () => asked };
}

/** Nothing limps on: log, leave a line in the audit log, exit 1; what starts the bot again finds all state on disk. */
function crashPolicy(record: (reason: string) => Promise<void>): void {
  let crashing = false;
  const crash = (cause: unknown): void => {
    if (crashing) return;
    crashing = true;
    const leave = (): never => process.exit(1);
    record(describeError(cause)).then(leave, leave);
  };
  process.on('uncaughtException', crash);
  process.on('unhandledRejection', crash);
}

function readFlags(argv: readonly string[]): FlagsResult {
  try {
    const { values } = parseArgs({
      args: [...argv],
      options: {
        production: { type: 'boolean' },
        'dry-run': { type: 'boolean' },
        interval: { type: 'string' },
        'check-config': { type: 'boolean' },
        'print-config': { type: 'boolean' },
      },
    });
    const interval = values.interval === undefined ? null : Number(values.interval);
    if (interval !== null && !(interval >= 1 && interval <= 3_600)) {
      return { kind: 'bad', text: `--interval: expected seconds from 1 to 3600, found "${values.interval}"` };
    }
    if (values.production && values['dry-run']) {
      return { kind: 'bad', text: '--production and --dry-run: expected one of them, found both' };
    }
    const mode = values['dry-run'] ? 'dry-run' : values.production ? 'production' : null;
    return {
      kind: 'flags',
      flags: {
        mode,
        interval: interval === null ? null : seconds(interval),
        checkConfig: values['check-config'] === true,
        printConfig: values['print-config'] === true,
      },
    };
  } catch (cause) {
    return { kind: 'bad', text: describeError(cause) };
  }
}

function list(faults: readonly string[]): string {
  const count = faults.length === 1 ? 'One fault' : `${faults.length} faults`;
  return `CONFIG_INVALID: ${count} in the configuration; nothing was started.\n${faults.map((fault) => `  ${fault}`).join('\n')}`;
}

function say(text: string, code: number): number {
  process.stdout.write(text);
  return code;
}

function complain(text: string, code: number): number {
  process.stderr.write(`${text}\n`);
  return code;
}
