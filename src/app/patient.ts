/**
 * The sandbox patient: a small HTTP service, or a worker with a heartbeat, that can be broken on purpose. A
 * process of its own, kept alive by the supervisor like any other worker; it knows nothing of the bot.
 *
 *     node dist/app/patient.js service|worker --name N --port P --folder F [--needs URL] [--disk FOLDER]
 */
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { ms } from '../domain/units.ts';
import { createSystemClock } from '../platform/clock.ts';
import { createFaults, FAULT_KINDS, type FaultKind } from './patient-faults.ts';
import { createPatientServer } from './patient-server.ts';
import { countOrders, createEffectLog, createFiller, startTasks } from './patient-work.ts';

const NEEDS_WITHIN = ms(1_000);

interface Place {
  readonly role: 'service' | 'worker';
  readonly name: string;
  readonly port: number;
  readonly folder: string;
  /** An address that must answer for its work to be done. */
  readonly needs: string | null;
  /** The bounded folder it can fill. */
  readonly disk: string | null;
}

run(readPlace());

function run(place: Place): void {
  const clock = createSystemClock();
  mkdirSync(place.folder, { recursive: true, mode: 0o700 });
  const note = createEffectLog(place, clock);
  const filler = place.disk === null ? null : createFiller(place.disk);
  const faults = createFaults(readActive(place), {
    clock,
    exit: (code) => {
      say(`leaving with code ${code}`);
      process.exit(code);
    },
    save: (active) => saveActive(place, active),
    ...(filler === null ? {} : { filler }),
  });
  note('start');
  const work = place.role === 'worker' ? startTasks(place, clock, faults) : countOrders();
  const { needs } = place;
  const server = createPatientServer({
    clock,
    faults,
    name: place.name,
    random: Math.random,
    work: work.done,
    figures: () => ({ ...work.figures(), pieces: filler?.pieces() ?? 0 }),
    note,
    ...(needs === null ? {} : { needs: () => answers(needs) }),
  });
  server.on('error', (cause) => {
    say(`cannot listen: ${cause.message}`);
    process.exit(1);
  });
  server.listen(place.port, '127.0.0.1', () => say(`listening on http://127.0.0.1:${place.port}`));
}

function readPlace(): Place {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      name: { type: 'string' },
      port: { type: 'string' },
      folder: { type: 'string' },
      needs: { type: 'string' },
      disk: { type: 'string' },
    },
  });
  const { name, folder, needs = null, disk = null } = values;
  const port = Number(values.port);
  const role = positionals[0];
  if (!name || !folder || !(port > 0) || (role !== 'service' && role !== 'worker')) {
    process.stderr.write('Usage: patient service|worker --name N --port P --folder F\n');
    process.exit(2);
  }
  return { role, name, port, folder, needs, disk };
}

async function answers(url: string): Promise<boolean> {
  try {
    return (await fetch(url, { signal: AbortSignal.timeout(NEEDS_WITHIN) })).ok;
  } catch {
    // Dead, hung or slow: all the same to whoever needs it.
    return false;
  }
}

/** What the process before had active; what lasts is taken up again. */
function readActive({ folder, name }: Place): readonly FaultKind[] {
  try {
    const data: unknown = JSON.parse(readFileSync(join(folder, `${name}.faults.json`), 'utf8'));
    return Array.isArray(data) ? FAULT_KINDS.filter((kind) => data.includes(kind)) : [];
  } catch {
    // No file yet, or half of one: a patient without faults.
    return [];
  }
}

function saveActive({ folder, name }: Place, active: readonly FaultKind[]): void {
  const path = join(folder, `${name}.faults.json`);
  writeFileSync(`${path}.partial`, JSON.stringify(active), { mode: 0o600 });
  renameSync(`${path}.partial`, path);
}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}
