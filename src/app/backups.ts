/** The backup room of a running bot. */
import { type Backup, createBackup } from '../backup/backup.ts';
import { loadConfig } from './config.ts';
import type { Built } from './rooms.ts';
import { version } from './version.ts';

export function createBackups(built: Built): Backup {
  const { env, live } = built;
  return createBackup({
    ...built,
    config: live.room('backup'),
    host: env.hostname,
    version: version(),
    configFolder: env.configFolder,
    dataFolder: env.dataFolder,
    checkConfig: faultsIn,
    isBotRunning: true,
    async onRestored(sections) {
      if (sections.includes('config')) await live.reload(false);
    },
  });
}

/** What is wrong with the configuration files of a folder. */
export async function faultsIn(folder: string): Promise<readonly string[]> {
  const result = await loadConfig(folder);
  return result.kind === 'invalid' ? result.faults : [];
}
