/**
 * Backup and restore at a terminal where no bot runs: on the files alone, with the lock of the data folder, so that
 * no bot starts meanwhile. It works with a damaged configuration too; that may be what is to be restored.
 */
import { join } from 'node:path';
import { type Backup, createBackup } from '../backup/backup.ts';
import { BackupConfig } from '../backup/config.ts';
import type { OfflineCall } from '../bot/cli/cli.ts';
import type { ProgressView } from '../bot/cli/progress.ts';
import type { Reply } from '../bot/commands/command.ts';
import { localActor } from '../bot/permissions.ts';
import { createCommandDesk } from '../bot/run.ts';
import type { OpsControls } from '../domain/controls.ts';
import { OpsError } from '../domain/errors.ts';
import type { AuditLog, Clock, CommandRunner, Logger } from '../domain/ports.ts';
import { hours } from '../domain/units.ts';
import { createAuditLog } from '../healing/audit-log.ts';
import { createLogger } from '../platform/logger.ts';
import { createRedactor } from '../platform/redact.ts';
import { createCommandRunner } from '../platform/run-command.ts';
import { faultsIn } from './backups.ts';
import { CONFIG_FILES, loadConfig } from './config.ts';
import { readConfigFile } from './config-file.ts';
import type { Environment } from './environment.ts';
import { withDataFolder } from './file-lock.ts';
import { version } from './version.ts';

const AUDIT_DAYS = 90;
/** Without a bot nothing is started or stopped but by the hooks of backup.json. */
const NO_WRITERS = { stop: async () => null, start: async () => null };
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
  'restore next',
  'restore abort',
  'restore rollback',
  'restore status',
]);

export async function backupFromFiles(
  call: OfflineCall,
  env: Environment,
  timezone: string,
  clock: Clock,
  progress: ProgressView,
): Promise<Reply> {
  return withDataFolder(env, clock, async () => {
    const stop = new AbortController();
    const onStop = (): void => stop.abort(new Error('stopped by a signal'));
    process.once('SIGINT', onStop).once('SIGTERM', onStop);
    try {
      return await answer(call, { env, timezone, clock, progress, signal: stop.signal });
    } finally {
      process.off('SIGINT', onStop).off('SIGTERM', onStop);
    }
  });
}

interface Asked {
  readonly env: Environment;
  readonly timezone: string;
  readonly clock: Clock;
  readonly progress: ProgressView;
  /** Ctrl-C: what was begun is given up, and nothing of it stays. */
  readonly signal: AbortSignal;
}

async function answer(call: OfflineCall, asked: Asked): Promise<Reply> {
  const { env, timezone, clock, progress, signal } = asked;
  const redact = createRedactor(env.secrets);
  const write = (line: string): void => void process.stderr.write(`${line}\n`);
  const log = createLogger({ write, redact, level: 'error', clock });
  const { backups, audit, close } = await openFiles(env, { timezone, clock, log });
  const desk = createCommandDesk({
    controls: controlsOver(backups, audit),
    clock,
    log,
    timezone,
    redact,
    timeLimit: TIME_LIMIT,
    onProgress: progress.show,
    signal,
  });
  try {
    if (call.command !== 'restore status') await backups.recover(true);
    const loaded = await loadConfig(env.configFolder);
    const people = loaded.kind === 'valid' ? loaded.loaded.config.bot : { people: [], groups: [] };
    return await desk.run(call, localActor('cli', people));
  } finally {
    await close();
  }
}

export interface BackupFiles {
  readonly backups: Backup;
  readonly audit: AuditLog;
  readonly commands: CommandRunner;
  close(): Promise<void>;
}

/** The backup room on the files alone. The lock of the data folder is the caller's. */
export async function openFiles(
  env: Environment,
  { timezone, clock, log }: { readonly timezone: string; readonly clock: Clock; readonly log: Logger },
): Promise<BackupFiles> {
  const redact = createRedactor(env.secrets);
  const commands = createCommandRunner({ clock, redact });
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
    commands,
    bus: null,
    gate: null,
    writers: NO_WRITERS,
    config: { current: () => config },
    host: env.hostname,
    version: version(),
    timezone,
    configFolder: env.configFolder,
    dataFolder: env.dataFolder,
    checkConfig: faultsIn,
    restart: null,
    onRestored: async () => {},
  });
  return {
    backups,
    audit,
    commands,
    async close() {
      await backups.stop();
      await audit.close();
    },
  };
}

function controlsOver(backups: Backup, audit: AuditLog): OpsControls {
  const known: Partial<OpsControls> = {
    backups,
    async recordCommand(command, by, result) {
      await audit.append({ kind: 'command', actor: `${by.surface}:${by.id}`, text: `${command}: ${result}` });
    },
  };
  return new Proxy(known, { get: (target, name) => Reflect.get(target, name) ?? needsBot }) as OpsControls;
}

/** The file as it is, or the defaults where it is lost or broken: a restore must not need what it restores. */
async function configOf(folder: string): Promise<BackupConfig> {
  const file = await readConfigFile(folder, CONFIG_FILES.backup, BackupConfig);
  return file.kind === 'valid' ? file.value : BackupConfig.parse({});
}

function needsBot(): never {
  throw new OpsError('NOT_RUNNING', 'this needs a running bot; start it with: nightshift start');
}
