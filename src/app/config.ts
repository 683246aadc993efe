/**
 * The whole configuration: every room's file read, checked, joined, and the references between them resolved.
 *
 * All faults of all files are reported at once; on a reload either everything is valid or nothing changes.
 */
import { createHash } from 'node:crypto';
import { BackupConfig } from '../backup/config.ts';
import { BotConfig } from '../bot/config.ts';
import { HealingConfig } from '../healing/config.ts';
import { TargetsConfig } from '../healing/targets-config.ts';
import { WorkersConfig } from '../healing/workers-config.ts';
import { MonitorConfig } from '../monitor/config.ts';
import { OptimizerConfig } from '../optimizer/config.ts';
import { type FileResult, readConfigFile } from './config-file.ts';
import type { Config } from './config-shape.ts';
import { crossFaults } from './cross-checks.ts';

/** A valid configuration with the hash that the audit log and approvals know it by. */
export interface LoadedConfig {
  readonly config: Config;
  readonly hash: string;
}

export type ConfigResult =
  | { readonly kind: 'valid'; readonly loaded: LoadedConfig }
  | { readonly kind: 'invalid'; readonly faults: readonly string[] };

/** File name of each room's configuration. */
export const CONFIG_FILES = {
  bot: 'bot.json',
  monitor: 'anomaly_detection_config.json',
  healing: 'healing_strategies.json',
  targets: 'targets.json',
  workers: 'workers.json',
  backup: 'backup.json',
  optimizer: 'resource_budget.json',
} as const;

/** Reads all files of `folder`. Never throws for what a person wrote. */
export async function loadConfig(folder: string): Promise<ConfigResult> {
  const [bot, monitor, healing, targets, workers, backup, optimizer] = await Promise.all([
    readConfigFile(folder, CONFIG_FILES.bot, BotConfig),
    readConfigFile(folder, CONFIG_FILES.monitor, MonitorConfig),
    readConfigFile(folder, CONFIG_FILES.healing, HealingConfig),
    readConfigFile(folder, CONFIG_FILES.targets, TargetsConfig),
    readConfigFile(folder, CONFIG_FILES.workers, WorkersConfig),
    readConfigFile(folder, CONFIG_FILES.backup, BackupConfig),
    readConfigFile(folder, CONFIG_FILES.optimizer, OptimizerConfig),
  ]);
  const all: readonly FileResult<unknown>[] = [bot, monitor, healing, targets, workers, backup, optimizer];
  const faults = all.flatMap((file) => (file.kind === 'invalid' ? file.faults : []));
  if (
    bot.kind === 'invalid' ||
    monitor.kind === 'invalid' ||
    healing.kind === 'invalid' ||
    targets.kind === 'invalid' ||
    workers.kind === 'invalid' ||
    backup.kind === 'invalid' ||
    optimizer.kind === 'invalid'
  ) {
    return { kind: 'invalid', faults };
  }
  const config: Config = {
    bot: bot.value,
    monitor: monitor.value,
    healing: healing.value,
    targets: targets.value,
    workers: workers.value,
    backup: backup.value,
    optimizer: optimizer.value,
  };
  const crossed = crossFaults(config);
  if (crossed.length > 0) return { kind: 'invalid', faults: crossed };
  return { kind: 'valid', loaded: { config, hash: hashOf(config) } };
}

/** sha256 over the values in force, not over their spelling. */
function hashOf(config: Config): string {
  return createHash('sha256').update(JSON.stringify(config)).digest('hex');
}
