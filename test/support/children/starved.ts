/**
 * Runs inside a control group that allows no further process, and prints how the targets look from there. First
 * argument: the file that closes the group once everything is loaded.
 */
import { writeFileSync } from 'node:fs';
import { seconds } from '../../../src/domain/units.ts';
import type { WorkerPool } from '../../../src/domain/worker.ts';
import { createTargets } from '../../../src/healing/targets/registry.ts';
import { TargetsConfig } from '../../../src/healing/targets-config.ts';
import { createSystemClock } from '../../../src/platform/clock.ts';
import { createProcReader } from '../../../src/platform/proc.ts';
import { createRedactor } from '../../../src/platform/redact.ts';
import { createCommandRunner } from '../../../src/platform/run-command.ts';
import { createMemoryHttp, createMemoryLogger, live } from '../memory-ports.ts';

const [limitFile = ''] = process.argv.slice(2);
const clock = createSystemClock();
const commands = createCommandRunner({ clock, redact: createRedactor([]) });
const targets = createTargets({
  config: live(
    TargetsConfig.parse({
      targets: [
        { name: 'shop', kind: 'command', check: ['/bin/true'], commands: { restart: ['/bin/true'] } },
        { name: 'mail', kind: 'command', check: ['/bin/true'], commands: { restart: ['/bin/true'] } },
      ],
    }),
  ),
  workers: live({ workers: [] }),
  pool: { list: () => [] } as unknown as WorkerPool,
  http: createMemoryHttp(),
  commands,
  clock,
  log: createMemoryLogger(),
  host: 'starved',
});
const upOf = (): readonly (boolean | null)[] => targets.states().map(({ up }) => up);

await targets.look();
const before = upOf();
writeFileSync(limitFile, '1'); // fewer than there are: not one more is let in
await targets.look();
const during = upOf();
const acted = await targets.get('shop')?.perform({ capability: 'restart' }, clock.deadline(seconds(5)));
const pids = createProcReader().pids();
writeFileSync(limitFile, 'max');
await targets.look();
process.stdout.write(`${JSON.stringify({ before, during, acted, pids, after: upOf() })}\n`);
process.exit(0);
