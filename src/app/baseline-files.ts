/**
 * Baselines at a terminal where no bot runs: learnt from the stored roll-ups, a CSV or Prometheus, and kept where the
 * next start finds them. Under the lock of the data folder, so that no bot starts meanwhile.
 */
import { join } from 'node:path';
import type { OfflineCall } from '../bot/cli/cli.ts';
import type { Reply } from '../bot/commands/command.ts';
import { localActor } from '../bot/permissions.ts';
import { createCommandDesk } from '../bot/run.ts';
import type { OpsControls } from '../domain/controls.ts';
import { OpsError } from '../domain/errors.ts';
import type { AuditLog, Clock, Logger } from '../domain/ports.ts';
import type { BaselineDesk } from '../domain/tuning.ts';
import { hours } from '../domain/units.ts';
import { createAuditLog } from '../healing/audit-log.ts';
import { createBaselineBook } from '../monitor/baseline-book.ts';
import { createBaselineDesk } from '../monitor/baseline-desk.ts';
import { createNormals } from '../monitor/normals.ts';
import { openStoredHistory } from '../monitor/stored-history.ts';
import { createHttpClient } from '../platform/http-client.ts';
import { localTime } from '../platform/local-time.ts';
import { createLogger } from '../platform/logger.ts';
import { createRedactor } from '../platform/redact.ts';
import { createStateStore } from '../platform/state-store.ts';
import { type LoadedConfig, loadConfig } from './config.ts';
import type { Environment } from './environment.ts';
import { withDataFolder } from './file-lock.ts';

const AUDIT_DAYS = 90;
/** Ninety days of a slow Prometheus server may take a while. */
const TIME_LIMIT = hours(1);

export const BASELINE_FILE_COMMANDS: ReadonlySet<string> = new Set([
  'baseline show',
  'baseline collect',
  'baseline relearn',
]);

export async function baselineFromFiles(
  call: OfflineCall,
  env: Environment,
  timezone: string,
  clock: Clock,
): Promise<Reply> {
  const result = await loadConfig(env.configFolder);
  if (result.kind === 'invalid')
    throw new OpsError('CONFIG_INVALID', 'the configuration is not valid; see: nightshift config check');
  return withDataFolder(env, clock, () => answer(call, env, result.loaded, timezone, clock));
}

async function answer(
  call: OfflineCall,
  env: Environment,
  loaded: LoadedConfig,
  timezone: string,
  clock: Clock,
): Promise<Reply> {
  const redact = createRedactor(env.secrets);
  const log = createLogger({
    write: (line) => void process.stderr.write(`${line}\n`),
    redact,
    level: 'error',
    clock,
  });
  const audit = await createAuditLog({
    folder: join(env.dataFolder, 'audit'),
    retentionDays: AUDIT_DAYS,
    clock,
    log,
    redact,
  });
  try {
    const baselines = await deskOver({ env, loaded, timezone, clock, log, audit });
    const known: Partial<OpsControls> = { baselines, recordCommand: async () => {} };
    const controls = new Proxy(known, { get: (target, name) => Reflect.get(target, name) ?? needsBot });
    const desk = createCommandDesk({
      controls: controls as OpsControls,
      clock,
      log,
      timezone,
      redact,
      timeLimit: TIME_LIMIT,
    });
    return await desk.run(call, localActor('cli', loaded.config.bot));
  } finally {
    await audit.close();
  }
}

interface Parts {
  readonly env: Environment;
  readonly loaded: LoadedConfig;
  readonly timezone: string;
  readonly clock: Clock;
  readonly log: Logger;
  readonly audit: AuditLog;
}

async function deskOver({ env, loaded, timezone, clock, log, audit }: Parts): Promise<BaselineDesk> {
  const config = { current: () => loaded.config.monitor };
  const { rollups } = await openStoredHistory({ dataFolder: env.dataFolder, config, log });
  const book = createBaselineBook();
  await book.open(createStateStore({ folder: join(env.dataFolder, 'state'), clock, log }));
  const hourOf = (at: Parameters<typeof localTime>[0]): number => localTime(at, timezone).hour;
  const normals = createNormals({ config, rollups, book, hourOf, offsets: { current: () => null } });
  normals.learnAll(rollups.metrics(), { at: clock.now(), monotonic: clock.monotonic() });
  return createBaselineDesk({
    clock,
    audit,
    http: createHttpClient({ clock }),
    config,
    rollups,
    book,
    normals,
    hourOf,
  });
}

function needsBot(): never {
  throw new OpsError('NOT_RUNNING', 'this needs a running bot; start it with: nightshift start');
}
