/**
 * Drills at a terminal where no bot runs: the same sandboxes, run by this process. It holds no lock of the data folder,
 * so that a bot may start meanwhile, and writes no line into an audit log that is the bot's.
 */
import type { OfflineCall } from '../../bot/cli/cli.ts';
import type { Reply } from '../../bot/commands/command.ts';
import { actorLabel, localActor } from '../../bot/permissions.ts';
import { createCommandDesk } from '../../bot/run.ts';
import type { OpsControls } from '../../domain/controls.ts';
import type { Clock } from '../../domain/ports.ts';
import { createHttpClient } from '../../platform/http-client.ts';
import { createLogger } from '../../platform/logger.ts';
import { createProcReader } from '../../platform/proc.ts';
import { createSystemRandom } from '../../platform/random.ts';
import { createRedactor } from '../../platform/redact.ts';
import { createCommandRunner } from '../../platform/run-command.ts';
import { loadConfig } from '../config.ts';
import type { Environment } from '../environment.ts';
import { createDrills, sandboxPlace } from './drill.ts';

const SIGNALS = ['SIGINT', 'SIGTERM'] as const;

export interface FileDrills {
  answer(call: OfflineCall): Promise<Reply>;
}

export function createFileDrills(env: Environment, timezone: string, clock: Clock): FileDrills {
  const redact = createRedactor(env.secrets);
  const log = createLogger({
    write: (line) => void process.stderr.write(`${line}\n`),
    redact,
    level: 'error',
    clock,
  });
  const drills = createDrills({
    clock,
    log,
    timezone,
    http: createHttpClient({ clock }),
    commands: createCommandRunner({ clock, redact }),
    random: createSystemRandom(),
    proc: createProcReader(),
    bus: null,
    nameOf: actorLabel,
    ...sandboxPlace(env),
  });
  const controls: Partial<OpsControls> = { drills, recordCommand: async () => {} };
  const desk = createCommandDesk({ controls: controls as OpsControls, clock, log, timezone, redact });
  for (const signal of SIGNALS) {
    process.once(signal, () => {
      const leave = (): never => process.exit(130);
      drills.stop().then(leave, leave);
    });
  }
  return {
    async answer(call) {
      const loaded = await loadConfig(env.configFolder);
      const people = loaded.kind === 'valid' ? loaded.loaded.config.bot : { people: [], groups: [] };
      return desk.run(call, localActor('cli', people));
    },
  };
}
