/** What a sandbox of a benchmark needs from the machine. */
import type { SandboxDeps } from '../../src/app/drill/sandbox.ts';
import { createSystemClock } from '../../src/platform/clock.ts';
import { createHttpClient } from '../../src/platform/http-client.ts';
import { createProcReader } from '../../src/platform/proc.ts';
import { createSystemRandom } from '../../src/platform/random.ts';
import { createCommandRunner } from '../../src/platform/run-command.ts';

/** @param built The folder of the build under test. */
export function openSandboxDeps(built: string): SandboxDeps {
  const clock = createSystemClock();
  return {
    clock,
    http: createHttpClient({ clock }),
    commands: createCommandRunner({ clock, redact: (text) => text }),
    random: createSystemRandom(),
    proc: createProcReader(),
    built,
    timezone: 'UTC',
    path: process.env['PATH'] ?? '/usr/local/bin:/usr/bin:/bin',
  };
}
