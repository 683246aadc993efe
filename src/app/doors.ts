/** Every door to the machine, opened once. Tests and the demo hand in their own. */
import { join } from 'node:path';
import type { Clock, CommandRunner, HttpClient, Logger, Random, StateStore } from '../domain/ports.ts';
import { createSystemClock } from '../platform/clock.ts';
import { createDiskReader, type DiskReader } from '../platform/disk-usage.ts';
import { createHttpClient } from '../platform/http-client.ts';
import { createLogger } from '../platform/logger.ts';
import { createNameLookup, type NameLookup } from '../platform/name-lookup.ts';
import { openOwnFolder } from '../platform/own-folder.ts';
import { createProcReader, type ProcReader } from '../platform/proc.ts';
import { createSystemRandom } from '../platform/random.ts';
import { createRedactor, type Redact } from '../platform/redact.ts';
import { createCommandRunner } from '../platform/run-command.ts';
import { createStateStore } from '../platform/state-store.ts';
import type { Environment } from './environment.ts';

export interface Doors {
  readonly clock: Clock;
  readonly random: Random;
  readonly redact: Redact;
  readonly log: Logger;
  readonly names: NameLookup;
  readonly http: HttpClient;
  readonly commands: CommandRunner;
  readonly states: StateStore;
  readonly proc: ProcReader;
  readonly disks: DiskReader;
}

/** Makes the data folder, readable by its owner alone, and opens what stands around it. */
export async function openDoors(env: Environment, secrets: readonly string[]): Promise<Doors> {
  await openOwnFolder(env.dataFolder);
  const clock = createSystemClock();
  const redact = createRedactor(secrets);
  const log = createLogger({
    write: (line) => void process.stderr.write(`${line}\n`),
    redact,
    level: 'info',
    clock,
  });
  const proc = createProcReader();
  const names = createNameLookup(clock);
  return {
    clock,
    random: createSystemRandom(),
    redact,
    log,
    names,
    http: createHttpClient({ clock, names }),
    commands: createCommandRunner({ clock, redact }),
    states: createStateStore({ folder: join(env.dataFolder, 'state'), clock, log }),
    proc,
    disks: createDiskReader({ clock, proc }),
  };
}
