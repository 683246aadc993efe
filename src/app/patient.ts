/**
 * The sandbox patient: a small HTTP service, or a worker with a heartbeat, that can be broken on purpose. A
 * process of its own, kept alive by the supervisor like any other worker; it knows nothing of the bot.
 *
 *     node dist/app/patient.js service|worker --name N --port P --folder F
 */
import { mkdirSync, readFileSync, renameSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { Clock } from '../domain/ports.ts';
import { type Ms, ms, seconds } from '../domain/units.ts';
import { createSystemClock } from '../platform/clock.ts';
import { createFaults, FAULT_KINDS, type FaultKind, type Faults } from './patient-faults.ts';
import { createPatientServer } from './patient-server.ts';

const TASK_EVERY: Ms = ms(200);
const BEAT_EVERY: Ms = seconds(1);
const TASKS_AT_A_TIME = 20;

interface Place {
  readonly role: 'service' | 'worker';
  readonly name: string;
  readonly port: number;
  readonly folder: string;
}

run(readPlace());

function run(place: Place): void {
  const clock = createSystemClock();
  mkdirSync(place.folder, { recursive: true, mode: 0o700 });
  const faults = createFaults(readActive(place), {
    clock,
    exit: (code) => {
      say(`leaving with code ${code}`);
      process.exit(code);
    },
    save: (active) => saveActive(place, active),
  });
  const work = place.role === 'worker' ? startTasks(place, clock, faults) : countOrders();
  const server = createPatientServer({ clock, faults, name: place.name, random: Math.random, work });
  server.on('error', (cause) => {
    say(`cannot listen: ${cause.message}`);
    process.exit(1);
  });
  server.listen(place.port, '127.0.0.1', () => say(`listening on http://127.0.0.1:${place.port}`));
}

function readPlace(): Place {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { name: { type: 'string' }, port: { type: 'string' }, folder: { type: 'string' } },
  });
  const { name, folder } = values;
  const port = Number(values.port);
  const role = positionals[0];
  if (!name || !folder || !(port > 0) || (role !== 'service' && role !== 'worker')) {
    process.stderr.write('Usage: patient service|worker --name N --port P --folder F\n');
    process.exit(2);
  }
  return { role, name, port, folder };
}

function countOrders(): () => Readonly<Record<string, unknown>> {
  let orders = 0;
  return () => {
    orders += 1;
    return { order: orders };
  };
}

/** Works through a list, makes a new one when it is done, and touches its heartbeat file while it works. */
function startTasks(
  { folder, name }: Place,
  clock: Clock,
  faults: Faults,
): () => Readonly<Record<string, unknown>> {
  let waiting = TASKS_AT_A_TIME;
  let done = 0;
  clock.every(TASK_EVERY, () => {
    if (faults.has('hang')) return;
    waiting = waiting === 0 ? TASKS_AT_A_TIME : waiting - 1;
    done += 1;
  });
  const beat = (): void => {
    if (!faults.has('hang')) touch(join(folder, `${name}.heartbeat`), clock);
  };
  beat();
  clock.every(BEAT_EVERY, beat);
  return () => ({ done, waiting });
}

function touch(path: string, clock: Clock): void {
  const now = clock.now() / 1_000;
  try {
    utimesSync(path, now, now);
  } catch {
    // Not there yet: the first beat makes it.
    writeFileSync(path, '', { mode: 0o600 });
  }
}

/** What the process before had active; only a crash loop is taken up again. */
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
