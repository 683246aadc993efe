/**
 * The folder of backups: what is there, what of it is genuine, and how one backup leads to the one before.
 *
 * Only a folder named like a backup, with a manifest that carries a valid signature and its own name, is one.
 * `<id>.partial` is an unfinished run and is never offered. A backup that retention removed leaves its signed
 * manifest in `pruned/`, so that a backup that merely disappeared is noticed.
 */
import { mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { codeOf, syncFolder } from '../platform/durable-file.ts';
import type { SigningKey, TrustedKeys } from './keys.ts';
import {
  BACKUP_ID,
  MANIFEST_FILE,
  type Manifest,
  parseManifest,
  SIGNATURE_FILE,
  sha256Of,
} from './manifest.ts';

const PRUNED = 'pruned';
const PRUNED_SIGNATURE = 'pruned.sig';
export const PARTIAL = '.partial';

export interface StoredBackup {
  readonly id: string;
  readonly folder: string;
  readonly manifest: Manifest;
  readonly sha256: string;
}

export type FoundBackup =
  | { readonly kind: 'genuine'; readonly id: string; readonly backup: StoredBackup }
  | { readonly kind: 'refused'; readonly id: string; readonly reason: string };

/** All of them, newest first. */
export async function findBackups(folder: string, keys: TrustedKeys): Promise<readonly FoundBackup[]> {
  const names = await namesIn(folder);
  const ids = names
    .filter((name) => BACKUP_ID.test(name))
    .sort()
    .reverse();
  return Promise.all(ids.map((id) => findBackup(join(folder, id), id, keys)));
}

export async function findBackup(folder: string, id: string, keys: TrustedKeys): Promise<FoundBackup> {
  const refused = (reason: string): FoundBackup => ({ kind: 'refused', id, reason });
  try {
    const content = await readFile(join(folder, MANIFEST_FILE));
    const signature = await readFile(join(folder, SIGNATURE_FILE));
    if (!keys.known) return refused(keys.note);
    if (!keys.verify(content, signature)) return refused('the signature of its manifest is not ours');
    const manifest = parseManifest(content);
    if (manifest.id !== id) return refused(`its manifest belongs to the backup ${manifest.id}`);
    return { kind: 'genuine', id, backup: { id, folder, manifest, sha256: sha256Of(content) } };
  } catch (cause) {
    return refused(whyUnreadable(cause));
  }
}

function whyUnreadable(cause: unknown): string {
  if (!(cause instanceof Error && 'path' in cause)) return 'its manifest is damaged';
  const file = String(cause.path).endsWith(SIGNATURE_FILE) ? SIGNATURE_FILE : MANIFEST_FILE;
  return codeOf(cause) === 'ENOENT' ? `${file} is missing` : `${file} could not be read (${codeOf(cause)})`;
}

/**
 * Follows a backup to the ones before it, through those that retention removed.
 *
 * @returns What is missing or was replaced; empty when the chain is whole.
 */
export async function chainFaults(
  backup: StoredBackup,
  all: readonly FoundBackup[],
  folder: string,
  keys: TrustedKeys,
): Promise<readonly string[]> {
  const genuine = new Map(
    all.flatMap((found) => (found.kind === 'genuine' ? [[found.id, found.backup]] : [])),
  );
  const seen = new Set<string>();
  for (let at = backup; at.manifest.previous !== null; ) {
    const { id, sha256 } = at.manifest.previous;
    const before = genuine.get(id) ?? (await findPruned(folder, id, keys));
    if (before === undefined || seen.has(id)) {
      return [
        `the chain is broken: the backup ${id} before ${at.id} is missing, and retention did not remove it`,
      ];
    }
    if (before.sha256 !== sha256)
      return [`the chain is broken: the backup ${id} before ${at.id} was replaced`];
    seen.add(id);
    at = before;
  }
  return [];
}

async function findPruned(folder: string, id: string, keys: TrustedKeys): Promise<StoredBackup | undefined> {
  const place = join(folder, PRUNED, id);
  const found = await findBackup(place, id, keys);
  if (found.kind === 'refused') return undefined;
  const signature = await readFile(join(place, PRUNED_SIGNATURE)).catch(() => Buffer.alloc(0)); // none: not ours
  return keys.verify(prunedText(found.backup), signature) ? found.backup : undefined;
}

function prunedText({ id, sha256 }: StoredBackup): Buffer {
  return Buffer.from(`pruned ${id} ${sha256}\n`);
}

/** Keeps the signed manifest, then removes the rest. Killed in between it is done again. */
export async function removeBackup(folder: string, backup: StoredBackup, key: SigningKey): Promise<void> {
  const place = join(folder, PRUNED, backup.id);
  await mkdir(place, { recursive: true, mode: 0o700 });
  for (const file of [MANIFEST_FILE, SIGNATURE_FILE]) {
    await writeSmallFile(join(place, file), await readFile(join(backup.folder, file)));
  }
  await writeSmallFile(join(place, PRUNED_SIGNATURE), key.sign(prunedText(backup)));
  await syncFolder(place);
  const going = `${backup.folder}${PARTIAL}`;
  await rename(backup.folder, going);
  await syncFolder(folder);
  await rm(going, { recursive: true, force: true });
}

/** What interrupted runs left. Only for the holder of the lock. */
export async function sweepPartials(folder: string): Promise<readonly string[]> {
  const left = (await namesIn(folder)).filter(
    (name) => name.endsWith(PARTIAL) || name.startsWith('.scratch-'),
  );
  for (const name of left) await rm(join(folder, name), { recursive: true, force: true });
  return left;
}

/** Small and binary; complete or not there. */
export async function writeSmallFile(path: string, content: Uint8Array): Promise<void> {
  const handle = await open(path, 'w', 0o600);
  try {
    await handle.writeFile(content);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function namesIn(folder: string): Promise<readonly string[]> {
  try {
    return await readdir(folder);
  } catch (cause) {
    if (codeOf(cause) === 'ENOENT') return [];
    throw cause;
  }
}
