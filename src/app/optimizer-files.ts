/**
 * The optimizer at a terminal where no bot runs: it learns from the history on disk, keeps what is accepted and the
 * budgets that are set, under the lock of the data folder. Queues and targets are left to a running bot.
 */
import { availableParallelism, totalmem } from 'node:os';
import { join } from 'node:path';
import type { OfflineCall } from '../bot/cli/cli.ts';
import type { Reply } from '../bot/commands/command.ts';
import { failed } from '../bot/commands/replies.ts';
import { localActor } from '../bot/permissions.ts';
import { createCommandDesk } from '../bot/run.ts';
import type { OpsControls } from '../domain/controls.ts';
import { OpsError } from '../domain/errors.ts';
import type { AuditLog, Clock, Logger, StateStore } from '../domain/ports.ts';
import type { QueueBrake, TargetThrottle } from '../domain/throttle.ts';
import { type EpochMs, fromIso, seconds } from '../domain/units.ts';
import { createAuditLog } from '../healing/audit-log.ts';
import { allTargets } from '../healing/targets/registry.ts';
import { createHostCollector } from '../monitor/collectors/host.ts';
import { openStoredHistory } from '../monitor/stored-history.ts';
import { createOptimizer, type Optimizer } from '../optimizer/optimizer.ts';
import { weekHour } from '../optimizer/week.ts';
import { localTime } from '../platform/local-time.ts';
import { createLogger } from '../platform/logger.ts';
import { createProcReader } from '../platform/proc.ts';
import { createRedactor } from '../platform/redact.ts';
import { createStateStore } from '../platform/state-store.ts';
import { type LoadedConfig, loadConfig } from './config.ts';
import type { Config } from './config-shape.ts';
import type { Environment } from './environment.ts';
import { withDataFolder } from './file-lock.ts';
import { loadHistory } from './load-history.ts';
import { withBotMessages } from './message-budget.ts';

const AUDIT_DAYS = 90;
/** Between the two looks that a share of the processor needs. */
const LOOK = seconds(1);

export const OPTIMIZER_FILE_COMMANDS: ReadonlySet<string> = new Set([
  'budget show',
  'budget set',
  'budget reset',
  'optimize status',
  'optimize run',
  'optimize accept',
  'optimize reject',
]);

export async function optimizeFromFiles(
  call: OfflineCall,
  env: Environment,
  timezone: string,
  clock: Clock,
): Promise<Reply> {
  const result = await loadConfig(env.configFolder);
  if (result.kind === 'invalid') {
    const reason = 'CONFIG_INVALID';
    return {
      ...failed(`The configuration is not valid.\n${result.faults.join('\n')}`, { reason }),
      code: 'BAD_OPTION',
    };
  }
  const here: Here = { env, clock, timezone, loaded: result.loaded };
  return withDataFolder(env, clock, () => answer(call, here));
}

interface Here {
  readonly env: Environment;
  readonly clock: Clock;
  readonly timezone: string;
  readonly loaded: LoadedConfig;
}

async function answer(call: OfflineCall, here: Here): Promise<Reply> {
  const { env, clock, timezone, loaded } = here;
  const redact = createRedactor(env.secrets);
  const log = createLogger({
    write: (line) => void process.stderr.write(`${line}\n`),
    redact,
    level: 'error',
    clock,
  });
  const folder = join(env.dataFolder, 'audit');
  const audit = await createAuditLog({ folder, retentionDays: AUDIT_DAYS, clock, log, redact });
  try {
    const optimizer = await openOptimizer(here, audit, log);
    const known: Partial<OpsControls> = {
      optimizer,
      async recordCommand(command, by, text) {
        await audit.append({ kind: 'command', actor: `${by.surface}:${by.id}`, text: `${command}: ${text}` });
      },
    };
    const controls = new Proxy(known, { get: (target, name) => Reflect.get(target, name) ?? needsBot });
    const desk = createCommandDesk({ controls: controls as OpsControls, clock, log, timezone, redact });
    return await desk.run(call, localActor('cli', loaded.config.bot));
  } finally {
    await audit.close();
  }
}

/** Over the stored history, with one fresh look at the host for the budgets. */
async function openOptimizer(here: Here, audit: AuditLog, log: Logger): Promise<Optimizer> {
  const { env, clock, timezone } = here;
  const { config } = here.loaded;
  const live = { current: () => config.monitor };
  const { rollups } = await openStoredHistory({ dataFolder: env.dataFolder, config: live, log });
  const states = createStateStore({ folder: join(env.dataFolder, 'state'), clock, log });
  const frozen = await isFrozen(states, clock.now());
  const optimizer = createOptimizer({
    clock,
    log,
    audit,
    states,
    bus: { publish: () => {} },
    config: { current: () => withBotMessages(config) },
    history: loadHistory({
      rollups: () => rollups,
      config: live,
      clock,
      timezone,
    }),
    queues: NO_QUEUES,
    targets: NO_TARGETS,
    throttles: false,
    targetNames: () => targetNames(config),
    size: { cores: availableParallelism(), memoryBytes: totalmem() },
    interval: () => config.monitor.interval,
    configuredSigmas: () => config.monitor.baseline.sigmas,
    hourOfWeek: (at) => {
      const { weekday, hour } = localTime(at, timezone);
      return weekHour(weekday, hour);
    },
    isProduction: () => false,
    isFrozen: () => frozen,
    leaveAlone: () => null,
    messages: () => null,
  });
  await optimizer.start();
  await lookAtHost(optimizer, clock);
  return optimizer;
}

async function lookAtHost(optimizer: Optimizer, clock: Clock): Promise<void> {
  const proc = createProcReader();
  const collector = createHostCollector(proc);
  await collector.collect({ at: clock.now(), monotonic: clock.monotonic() }, clock.deadline(LOOK));
  await clock.sleep(LOOK);
  const [at, monotonic] = [clock.now(), clock.monotonic()];
  const readings = await collector.collect({ at, monotonic }, clock.deadline(LOOK));
  proc.close();
  optimizer.take({ at, monotonic, samples: readings.map(({ metric, value }) => ({ metric, at, value })) });
}

/** A freeze holds from every door, also where no bot runs. */
async function isFrozen(states: StateStore, now: EpochMs): Promise<boolean> {
  const { document } = await states.open<unknown>('healing-switches', (data) => data, {});
  const { freeze } = (document.value ?? {}) as {
    readonly freeze?: { scope?: string; until?: string } | null;
  };
  const until = fromIso(freeze?.until ?? '');
  return until !== undefined && until > now && freeze?.scope !== 'healing';
}

function targetNames(config: Config): readonly string[] {
  return allTargets(config.targets, config.workers.workers).map(({ name }) => name);
}

const NO_QUEUES: QueueBrake = {
  load: async () => ({ batch: 0, others: 0 }),
  isHeld: async () => false,
  describe: () => 'no task queue runs here',
  hold: async () => [],
};

const NO_TARGETS: TargetThrottle = {
  targets: () => [],
  clearable: () => [],
  slow: async () => ({ kind: 'cannot', reason: 'no bot runs' }),
  clearCache: async () => ({ kind: 'cannot', reason: 'no bot runs' }),
  holds: () => true,
  apply: async () => ({ kind: 'failed', reason: 'no bot runs' }),
  release: async () => ({ kind: 'failed', reason: 'no bot runs' }),
};

function needsBot(): never {
  throw new OpsError('NOT_RUNNING', 'this needs a running bot; start it with: nightshift start');
}
