/**
 * Makes one backup: hooks, consistent copies of databases, packing, manifest, signature, and last the rename that
 * makes it one. Until then it lies in `<id>.partial` and is nothing.
 */
import { mkdir, rename, rm, statfs } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { Section } from '../domain/backup.ts';
import { epochMs, toIso } from '../domain/units.ts';
import { syncFolder } from '../platform/durable-file.ts';
import type { PackedSection, SectionPlan } from './archive.ts';
import type { BackupConfig } from './config.ts';
import { copyDatabases } from './databases.ts';
import type { SigningKey } from './keys.ts';
import {
  HASHES_FILE,
  MANIFEST_FILE,
  type Manifest,
  type ManifestSection,
  SIGNATURE_FILE,
  sha256Of,
} from './manifest.ts';
import { bytesOf } from './names.ts';
import { findProgram, runHooks, runProgram } from './programs.ts';
import type { Run } from './run.ts';
import { type BackupDeps, type Folders, rootsOf, walkRoot } from './site.ts';
import { PARTIAL, type StoredBackup, writeSmallFile } from './store.ts';
import { runJob } from './thread.ts';

/** Archive, staging and safety backup may exist at once. */
const ROOM_FACTOR = 2;

export interface CreateRequest {
  readonly sections: readonly Section[];
  readonly why: string;
  readonly previous: StoredBackup | null;
  readonly key: SigningKey;
  readonly folders: Folders;
}

export type Created =
  | { readonly kind: 'made'; readonly backup: StoredBackup }
  | { readonly kind: 'refused'; readonly reason: string };

/** @throws whatever kept it from being made; nothing but an unfinished folder is then left, and that is removed. */
export async function createBackup(request: CreateRequest, deps: BackupDeps, run: Run): Promise<Created> {
  const config = deps.config.current();
  const begun = await before(request, config, deps);
  if (begun !== null) return { kind: 'refused', reason: begun };
  try {
    return await make(request, config, deps, run);
  } finally {
    for (const section of request.sections) {
      const failure = await runHooks(deps.commands, config.sections[section].after);
      if (failure !== null) deps.log.warn('a hook after a backup failed', { section, failure });
    }
  }
}

async function before(
  { sections }: CreateRequest,
  config: BackupConfig,
  deps: BackupDeps,
): Promise<string | null> {
  for (const section of sections) {
    const failure = await runHooks(deps.commands, config.sections[section].before);
    if (failure !== null) return `the hook before ${section} failed: ${failure}`;
  }
  return null;
}

async function make(
  request: CreateRequest,
  config: BackupConfig,
  deps: BackupDeps,
  run: Run,
): Promise<Created> {
  const { folders } = request;
  await mkdir(folders.backups, { recursive: true, mode: 0o700 });
  const id = await freeId(folders.backups, deps);
  const partial = join(folders.backups, `${id}${PARTIAL}`);
  const zstd = await findProgram('zstd');
  const plans = request.sections.map((section) => planOf(section, config, folders, partial, zstd !== null));
  const scanned = await runJob<'scan'>(
    { kind: 'scan', sections: plans },
    run.step('looking at what there is', 0),
  );
  const tight = await tooLittleRoom(folders.backups, request.previous, scanned.bytes);
  if (tight !== null) return { kind: 'refused', reason: tight };

  await mkdir(partial, { mode: 0o700 });
  try {
    const { copies, warnings } = await copyDatabases(scanned.databases, partial, deps);
    const job = {
      kind: 'pack',
      sections: plans.map((plan) => ({ ...plan, copies })),
      hashesFile: join(partial, HASHES_FILE),
    } as const;
    const packed = await runJob<'pack'>(job, run.step('packing', scanned.bytes));
    await rm(join(partial, 'copies'), { recursive: true, force: true });
    const sections: ManifestSection[] = [];
    for (const one of packed.sections) {
      const described = describe(one, plans, config, folders, warnings);
      const wantsZstd = config.sections[one.section].compression === 'zstd';
      sections.push(
        wantsZstd && zstd !== null ? await compress(described, partial, zstd, deps, run) : described,
      );
    }
    const manifest = manifestOf(id, request, deps, sections, packed.hashesSha256);
    return { kind: 'made', backup: await commit(manifest, partial, request) };
  } catch (cause) {
    await rm(partial, { recursive: true, force: true });
    throw cause;
  }
}

