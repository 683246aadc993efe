/**
 * Brings a backup back from a place that holds a copy, `off-site:latest`. It lies in `<id>.partial` until all of it
 * is here and its signature is good; then it is a backup like any other and is restored like one.
 */
import { mkdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { BackupOptions, DeskResult } from '../domain/backup.ts';
import { syncFolder, writeDurably } from '../platform/durable-file.ts';
import type { ReplicaConfig } from './config.ts';
import { PUBLIC_KEY_FILE, readTrustedKeys } from './keys.ts';
import { findMeant } from './lookup.ts';
import { BACKUP_ID } from './manifest.ts';
import { findProgram } from './programs.ts';
import { openRemote, type Remote } from './rclone.ts';
import { NO_RCLONE } from './replicate.ts';
import type { Room } from './room.ts';
import type { Run } from './run.ts';
import { findBackup, PARTIAL } from './store.ts';
import { alteredArchives } from './verify.ts';

const FROM_PLACE = /^([a-z0-9][a-z0-9-]{0,39}):(.+)$/;

/** `off-site:latest`, in its parts; `null` for a backup of this host. */
function placeIn(which: string): { readonly place: string; readonly which: string } | null {
  const [, place, rest] = FROM_PLACE.exec(which) ?? [];
  return place === undefined || rest === undefined ? null : { place, which: rest };
}

/** The backup that is meant, brought here first where it is one of another place. */
export async function brought(
  room: Room,
  which: string,
  options: BackupOptions,
): Promise<DeskResult<string>> {
  const meant = placeIn(which);
  if (meant === null) return { kind: 'done', value: which };
  return room.runs.once('a fetch', options, (run) => fetchBackup(room, meant, run));
}

/** The id under which it lies here now. Inside a run. */
async function fetchBackup(
  room: Room,
  { place, which }: { readonly place: string; readonly which: string },
  run: Run,
): Promise<DeskResult<string>> {
  const { deps, folders } = room;
  const { replicas, timeLimit } = deps.config.current();
  const replica = replicas.find(({ name }) => name === place);
  if (replica === undefined) return unknownPlace(place, replicas);
  const program = await findProgram('rclone');
  if (program === null) return NO_RCLONE;
  run.step(`asking ${place} what it holds`, 0);
  const remote = openRemote(replica, { ...deps, program, timeLimit, signal: run.signal });
  const meant = await meantThere(room, remote, which);
  if (meant.kind !== 'done') return meant;
  const id = meant.value;
  if (await isGoodHere(room, id)) return { kind: 'done', value: id };

  const partial = join(folders.backups, `${id}${PARTIAL}`);
  await mkdir(folders.backups, { recursive: true, mode: 0o700 });
  await rm(partial, { recursive: true, force: true });
  await mkdir(partial, { mode: 0o700 });
  try {
    run.step(`fetching ${id} from ${place}`, 0);
    const failure = (await remote.run(['copy', remote.at(id), partial])) ?? (await fetchKey(room, remote));
    if (failure !== null) return { kind: 'failed', reason: `${place}: ${failure}` };
    return await takeIn(room, id, partial, place, run);
  } finally {
    await rm(partial, { recursive: true, force: true });
  }
}

function unknownPlace(place: string, replicas: readonly ReplicaConfig[]): DeskResult<never> {
  const names = replicas.map(({ name }) => name).join(', ');
  const known = names === '' ? 'none is configured (backup.json, replicas)' : `configured are ${names}`;
  return { kind: 'not_found', reason: `There is no place ${place}; ${known}.` };
}

/** Judged by names alone: what is there is only believed once its signature is. */
async function meantThere(room: Room, remote: Remote, which: string): Promise<DeskResult<string>> {
  const listed = await remote.list(['lsf', '--dirs-only', remote.at('')]);
  if ('failure' in listed) return { kind: 'failed', reason: `${remote.name}: ${listed.failure}` };
  const found = listed.lines
    .map((line) => line.replace(/\/$/, ''))
    .filter((name) => BACKUP_ID.test(name))
    .sort()
    .reverse()
    .map((id) => ({ kind: 'refused' as const, id, reason: 'not fetched' }));
  const meant = findMeant(which, found, room.dateOf);
  return meant.kind === 'found'
    ? { kind: 'done', value: meant.found.id }
    : { kind: 'not_found', reason: `${remote.name}: ${meant.reason}` };
}

async function isGoodHere(room: Room, id: string): Promise<boolean> {
  const { all, ledger } = await room.found();
  return all.some((one) => one.id === id && one.kind === 'genuine') && ledger.verdicts[id]?.good !== false;
}

/** Only a host that has no key takes the one of the far end, and says so with every backup. */
async function fetchKey({ folders, deps }: Room, remote: Remote): Promise<string | null> {
  const keys = await readTrustedKeys({ secret: folders.own, backups: folders.backups });
  if (keys.known) return null;
  const file = join(folders.backups, `${PUBLIC_KEY_FILE}.fetched`);
  const failure = await remote.run(['copyto', remote.at(PUBLIC_KEY_FILE), file]);
  if (failure !== null) return failure;
  await writeDurably(join(folders.backups, PUBLIC_KEY_FILE), await readFile(file, 'utf8'));
  await rm(file, { force: true });
  deps.log.warn('the key for signatures was taken from a copy', { place: remote.name });
  return null;
}

async function takeIn(
  room: Room,
  id: string,
  partial: string,
  place: string,
  run: Run,
): Promise<DeskResult<string>> {
  const { folders } = room;
  const keys = await readTrustedKeys({ secret: folders.own, backups: folders.backups });
  const found = await findBackup(partial, id, keys);
  if (found.kind === 'refused')
    return { kind: 'failed', reason: `The copy of ${id} at ${place} is refused: ${found.reason}.` };
  const faults = await alteredArchives(found.backup, run);
  if (faults.length > 0)
    return { kind: 'failed', reason: `The copy of ${id} at ${place} is damaged: ${faults.join('; ')}.` };
  const home = join(folders.backups, id);
  // What lies here under that name was refused or found damaged: it is kept aside for whoever wants to know why.
  await rename(home, `${home}.damaged`).catch(() => {}); // nothing there
  await syncFolder(partial);
  await rename(partial, home);
  await syncFolder(folders.backups);
  await room.forgetVerdict(id);
  return { kind: 'done', value: id };
}
