/** Appends to an audit log as fast as it can and prints each acknowledged sequence; made to be killed. */
import { createAuditLog } from '../../../src/healing/audit-log.ts';
import { createSystemClock } from '../../../src/platform/clock.ts';
import { createMemoryLogger } from '../memory-ports.ts';

const audit = await createAuditLog({
  folder: process.argv[2] ?? '',
  clock: createSystemClock(),
  log: createMemoryLogger(),
  redact: (text) => text,
  retentionDays: 90,
});
const text = 'restart rpa-worker '.repeat(20);
async function write(): Promise<void> {
  for (;;) {
    const { seq } = await audit.append({ kind: 'intent', actor: 'nightshift', text });
    process.stdout.write(`${seq}\n`);
  }
}
await Promise.all([write(), write(), write()]);