/** The time in the name of a backup; a second later where two fall into one. */
async function freeId(folder: string, { clock }: BackupDeps): Promise<string> {
  for (let at = clock.now(); ; at = epochMs(at + 1_000)) {
    const id = toIso(at).replaceAll(/[-:]|\.\d+/g, '');
    const taken = await statfs(join(folder, id)).then(
      () => true,
      () => false,
    );
    if (!taken) return id;
  }
}

function planOf(
  section: Section,
  config: BackupConfig,
  folders: Folders,
  partial: string,
  hasZstd: boolean,
): SectionPlan {
  const { compression, gzipLevel } = config.sections[section];
  const isGzip = compression === 'gzip' || (compression === 'zstd' && !hasZstd);
  return {
    section,
    roots: rootsOf(config.sections[section], folders).map((root) => walkRoot(root, folders)),
    archive: join(partial, `${section}.tar${isGzip ? '.gz' : ''}`),
    gzipLevel: isGzip ? gzipLevel : null,
    isRaw: compression === 'zstd' && hasZstd,
    copies: {},
  };
}

async function tooLittleRoom(
  folder: string,
  previous: StoredBackup | null,
  now: number,
): Promise<string | null> {
  const { bavail, bsize } = await statfs(folder);
  const last = previous?.manifest.sections.reduce((sum, { archiveBytes }) => sum + archiveBytes, 0) ?? now;
  const free = bavail * bsize;
  if (free >= ROOM_FACTOR * last) return null;
  return `the disk has ${megabytes(free)} free, twice the last backup would be ${megabytes(ROOM_FACTOR * last)}`;
}

function megabytes(count: number): string {
  return `${Math.round(count / 1_000_000)} MB`;
}

function describe(
  { section, archive, leftOut, warnings, entries, bytes }: PackedSection,
  plans: readonly SectionPlan[],
  config: BackupConfig,
  folders: Folders,
  more: readonly string[],
): ManifestSection {
  const file = plans.find((plan) => plan.section === section)?.archive ?? '';
  return {
    section,
    archive: basename(file),
    entries,
    bytes,
    tarBytes: archive.tarBytes,
    archiveBytes: archive.bytes,
    sha256: archive.sha256,
    roots: rootsOf(config.sections[section], folders),
    leftOut: leftOut.map((path) => bytesOf(path).toString('base64')),
    warnings: [...warnings, ...more],
  };
}

async function compress(
  section: ManifestSection,
  partial: string,
  zstd: string,
  { commands, config }: BackupDeps,
  run: Run,
): Promise<ManifestSection> {
  const plain = join(partial, section.archive);
  const packed = `${plain}.zst`;
  await runProgram(
    commands,
    [zstd, '-q', '-3', '-T0', '--rm', plain, '-o', packed],
    config.current().timeLimit,
    run.signal,
  );
  const job = { kind: 'digest', files: [packed] } as const;
  const [read] = await runJob<'digest'>(job, run.step('reading what was compressed', section.tarBytes));
  if (read?.kind !== 'read') throw new Error(`${packed} could not be read: ${read?.reason}`);
  const { bytes, sha256 } = read;
  return { ...section, archive: `${section.archive}.zst`, archiveBytes: bytes, sha256 };
}

function manifestOf(
  id: string,
  { why, previous }: CreateRequest,
  { clock, host, version }: BackupDeps,
  sections: readonly ManifestSection[],
  hashesSha256: string,
): Manifest {
  return {
    version: 1,
    id,
    at: toIso(clock.now()),
    host,
    program: version,
    node: process.version,
    why,
    previous: previous === null ? null : { id: previous.id, sha256: previous.sha256 },
    hashesSha256,
    sections,
  };
}

/** Manifest, signature, rename: from the rename on it is a backup. */
async function commit(
  manifest: Manifest,
  partial: string,
  { key, folders }: CreateRequest,
): Promise<StoredBackup> {
  const content = Buffer.from(`${JSON.stringify(manifest, null, 1)}\n`);
  await writeSmallFile(join(partial, MANIFEST_FILE), content);
  await writeSmallFile(join(partial, SIGNATURE_FILE), key.sign(content));
  await syncFolder(partial);
  const folder = join(folders.backups, manifest.id);
  await rename(partial, folder);
  await syncFolder(folders.backups);
  return { id: manifest.id, folder, manifest, sha256: sha256Of(content) };
}
