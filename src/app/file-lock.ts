/** The lock that a command takes when no bot runs, so that it and a bot never write to one data folder at once. */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Reply } from '../bot/commands/command.ts';
import { refused } from '../bot/commands/replies.ts';
import { isOpsError } from '../domain/errors.ts';
import type { Clock } from '../domain/ports.ts';
import { acquireLock } from '../platform/lock.ts';
import { createProcReader } from '../platform/proc.ts';
import { createProcessTable } from '../platform/process-identity.ts';
import type { Environment } from './environment.ts';

/** Runs `work` while the data folder is ours; a refusal that names the holder where it is another's. */
export async function withDataFolder(
  { dataFolder, hostname }: Environment,
  clock: Clock,
  work: () => Promise<Reply>,
): Promise<Reply> {
  await mkdir(dataFolder, { recursive: true, mode: 0o700 });
  const processes = createProcessTable({ proc: createProcReader() });
  const file = join(dataFolder, 'nightshift.lock');
  try {
    const lock = await acquireLock({ file, host: hostname, clock, processes });
    return await work().finally(() => lock.release());
  } catch (cause) {
    if (isOpsError(cause, 'DATA_LOCKED')) return refused(cause.message, { reason: cause.code });
    throw cause;
  }
}
