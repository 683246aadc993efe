/**
 * Copies a backup to other places with rclone: what it holds first, manifest and signature last, so that an
 * unfinished copy is no backup there either. Then the copy is compared by content; where the remote keeps no
 * hashes everything is read back for it.
 */
import type { DeskResult } from '../domain/backup.ts';
import { minutes } from '../domain/units.ts';
import type { ReplicaConfig } from './config.ts';
import { updateLedger } from './ledger.ts';
import { MANIFEST_FILE, SIGNATURE_FILE } from './manifest.ts';
import { failureOf, findProgram } from './programs.ts';
import type { Room } from './room.ts';
import type { Run } from './run.ts';
import type { StoredBackup } from './store.ts';

const TRIES = 3;
const FIRST_WAIT = minutes(0.1);

/** Names of the places that hold a checked copy. One that fails does not keep the others from theirs. */
export async function replicateBackup(
  room: Room,
  backup: StoredBackup,
  run: Run,
): Promise<DeskResult<readonly string[]>> {
  const { replicas } = room.deps.config.current();
  if (replicas.length === 0)
    return { kind: 'refused', reason: 'no place for copies is configured (backup.json, replicas)' };
  const rclone = await findProgram('rclone');
  if (rclone === null) return { kind: 'failed', reason: 'the program rclone is not installed' };
  const done: string[] = [];
  const failures: string[] = [];
  for (const replica of replicas) {
    run.step(`copying to ${replica.name}`, 0);
    const failure = await copyWithRetries(room, rclone, replica, backup, run);
    if (failure === null) done.push(replica.name);
    else failures.push(`${replica.name}: ${failure}`);
  }
  const at = room.deps.clock.now();
  await updateLedger(room.folders.own, (ledger) => ({
    ...ledger,
    replicas: { ...ledger.replicas, [backup.id]: done.map((name) => ({ name, at })) },
  }));
  return failures.length === 0
    ? { kind: 'done', value: done }
    : { kind: 'failed', reason: failures.join('; ') };
}

async function copyWithRetries(
  room: Room,
  rclone: string,
  replica: ReplicaConfig,
  backup: StoredBackup,
  run: Run,
): Promise<string | null> {
  let failure: string | null = null;
  for (let tries = 0; tries < TRIES; tries += 1) {
    if (tries > 0) await room.deps.clock.sleep(FIRST_WAIT, run.signal);
    failure = await copyOnce(room, rclone, replica, backup, run);
    if (failure === null) return null;
  }
  return failure;
}

async function copyOnce(
  { deps }: Room,
  rclone: string,
  { remote, configFile, hasHashes }: ReplicaConfig,
  { id, folder }: StoredBackup,
  run: Run,
): Promise<string | null> {
  const target = `${remote.replace(/\/+$/, '')}/${id}`;
  const own = configFile === undefined ? [] : ['--config', configFile];
  const last = [MANIFEST_FILE, SIGNATURE_FILE].flatMap((file) => ['--exclude', `/${file}`]);
  const compare = hasHashes ? [] : ['--download'];
  const steps = [
    ['copy', folder, target, '--immutable', ...last],
    ['copy', folder, target, '--immutable'],
    ['check', folder, target, '--one-way', ...compare],
  ];
  for (const step of steps) {
    const argv = [rclone, ...step, ...own];
    const limits = {
      timeLimit: deps.config.current().timeLimit,
      ...(run.signal ? { signal: run.signal } : {}),
    };
    const failure = failureOf(argv, await deps.commands.run({ argv, ...limits }));
    if (failure !== null) return failure;
  }
  return null;
}
