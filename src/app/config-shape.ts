/** The whole configuration: one part a room. */
import type { BackupConfig } from '../backup/config.ts';
import type { BotConfig } from '../bot/config.ts';
import type { HealingConfig } from '../healing/config.ts';
import type { TargetsConfig } from '../healing/targets-config.ts';
import type { WorkersConfig } from '../healing/workers-config.ts';
import type { MonitorConfig } from '../monitor/config.ts';
import type { OptimizerConfig } from '../optimizer/config.ts';

export interface Config {
  readonly bot: BotConfig;
  readonly monitor: MonitorConfig;
  readonly healing: HealingConfig;
  readonly targets: TargetsConfig;
  readonly workers: WorkersConfig;
  readonly backup: BackupConfig;
  readonly optimizer: OptimizerConfig;
}
