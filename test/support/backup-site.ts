/** A host of its own for tests of the backup room: configs, data, a service's files, and the room over them. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Backup, createBackup } from '../../src/backup/backup.ts';
import { BackupConfig } from '../../src/backup/config.ts';
import type { BackupDeps } from '../../src/backup/site.ts';
import { createSystemClock } from '../../src/platform/clock.ts';
import { createCommandRunner } from '../../src/platform/run-command.ts';
import { createMemoryAudit, createMemoryLogger, live, type MemoryAudit } from './memory-ports.ts';

export interface BackupSite {
  readonly folder: string;
  readonly backups: string;
  readonly app: string;
  readonly audit: MemoryAudit;
  readonly deps: BackupDeps;
  readonly backup: Backup;
}

/** @param raw Laid over a configuration that backs up `configs`, `data/state` and `app`. */
export function backupSite(
  folder: string,
  raw: Record<string, unknown> = {},
  over: Partial<BackupDeps> = {},
): BackupSite {
  const app = join(folder, 'app');
  for (const place of ['configs', 'data/state', 'app']) mkdirSync(join(folder, place), { recursive: true });
  const clock = createSystemClock();
  const audit = createMemoryAudit();
  const deps: BackupDeps = {
    clock,
    log: createMemoryLogger(),
    audit,
    bus: null,
    commands: createCommandRunner({ clock, redact: (text) => text }),
    config: live(
      BackupConfig.parse({
        sections: { data: { include: [`${app}/**`], compression: 'gzip', gzipLevel: 1 } },
        ...raw,
      }),
    ),
    host: 'web-1',
    version: '0.1.0',
    timezone: 'UTC',
    configFolder: join(folder, 'configs'),
    dataFolder: join(folder, 'data'),
    checkConfig: async (configs) => {
      try {
        JSON.parse(readFileSync(join(configs, 'bot.json'), 'utf8'));
        return [];
      } catch (cause) {
        return [String(cause)];
      }
    },
    gate: null,
    writers: { stop: async () => null, start: async () => null },
    restart: null,
    onRestored: async () => {},
    ...over,
  };
  return { folder, app, audit, deps, backups: join(folder, 'data/backups'), backup: createBackup(deps) };
}

/** What a small host has. */
export function furnish(site: BackupSite): void {
  writeFileSync(join(site.folder, 'configs/bot.json'), '{\n  "mode": "dry-run"\n}\n');
  writeFileSync(join(site.folder, 'data/state/incidents.json'), '{"open":[]}\n');
  mkdirSync(join(site.app, 'sub'), { recursive: true });
  writeFileSync(join(site.app, 'a.txt'), 'first\nsecond\n');
  writeFileSync(join(site.app, 'sub/b.txt'), 'b\n');
}
