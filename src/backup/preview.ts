/** What a restore would change: the comparison with the live folders, and text diffs of small configuration files. */
import { mkdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { RestorePreview, Section } from '../domain/backup.ts';
import { fromIso } from '../domain/units.ts';
import type { Difference, LiveSection } from './compare-live.ts';
import type { CompareResult } from './jobs.ts';
import { momentOf } from './lookup.ts';
import type { ManifestSection } from './manifest.ts';
import { type RawPath, rawOf } from './names.ts';
import { changesOf } from './restore-plan.ts';
import type { Run } from './run.ts';
import { type BackupDeps, type Folders, foldersOf, placeOf, walkRoot } from './site.ts';
import type { StoredBackup } from './store.ts';
import { textDiff } from './text-diff.ts';
import { runJob } from './thread.ts';
import { listOf, withArchives } from './verify.ts';

const SMALL_TEXT = 65_536;
const MOST_DIFFS = 50;
/** The audit log only grows: what is there is newer than any backup, and is never taken back. */
const ONLY_GROWS = '{data}/audit';

export async function compareWithLive(
  backup: StoredBackup,
  sections: readonly Section[],
  only: readonly RawPath[] | null,
  deps: BackupDeps,
  run: Run,
): Promise<CompareResult> {
  const folders = foldersOf(deps);
  const live = backup.manifest.sections
    .filter(({ section }) => sections.includes(section))
    .map((saved) => liveSection(saved, only, folders));
  const total = backup.manifest.sections.reduce((sum, { bytes }) => sum + bytes, 0);
  const job = { kind: 'compare', ...listOf(backup), sections: live } as const;
  return runJob<'compare'>(job, run.step('comparing with what is there', total));
}

function liveSection(saved: ManifestSection, only: readonly RawPath[] | null, folders: Folders): LiveSection {
  return {
    section: saved.section,
    roots: saved.roots.map((root) => walkRoot({ ...root, folder: placeOf(root.source, folders) }, folders)),
    leftOut: saved.leftOut.map((path) => Buffer.from(path, 'base64').toString('latin1')),
    only,
    onlyMissing: saved.roots.filter(({ source }) => source === ONLY_GROWS).map(({ name }) => name),
  };
}

/**
 * A path as people give it: absolute, relative to a folder of the section, or as the archive has it.
 *
 * @returns Paths as the archive has them; the first that names something decides.
 */
export function pathsMeant(
  path: string,
  backup: StoredBackup,
  sections: readonly Section[],
  folders: Folders,
): readonly RawPath[] {
  const clean = path.replace(/\/+$/, '').replace(/^\.\//, '');
  return backup.manifest.sections
    .filter(({ section }) => sections.includes(section))
    .flatMap(({ roots }) => roots.map(({ name, source }) => pathBelow(clean, name, placeOf(source, folders))))
    .filter((meant) => meant !== null)
    .map(rawOf);
}

function pathBelow(path: string, name: string, folder: string): string | null {
  if (path === folder) return name;
  if (path.startsWith(`${folder}/`)) return `${name}${path.slice(folder.length)}`;
  if (path.startsWith('/')) return null;
  return path === name || path.startsWith(`${name}/`) ? path : `${name}/${path}`;
}

export async function previewOf(
  backup: StoredBackup,
  found: CompareResult,
  deps: BackupDeps,
  run: Run,
  notes: readonly string[],
): Promise<RestorePreview> {
  const config = found.sections.find(({ section }) => section === 'config');
  const diffs = config === undefined ? new Map() : await diffsOf(backup, config.differences, deps, run);
  return {
    id: backup.id,
    at: fromIso(backup.manifest.at) ?? momentOf(backup.id),
    sections: found.sections.map((one) => changesOf(one.section, one, diffs)),
    notes,
  };
}

async function diffsOf(
  backup: StoredBackup,
  differences: readonly Difference[],
  deps: BackupDeps,
  run: Run,
): Promise<ReadonlyMap<RawPath, readonly string[]>> {
  const small = differences
    .filter(({ change, now, saved }) => change === 'changed' && isSmall(now) && isSmall(saved))
    .slice(0, MOST_DIFFS);
  const diffs = new Map<RawPath, readonly string[]>();
  if (small.length === 0) return diffs;
  const folders = foldersOf(deps);
  const scratch = join(folders.backups, '.scratch-diff');
  const staging = `${scratch}-files`;
  try {
    await mkdir(staging, { recursive: true, mode: 0o700 });
    await withArchives({ backup, sections: ['config'] }, scratch, deps, run, async (archives) => {
      const own = archives.filter(({ section }) => section === 'config');
      const places = own.map((archive) => ({ ...archive, staging, only: small.map(({ path }) => path) }));
      await runJob<'extract'>(
        { kind: 'extract', ...listOf(backup), archives: places, below: false, sync: false },
        run.step('reading what differs', 0),
      );
      return {};
    });
    const roots = backup.manifest.sections.find(({ section }) => section === 'config')?.roots ?? [];
    for (const { path } of small) {
      const root = roots.find(({ name }) => path.startsWith(`${name}/`));
      if (root === undefined) continue;
      const live = Buffer.from(
        `${placeOf(root.source, folders)}${Buffer.from(path.slice(root.name.length), 'latin1').toString('utf8')}`,
      );
      const then = Buffer.concat([Buffer.from(`${staging}/`), Buffer.from(path, 'latin1')]);
      diffs.set(path, textDiff(await textOf(live), await textOf(then)));
    }
    return diffs;
  } finally {
    await rm(staging, { recursive: true, force: true });
  }
}

function isSmall(side: { readonly type: string; readonly size: number } | null): boolean {
  return side !== null && side.type === 'file' && side.size <= SMALL_TEXT;
}

/** A NUL stands for what cannot be shown: it makes the diff empty. */
async function textOf(path: Buffer): Promise<string> {
  return readFile(path, 'utf8').catch(() => '\0'); // gone meanwhile, or not readable
}
