/**
 * Backup and restore at a terminal where no bot runs: on the files alone, with the lock of the data folder, so that
 * no bot starts meanwhile. It works with a damaged configuration too; that may be what is to be restored.
 */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { createBackup } from '../backup/backup.ts';
import { BackupConfig } from '../backup/config.ts';
import type { OfflineCall } from '../bot/cli/cli.ts';
import type { Reply } from '../bot/commands/command.ts';
import { refused } from '../bot/commands/replies.ts';
import { localActor } from '../bot/permissions.ts';
import { createCommandDesk } from '../bot/run.ts';
import type { OpsControls } from '../domain/controls.ts';
import { isOpsError, OpsError } from '../domain/errors.ts';
import type { Clock } from '../domain/ports.ts';
import { hours } from '../domain/units.ts';
import { createAuditLog } from '../healing/audit-log.ts';
import { acquireLock } from '../platform/lock.ts';
import { createLogger } from '../platform/logger.ts';
import { createProcReader } from '../platform/proc.ts';
import { createProcessTable } from '../platform/process-identity.ts';
import { createRedactor } from '../platform/redact.ts';
import { createCommandRunner } from '../platform/run-command.ts';
import { faultsIn } from './backups.ts';
import { CONFIG_FILES, loadConfig } from './config.ts';
import { readConfigFile } from './config-file.ts';
import type { Environment } from './environment.ts';
import { version } from './version.ts';

const AUDIT_DAYS = 90;
/** A person at a terminal sees what happens and may end it. */
const TIME_LIMIT = hours(24);

export const BACKUP_FILE_COMMANDS: ReadonlySet<string> = new Set([
  'backup now',
  'backup list',
  'backup show',
  'backup verify',
  'backup drill',
  'backup prune',
  'backup replicate',
  'restore preview',
  'restore start',
  'restore rollback',
  'restore status',
]);

export async function backupFromFiles(
  call: OfflineCall,
  env: Environment,
  timezone: string,
  clock: Clock,
): Promise<Reply> {
  await mkdir(env.dataFolder, { recursive: true, mode: 0o700 });
  const processes = createProcessTable({ proc: createProcReader() });
  const file = join(env.dataFolder, 'nightshift.lock');
  try {
    const lock = await acquireLock({ file, host: env.hostname, clock, processes });
    return await answer(call, env, timezone, clock).finally(() => lock.release());
  } catch (cause) {
    if (isOpsError(cause, 'DATA_LOCKED')) return refused(cause.message, { reason: cause.code });
    throw cause;
  }
}

async function answer(call: OfflineCall, env: Environment, timezone: string, clock: Clock): Promise<Reply> {
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
  const config = await configOf(env.configFolder);
  const backups = createBackup({
    clock,
    log,
    audit,
    bus: null,
    commands: createCommandRunner({ clock, redact }),
    config: { current: () => config },
    host: env.hostname,
    version: version(),
    timezone,
    configFolder: env.configFolder,
    dataFolder: env.dataFolder,
    checkConfig: faultsIn,
    isBotRunning: false,
    onRestored: async () => {},
  });
  const known: Partial<OpsControls> = {
    backups,
    async recordCommand(command, by, result) {
      await audit.append({ kind: 'command', actor: `${by.surface}:${by.id}`, text: `${command}: ${result}` });
    },
  };
  const controls = new Proxy(known, { get: (target, name) => Reflect.get(target, name) ?? needsBot });
  const desk = createCommandDesk({
    controls: controls as OpsControls,
    clock,
    log,
    timezone,
    redact,
    timeLimit: TIME_LIMIT,
  });
  try {
    if (call.command !== 'restore status') await backups.recover();
    const loaded = await loadConfig(env.configFolder);
    const people = loaded.kind === 'valid' ? loaded.loaded.config.bot : { people: [], groups: [] };
    return await desk.run(call, localActor('cli', people));
  } finally {
    await audit.close();
  }
}

/** The file as it is, or the defaults where it is lost or broken: a restore must not need what it restores. */
async function configOf(folder: string): Promise<BackupConfig> {
  const file = await readConfigFile(folder, CONFIG_FILES.backup, BackupConfig);
  return file.kind === 'valid' ? file.value : BackupConfig.parse({});
}

function needsBot(): never {
  throw new OpsError('NOT_RUNNING', 'this needs a running bot; start it with: nightshift start');
}
