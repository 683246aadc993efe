/**
 * What the doctor looks at: the environment, what could be read of the configuration, and the doors to ask through.
 * A file that is broken is looked at by its defaults, so that one fault does not hide the others.
 */
import { BackupConfig } from '../../backup/config.ts';
import { BotConfig } from '../../bot/config.ts';
import type { DoctorAnswer } from '../../domain/doctor.ts';
import type { Clock, CommandRunner, HttpClient } from '../../domain/ports.ts';
import type { Bytes } from '../../domain/units.ts';
import { HealingConfig } from '../../healing/config.ts';
import { createHttpClient } from '../../platform/http-client.ts';
import { createRedactor } from '../../platform/redact.ts';
import { createCommandRunner } from '../../platform/run-command.ts';
import { CONFIG_FILES, loadConfig } from '../config.ts';
import { readConfigFile } from '../config-file.ts';
import type { Environment } from '../environment.ts';

export interface Subject {
  readonly env: Environment;
  /** Where `.env` is looked for. */
  readonly workingFolder: string;
  readonly bot: BotConfig;
  readonly backup: BackupConfig;
  readonly minFreeDisk: Bytes;
  /** `file: path: expected X, found Y`; not empty = the bot does not start. */
  readonly faults: readonly string[];
  readonly clock: Clock;
  readonly http: HttpClient;
  readonly commands: CommandRunner;
}

/** Reads, changes nothing. */
export async function readSubject(env: Environment, workingFolder: string, clock: Clock): Promise<Subject> {
  const [loaded, bot, backup, healing] = await Promise.all([
    loadConfig(env.configFolder),
    readConfigFile(env.configFolder, CONFIG_FILES.bot, BotConfig),
    readConfigFile(env.configFolder, CONFIG_FILES.backup, BackupConfig),
    readConfigFile(env.configFolder, CONFIG_FILES.healing, HealingConfig),
  ]);
  const limits = healing.kind === 'valid' ? healing.value : HealingConfig.parse({});
  return {
    env,
    workingFolder,
    bot: bot.kind === 'valid' ? bot.value : BotConfig.parse({}),
    backup: backup.kind === 'valid' ? backup.value : BackupConfig.parse({}),
    minFreeDisk: limits.limits.selfProtection.minFreeDisk,
    faults: [...env.faults, ...(loaded.kind === 'invalid' ? loaded.faults : [])],
    clock,
    http: createHttpClient({ clock }),
    commands: createCommandRunner({ clock, redact: createRedactor(env.secrets) }),
  };
}

export function ok(text: string): DoctorAnswer {
  return { kind: 'ok', text };
}

export function finding(text: string, mend: string): DoctorAnswer {
  return { kind: 'finding', text, mend };
}

export function skipped(text: string): DoctorAnswer {
  return { kind: 'skipped', text };
}
