/** The working folders of a restore: they stand inside the folders they change, so that a rename is enough. */
import { mkdir, rm, rmdir } from 'node:fs/promises';
import type { Section } from '../domain/backup.ts';
import { codeOf, syncFolder } from '../platform/durable-file.ts';
import type { Difference } from './compare-live.ts';
import type { CompareResult } from './jobs.ts';
import type { ManifestRoot } from './manifest.ts';
import { bytesOf, type RawPath, rawOf } from './names.ts';
import { syncAll } from './programs.ts';
import type { RestoreJournal } from './restore-journal.ts';
import { stepsFor } from './restore-plan.ts';
import type { Run } from './run.ts';
import { type BackupDeps, type Folders, foldersOf, placeOf } from './site.ts';
import type { StoredBackup } from './store.ts';
import { type SwapRoot, stagingOf } from './swap.ts';
import { runJob } from './thread.ts';
import { listOf, withArchives } from './verify.ts';

const FEW_FILES = 2_000;

export interface LiveRoot {
  readonly section: Section;
  readonly root: ManifestRoot;
  readonly folder: string;
  readonly made: boolean;
  readonly differences: readonly Difference[];
}

/** The folders that differ; one that is gone is made anew. */
export async function prepareRoots(
  backup: StoredBackup,
  sections: readonly Section[],
  found: CompareResult,
  folders: Folders,
): Promise<readonly LiveRoot[]> {
  const roots: LiveRoot[] = [];
  for (const { section, roots: saved } of backup.manifest.sections) {
    if (!sections.includes(section)) continue;
    const differences = found.sections.find((one) => one.section === section)?.differences ?? [];
    for (const root of saved) {
      const own = differences.filter(({ path }) => path === root.name || path.startsWith(`${root.name}/`));
      if (own.length === 0) continue;
      const folder = placeOf(root.source, folders);
      const made = (await mkdir(folder, { recursive: true })) !== undefined;
      roots.push({ section, root, folder, made, differences: own });
    }
  }
  return roots;
}

export function swapRootOf({ section, root, folder, differences }: LiveRoot): SwapRoot {
  return { section, name: root.name, folder: rawOf(folder), steps: stepsFor(root.name, differences) };
}

/** Unpacks what will be put in place, and sees it on the disk. */
export async function stageFiles(
  backup: StoredBackup,
  roots: readonly LiveRoot[],
  deps: BackupDeps,
  run: Run,
): Promise<void> {
  for (const { folder, section } of roots) {
    const { top, fresh, old } = textsOf(folder, section);
    await rm(top, { recursive: true, force: true });
    await mkdir(top, { mode: 0o700 });
    await mkdir(fresh, { mode: 0o700 });
    await mkdir(old, { mode: 0o700 });
  }
  const scratch = `${foldersOf(deps).backups}/.scratch-restore`;
  const own = [...new Set(roots.map(({ section }) => section))];
  const asked = { backup, sections: own, onTheWay: true };
  const done = await withArchives(asked, scratch, deps, run, async (archives) => {
    const places = roots.flatMap(({ section, folder, differences }) => {
      const archive = archives.find((one) => one.section === section);
      return archive === undefined
        ? []
        : [{ ...archive, staging: textsOf(folder, section).fresh, only: placed(differences) }];
    });
    const total = roots.reduce((sum, { differences }) => sum + sizeOf(differences), 0);
    const sync = places.reduce((sum, { only }) => sum + only.length, 0) <= FEW_FILES;
    const job = { kind: 'extract', ...listOf(backup), archives: places, below: false, sync } as const;
    await runJob<'extract'>(job, run.step('unpacking beside what is there', total));
    // Many files are on disk sooner when the whole file system is asked once.
    if (!sync) for (const { folder } of roots) await syncAll(deps.commands, folder);
    return { faults: [] };
  });
  if (done.faults[0] !== undefined) throw new Error(done.faults[0]);
}

/** Folders are made by the swap; only what it puts in place is unpacked. */
function placed(differences: readonly Difference[]): readonly RawPath[] {
  return differences
    .filter(({ saved, change }) => saved !== null && saved.type !== 'dir' && change !== 'mode')
    .map(({ path }) => path);
}

function sizeOf(differences: readonly Difference[]): number {
  return differences.reduce((sum, { saved }) => sum + (saved?.size ?? 0), 0);
}

/** Staging and what was replaced; a folder that was made for nothing goes too. */
export async function clearStaging({ roots, phase }: RestoreJournal): Promise<void> {
  for (const { folder, made, section } of roots) {
    await rm(textsOf(folder, section).top, { recursive: true, force: true });
    if (made && phase !== 'committed') await rmdir(folder).catch(() => {}); // not empty: somebody uses it by now
    await syncFolder(folder).catch((cause: unknown) => {
      if (codeOf(cause) !== 'ENOENT') throw cause;
    });
  }
}

function textsOf(
  folder: string,
  section: Section,
): { readonly top: string; readonly fresh: string; readonly old: string } {
  const { top, fresh, old } = stagingOf(rawOf(folder), section);
  const text = (raw: RawPath): string => bytesOf(raw).toString('utf8');
  return { top: text(top), fresh: text(fresh), old: text(old) };
}
