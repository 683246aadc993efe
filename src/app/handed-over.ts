/**
 * Between two runs of the bot: puts the state in place that a restore handed over, before anything reads it. Killed
 * on the way, the next start takes the whole restore back.
 */
import { join } from 'node:path';
import type { HandedOver } from '../backup/restore-desk.ts';
import { readJournal } from '../backup/restore-journal.ts';
import { foldersOf } from '../backup/site.ts';
import { systemZone } from '../platform/local-time.ts';
import { acquireLock } from '../platform/lock.ts';
import { createProcessTable } from '../platform/process-identity.ts';
import { createServiceNotify } from '../platform/service-notify.ts';
import { openDoors } from './doors.ts';
import type { Environment } from './environment.ts';

/** @throws OpsError `DATA_LOCKED` when a bot runs on the folder. */
export async function finishHandedOver(env: Environment): Promise<HandedOver | null> {
  const journal = await readJournal(foldersOf(env).own);
  if (journal?.phase !== 'waiting' || !journal.handedOver) return null;
  const { openFiles } = await import('./backup-files.ts');
  const doors = await openDoors(env, env.secrets);
  const { clock, log, proc } = doors;
  const processes = createProcessTable({ proc });
  const file = join(env.dataFolder, 'nightshift.lock');
  const lock = await acquireLock({ file, host: env.hostname, clock, processes });
  try {
    const files = await openFiles(env, { timezone: env.timezone ?? systemZone(), clock, log });
    // A service manager that waits for a sign of life has it meanwhile.
    const notify = createServiceNotify({ manager: env.service, clock, log, commands: files.commands });
    await notify.start();
    try {
      return await files.backups.finishHandedOver();
    } finally {
      await notify.rest();
      await files.close();
    }
  } finally {
    await lock.release();
  }
}
