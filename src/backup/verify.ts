/**
 * Reads all of a backup: signature (by the store), chain, digest of the list and of every archive, and only then
 * the archives themselves, every entry and every byte.
 */
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Section } from '../domain/backup.ts';
import type { CheckResult } from './jobs.ts';
import { type ArchiveToRead, HASHES_FILE, type ManifestSection } from './manifest.ts';
import { findProgram, runProgram } from './programs.ts';
import type { Run } from './run.ts';
import type { BackupDeps } from './site.ts';
import type { StoredBackup } from './store.ts';
import { runJob } from './thread.ts';

export interface ArchivesOf {
  readonly backup: StoredBackup;
  /** Absent = all. */
  readonly sections?: readonly Section[];
  /**
   * The archives are compared with their signed digests while they are unpacked and not before: each byte is read
   * once. Only for work that puts nothing in use before all of it was read.
   */
  readonly onTheWay?: boolean;
}

/** The content alone; the chain is judged by the caller. */
export async function readInFull(
  backup: StoredBackup,
  scratch: string,
  deps: BackupDeps,
  run: Run,
): Promise<CheckResult> {
  return withArchives({ backup }, scratch, deps, run, async (archives) => {
    const total = archives.reduce((sum, { tarBytes }) => sum + tarBytes, 0);
    return runJob<'check'>(
      { kind: 'check', ...listOf(backup), archives },
      run.step('reading every file', total),
    );
  });
}

/** Where the list of a backup is, and the digest it must have. */
export function listOf({ folder, manifest }: StoredBackup): {
  readonly hashesFile: string;
  readonly hashesSha256: string;
} {
  return { hashesFile: join(folder, HASHES_FILE), hashesSha256: manifest.hashesSha256 };
}

/**
 * Compares the archives with their signed digests before anything looks into them (or has `work` do it on the way),
 * unpacks those of zstd for the time of `work`, and gives all of them to it.
 */
export async function withArchives<T>(
  { backup, sections, onTheWay = false }: ArchivesOf,
  scratch: string,
  deps: BackupDeps,
  run: Run,
  work: (archives: readonly ArchiveToRead[]) => Promise<T>,
): Promise<T | CheckResult> {
  const isLate = (one: ManifestSection): boolean => onTheWay && !isZstd(one);
  const wanted = wantedOf(backup, sections);
  const early = wanted.filter((one) => !isLate(one));
  const faults = await alteredArchives(backup, run, early);
  if (faults.length > 0) return { files: 0, bytes: 0, faults };
  await mkdir(scratch, { recursive: true, mode: 0o700 });
  try {
    const archives: ArchiveToRead[] = [];
    for (const one of wanted) {
      const { section, archive, tarBytes } = one;
      const path = join(backup.folder, archive);
      const plain = isZstd(one) ? await unpack(path, scratch, deps, run) : path;
      archives.push({ section, tarBytes, path: plain, sha256: isLate(one) ? one.sha256 : null });
    }
    return await work(archives);
  } catch (cause) {
    // What was altered may be no archive any more: which one it is says more than where the reading ended.
    const late = run.signal?.aborted ? [] : wanted.filter(isLate);
    const altered = await alteredArchives(backup, run, late);
    if (altered.length === 0) throw cause;
    return { files: 0, bytes: 0, faults: altered };
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

function wantedOf({ manifest }: StoredBackup, sections: ArchivesOf['sections']): readonly ManifestSection[] {
  return manifest.sections.filter(({ section }) => sections === undefined || sections.includes(section));
}

function isZstd({ archive }: ManifestSection): boolean {
  return archive.endsWith('.zst');
}

function isUnread({ folder }: StoredBackup, run: Run, { archive }: ManifestSection): boolean {
  return !run.ours.has(join(folder, archive));
}

/** What was found to be ours in this run is not read for it again: every entry is compared as it is unpacked. */
export async function alteredArchives(
  backup: StoredBackup,
  run: Run,
  sections: readonly ManifestSection[] = backup.manifest.sections,
): Promise<readonly string[]> {
  const { folder } = backup;
  const wanted = sections.filter((one) => isUnread(backup, run, one));
  const total = wanted.reduce((sum, { archiveBytes }) => sum + archiveBytes, 0);
  const files = wanted.map(({ archive }) => join(folder, archive));
  if (files.length === 0) return [];
  const found = await runJob<'digest'>({ kind: 'digest', files }, run.step('reading the archives', total));
  return wanted.flatMap(({ archive, archiveBytes, sha256 }, index) => {
    const read = found[index];
    if (read?.kind !== 'read') return [`${archive} could not be read (${read?.reason ?? 'unknown'})`];
    if (read.bytes !== archiveBytes) return [`${archive} has ${read.bytes} bytes instead of ${archiveBytes}`];
    if (read.sha256 === sha256) {
      run.ours.add(join(folder, archive));
      return [];
    }
    return [`${archive} was altered: its sha256 is not the one in the manifest`];
  });
}

/** Only what was found to be ours is given to the program. */
async function unpack(
  path: string,
  scratch: string,
  { commands, config }: BackupDeps,
  run: Run,
): Promise<string> {
  const zstd = await findProgram('zstd');
  if (zstd === null) throw new Error('the program zstd is needed to read this backup and is not installed');
  const plain = join(
    scratch,
    `${path
      .split('/')
      .at(-1)
      ?.replace(/\.zst$/, '')}`,
  );
  await runProgram(
    commands,
    [zstd, '-d', '-q', '-f', path, '-o', plain],
    config.current().timeLimit,
    run.signal,
  );
  return plain;
}
