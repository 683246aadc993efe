/** Tries to take a lock the moment it is told to, and prints what came of it; holds it until it is killed. */
import { createSystemClock } from '../../../src/platform/clock.ts';
import { acquireLock } from '../../../src/platform/lock.ts';
import { createProcReader } from '../../../src/platform/proc.ts';
import { createProcessTable } from '../../../src/platform/process-identity.ts';

process.stdout.write('ready\n');
process.stdin.once('data', async () => {
  try {
    await acquireLock({
      file: process.argv[2] ?? '',
      host: 'web-1',
      clock: createSystemClock(),
      processes: createProcessTable({ proc: createProcReader() }),
    });
    process.stdout.write('held\n');
  } catch (cause) {
    process.stdout.write(`${(cause as { code?: string }).code}\n`);
  }
});
