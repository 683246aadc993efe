/**
 * What can be answered from files alone, where no bot runs: the audit log, the configuration, what each strategy
 * could do here. Everything else says that it needs a running bot.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { OpsControls, RungCheck, StrategyView } from '../domain/controls.ts';
import { OpsError } from '../domain/errors.ts';
import type { Live } from '../domain/ports.ts';
import type { WorkerChange, WorkerPool } from '../domain/worker.ts';
import { createActions } from '../healing/actions/index.ts';
import { readAudit, verifyAuditFolder } from '../healing/audit-read.ts';
import { checkRungs } from '../healing/engine/views.ts';
import type { QueueDoor } from '../healing/targets/queue.ts';
import { createTargets } from '../healing/targets/registry.ts';
import { createSystemClock } from '../platform/clock.ts';
import { createHttpClient } from '../platform/http-client.ts';
import { createLogger } from '../platform/logger.ts';
import { createProcReader } from '../platform/proc.ts';
import { createSystemRandom } from '../platform/random.ts';
import { createRedactor } from '../platform/redact.ts';
import { createCommandRunner } from '../platform/run-command.ts';
import { type LoadedConfig, loadConfig } from './config.ts';
import type { Config } from './config-shape.ts';
import type { Environment } from './environment.ts';
import { printableConfig } from './printable-config.ts';
import { createProgress, type Progress } from './progress.ts';
import { createReplayDesk } from './replay-desk.ts';
import { createReplayJob, type ReplayJob } from './replay-job.ts';
import { startReplay } from './replay-thread.ts';

/** The commands that need no bot. */
export const FILE_COMMANDS: ReadonlySet<string> = new Set([
  'audit tail',
  'audit search',
  'audit verify',
  'audit export',
  'config show',
  'config validate',
  'replay',
  'strategy validate',
  'whoami',
]);

/** `loaded: null` where the configuration is not valid: then only what does not need it works. */
export function createFileControls(
  env: Environment,
  loaded: LoadedConfig | null,
  timezone: string,
): OpsControls {
  const audit = join(env.dataFolder, 'audit');
  const valid = (): LoadedConfig => loaded ?? invalid();
  const known: Partial<OpsControls> = {
    audit: (query) => readAudit(audit, query),
    verifyAudit: () => verifyAuditFolder(audit),
    config: () => ({ hash: valid().hash, text: printableConfig(valid().config, env) }),
    async validateConfig() {
      const result = await loadConfig(env.configFolder);
      return { faults: [...env.faults, ...(result.kind === 'invalid' ? result.faults : [])] };
    },
    strategies: (): readonly StrategyView[] => [],
    validateStrategies: () => rungsOf(env, valid().config),
    replays: createReplayDesk({ env, timezone, current: valid, job: replaysHere() }),
    recordCommand: async () => {}, // reading files leaves no line in a log that another process may own
  };
  // The rest of the interface needs a bot; one answer serves them all.
  return new Proxy(known, {
    get: (target, name) => Reflect.get(target, name) ?? needsBot,
  }) as OpsControls;
}

/** At the terminal: a bar on a terminal, nothing elsewhere; the answer is waited for. */
function replaysHere(): ReplayJob {
  const clock = createSystemClock();
  return createReplayJob({
    clock,
    start(input, onProgress) {
      const bar = createProgress('rows', process.stderr, clock);
      const running = startReplay({ input, isPatient: false }, clock, (rows, of) => {
        onProgress(rows, of);
        void bar.then((shown) => shown.update(rows, of));
      });
      const summary = shownBeside(running.summary, bar);
      return { ...running, summary };
    },
  });
}

async function shownBeside<T>(work: Promise<T>, bar: Promise<Progress>): Promise<T> {
  try {
    return await work;
  } finally {
    (await bar).end();
  }
}

/** Every target is looked at once, under its own deadline, so that what it says is true now. */
async function rungsOf(env: Environment, config: Config): Promise<readonly RungCheck[]> {
  const clock = createSystemClock();
  const redact = createRedactor(env.secrets);
  const fixed = <T>(value: T): Live<T> => ({ current: () => value });
  const doors = {
    clock,
    log: createLogger({ write: () => {}, redact, level: 'error', clock }),
    http: createHttpClient({ clock }),
    commands: createCommandRunner({ clock, redact }),
    random: createSystemRandom(),
    host: env.hostname,
    pool: NO_WORKERS,
  };
  const proc = createProcReader();
  const targets = createTargets({
    ...doors,
    config: fixed(config.targets),
    workers: fixed(config.workers),
    redisUrl: env.redisUrl,
    queues: namedQueues(config),
    startOf: (pid) => proc.process(pid)?.startTicks ?? null,
  });
  const deps = { ...doors, targets, config: fixed(config.healing) };
  const actions = createActions({
    ...deps,
    snapshots: { take: needsBot },
    hasProgram: existsSync,
    githubToken: () => env.githubToken,
  });
  try {
    await targets.look();
    return checkRungs({ deps, actions });
  } finally {
    targets.stop();
  }
}

/** Which queues there are is configuration; what waits in them only a running bot can tell. */
function namedQueues({ targets }: Config): QueueDoor {
  return {
    names: () => targets.queues.map(({ name }) => name),
    readings: async () => [],
    redistribute: needsBot,
    setLimits: needsBot,
  };
}

const refused = async (): Promise<WorkerChange> => needsBot();
const NO_WORKERS: WorkerPool = {
  list: () => [],
  start: refused,
  stop: refused,
  restart: refused,
  scale: refused,
  logs: async () => undefined,
};

function needsBot(): never {
  throw new OpsError('NOT_RUNNING', 'this needs a running bot; start it with: nightshift start');
}

function invalid(): never {
  throw new OpsError('CONFIG_INVALID', 'the configuration is not valid; see: nightshift config check');
}
