/**
 * Copies a backup to other places with rclone: what it holds first, manifest and signature last, so that an
 * unfinished copy is no backup there either. Then the copy is compared by content; where the remote keeps no
 * hashes everything is read back for it. What became of each place is kept for each backup.
 */
import { join } from 'node:path';
import type { DeskResult } from '../domain/backup.ts';
import { type Ms, ms, seconds } from '../domain/units.ts';
import type { ReplicaConfig } from './config.ts';
import { PUBLIC_KEY_FILE } from './keys.ts';
import { updateLedger } from './ledger.ts';
import { MANIFEST_FILE, SIGNATURE_FILE } from './manifest.ts';
import { findProgram } from './programs.ts';
import { openRemote, type Remote } from './rclone.ts';
import type { Room } from './room.ts';
import type { Run } from './run.ts';
import type { StoredBackup } from './store.ts';

/** Five, fifteen and forty-five seconds: a server that restarts is back by then. */
const TRIES = 4;
const FIRST_WAIT: Ms = seconds(5);
const WAIT_FACTOR = 3;

export const NO_RCLONE = { kind: 'failed', reason: 'the program rclone is not installed' } as const;

/** Names of the places that hold a checked copy. One that fails does not keep the others from theirs. */
export async function replicateBackup(
  room: Room,
  backup: StoredBackup,
  run: Run,
): Promise<DeskResult<readonly string[]>> {
  const { replicas } = room.deps.config.current();
  if (replicas.length === 0)
    return { kind: 'refused', reason: 'no place for copies is configured (backup.json, replicas)' };
  const program = await findProgram('rclone');
  if (program === null) return NO_RCLONE;
  const done: string[] = [];
  const failures: string[] = [];
  for (const replica of replicas) {
    run.step(`copying to ${replica.name}`, 0);
    const failure = await copyWithRetries(room, program, replica, backup, run);
    await keepState(room, backup.id, replica.name, failure);
    if (failure === null) done.push(replica.name);
    else failures.push(`${replica.name}: ${failure}`);
  }
  return failures.length === 0
    ? { kind: 'done', value: done }
    : { kind: 'failed', reason: failures.join('; ') };
}

/** One line for each place and backup: the newest try. */
async function keepState(room: Room, id: string, name: string, failure: string | null): Promise<void> {
  const state = { name, at: room.deps.clock.now(), failure };
  await updateLedger(room.folders.own, (ledger) => ({
    ...ledger,
    replicas: {
      ...ledger.replicas,
      [id]: [...(ledger.replicas[id] ?? []).filter((one) => one.name !== name), state],
    },
  }));
}

async function copyWithRetries(
  { deps }: Room,
  program: string,
  replica: ReplicaConfig,
  backup: StoredBackup,
  run: Run,
): Promise<string | null> {
  const { timeLimit } = deps.config.current();
  const remote = openRemote(replica, { ...deps, program, timeLimit, signal: run.signal });
  let failure: string | null = null;
  for (let tries = 0; tries < TRIES; tries += 1) {
    run.signal.throwIfAborted();
    if (tries > 0) await deps.clock.sleep(ms(FIRST_WAIT * WAIT_FACTOR ** (tries - 1)), run.signal);
    failure = await copyOnce(remote, replica, backup);
    if (failure === null) return null;
    deps.log.warn('a copy of a backup failed', { place: replica.name, backup: backup.id, failure, tries });
  }
  return `${failure} (tried ${TRIES} times)`;
}

async function copyOnce(
  remote: Remote,
  { hasHashes }: ReplicaConfig,
  { id, folder }: StoredBackup,
): Promise<string | null> {
  const target = remote.at(id);
  const last = [MANIFEST_FILE, SIGNATURE_FILE].flatMap((file) => ['--exclude', `/${file}`]);
  const key = join(folder, '..', PUBLIC_KEY_FILE);
  const steps = [
    ['copy', folder, target, '--immutable', ...last],
    ['copy', folder, target, '--immutable'],
    ['check', folder, target, '--one-way', ...(hasHashes ? [] : ['--download'])],
    // Without it another host could not judge the signature.
    ['copyto', key, remote.at(PUBLIC_KEY_FILE)],
  ];
  for (const step of steps) {
    const failure = await remote.run(step);
    if (failure !== null) return failure;
  }
  return null;
}
