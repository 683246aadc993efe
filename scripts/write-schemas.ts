/**
 * Writes configs/schema/*.schema.json from the zod schemas, so that editors complete and check the
 * configuration. A test compares what is committed with what this would write.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { CONFIG_FILES } from '../src/app/config.ts';
import { BackupConfig } from '../src/backup/config.ts';
import { BotConfig } from '../src/bot/config.ts';
import { HealingConfig } from '../src/healing/config.ts';
import { TargetsConfig } from '../src/healing/targets-config.ts';
import { WorkersConfig } from '../src/healing/workers-config.ts';
import { MonitorConfig } from '../src/monitor/config.ts';
import { OptimizerConfig } from '../src/optimizer/config.ts';

const SCHEMAS: Readonly<Record<keyof typeof CONFIG_FILES, z.ZodType>> = {
  bot: BotConfig,
  monitor: MonitorConfig,
  healing: HealingConfig,
  targets: TargetsConfig,
  workers: WorkersConfig,
  backup: BackupConfig,
  optimizer: OptimizerConfig,
};

/** File name under configs/schema → its text. */
export function schemaFiles(): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(CONFIG_FILES).map(([room, file]) => {
      const schema = z.toJSONSchema(SCHEMAS[room as keyof typeof CONFIG_FILES], {
        io: 'input',
        unrepresentable: 'any',
      });
      return [file.replace(/\.json$/, '.schema.json'), `${JSON.stringify(schema, null, 2)}\n`];
    }),
  );
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const folder = join(resolve(import.meta.dirname, '..'), 'configs/schema');
  mkdirSync(folder, { recursive: true });
  for (const [name, text] of Object.entries(schemaFiles())) writeFileSync(join(folder, name), text);
}
