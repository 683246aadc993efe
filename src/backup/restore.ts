/**
 * Puts a backup back: staged beside what it replaces, checked, swapped by journalled renames, checked again, and
 * taken back by itself when a check fails. Killed at any point, the next start takes it back or finishes it.
 */
import { mkdir, rm, rmdir } from 'node:fs/promises';
import type { Section } from '../domain/backup.ts';
import { describeError } from '../domain/errors.ts';
import { toIso } from '../domain/units.ts';
import { codeOf, syncFolder } from '../platform/durable-file.ts';
import type { Difference } from './compare-live.ts';
import type { CompareResult } from './jobs.ts';
import type { ManifestRoot } from './manifest.ts';
import { bytesOf, type RawPath, rawOf } from './names.ts';
import { runHooks, syncAll } from './programs.ts';
import { type RestoreJournal, readJournal, readSteps, writeJournal, writeSteps } from './restore-journal.ts';
import { stepsFor } from './restore-plan.ts';
import type { Run } from './run.ts';
import { type BackupDeps, type Folders, foldersOf, placeOf } from './site.ts';
import type { StoredBackup } from './store.ts';
import { type SwapRoot, stagingOf } from './swap.ts';
import { runJob } from './thread.ts';
import { listOf, withArchives } from './verify.ts';

const FEW_FILES = 2_000;

export interface RestoreWork {
  readonly backup: StoredBackup;
  readonly sections: readonly Section[];
  readonly found: CompareResult;
  readonly safety: string;
}

export type Restored =
  | { readonly kind: 'restored' }
  /** Everything is as it was before. */
  | { readonly kind: 'taken_back'; readonly reason: string };

interface LiveRoot {
  readonly section: Section;
  readonly root: ManifestRoot;
  readonly folder: string;
  readonly made: boolean;
  readonly differences: readonly Difference[];
}

/** @throws when even taking it back failed; the journal then still says that it has to be. */
export async function restoreLive(work: RestoreWork, deps: BackupDeps, run: Run): Promise<Restored> {
  const folders = foldersOf(deps);
  const roots = await prepareRoots(work, folders);
  let journal: RestoreJournal = {
    phase: 'staging',
    id: work.backup.id,
    sections: work.sections,
    safety: work.safety,
    roots: roots.map(({ folder, made }) => ({ folder, made })),
    at: toIso(deps.clock.now()),
    reason: '',
  };
  await writeJournal(folders.own, journal);
  try {
    await stage(work, roots, deps, run);
    const steps = roots.map(swapRootOf);
    await writeSteps(folders.own, steps);
    journal = { ...journal, phase: 'swapping' };
    await writeJournal(folders.own, journal);
    await swapAll(steps, deps, run);
    const faults = await healthFaults(work.sections, folders, deps);
    if (faults.length > 0) throw new Error(faults.join('; '));
    journal = { ...journal, phase: 'committed' };
    await writeJournal(folders.own, journal);
  } catch (cause) {
    const reason = describeError(cause);
    await takeBack(journal, reason, deps, run);
    return { kind: 'taken_back', reason };
  }
  await finish(journal, deps);
  return { kind: 'restored' };
}

/** After a crash: takes back what was not committed, clears away what was. @returns what was done, in words. */
export async function resumeRestore(deps: BackupDeps, run: Run): Promise<string | null> {
  const journal = await readJournal(foldersOf(deps).own);
  if (journal === null || journal.phase === 'done' || journal.phase === 'rolled_back') return null;
  if (journal.phase === 'committed') {
    await finish(journal, deps);
    return `the restore of ${journal.id} was complete; its leftovers were cleared away`;
  }
  await takeBack(journal, 'it was interrupted', deps, run);
  return `the restore of ${journal.id} was interrupted and was taken back`;
}

/** A folder that is gone is made anew; staging stands inside the folder, so that a rename is enough. */
async function prepareRoots(
  { backup, sections, found }: RestoreWork,
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

function swapRootOf({ root, folder, differences }: LiveRoot): SwapRoot {
  return { name: root.name, folder: rawOf(folder), steps: stepsFor(root.name, differences) };
}

async function stage(
  { backup }: RestoreWork,
  roots: readonly LiveRoot[],
  deps: BackupDeps,
  run: Run,
): Promise<void> {
  for (const { folder } of roots) {
    const { top, fresh, old } = textsOf(folder);
    await rm(top, { recursive: true, force: true });
    await mkdir(top, { mode: 0o700 });
    await mkdir(fresh, { mode: 0o700 });
    await mkdir(old, { mode: 0o700 });
  }
  const scratch = `${foldersOf(deps).backups}/.scratch-restore`;
  const done = await withArchives(backup, scratch, deps, run, async (archives) => {
    const places = roots.flatMap(({ section, folder, differences }) => {
      const archive = archives.find((one) => one.section === section);
      return archive === undefined
        ? []
        : [{ ...archive, staging: textsOf(folder).fresh, only: placed(differences) }];
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

async function swapAll(
  roots: readonly SwapRoot[],
  { commands, config }: BackupDeps,
  run: Run,
): Promise<void> {
  const { stop, start } = config.current().restore;
  const stopped = await runHooks(commands, stop);
  if (stopped !== null) throw new Error(`what writes there could not be stopped: ${stopped}`);
  await runJob<'swap'>({ kind: 'swap', roots, undo: false }, run.step('putting it in place', 0));
  const started = await runHooks(commands, start);
  if (started !== null) throw new Error(`what was stopped could not be started again: ${started}`);
}

async function healthFaults(
  sections: readonly Section[],
  { config }: Folders,
  deps: BackupDeps,
): Promise<readonly string[]> {
  const faults = sections.includes('config') ? await deps.checkConfig(config) : [];
  const { healthCheck } = deps.config.current().restore;
  const failure = healthCheck === null ? null : await runHooks(deps.commands, [healthCheck]);
  return failure === null ? faults : [...faults, `the health check failed: ${failure}`];
}

/** Without the signal of the run: giving up a restore must not give up the way back. */
async function takeBack(journal: RestoreJournal, reason: string, deps: BackupDeps, run: Run): Promise<void> {
  const { own } = foldersOf(deps);
  if (journal.phase === 'swapping') {
    const step = { ...run.step('taking it back', 0), signal: undefined };
    await runJob<'swap'>({ kind: 'swap', roots: await readSteps(own), undo: true }, step);
    const { start } = deps.config.current().restore;
    const failure = await runHooks(deps.commands, start);
    if (failure !== null) deps.log.error('a restore was taken back but a start hook failed', { failure });
  }
  await clear(journal);
  await writeJournal(own, { ...journal, phase: 'rolled_back', reason, at: toIso(deps.clock.now()) });
}

async function finish(journal: RestoreJournal, deps: BackupDeps): Promise<void> {
  await clear(journal);
  await writeJournal(foldersOf(deps).own, { ...journal, phase: 'done', at: toIso(deps.clock.now()) });
}

/** Staging and what was replaced; a folder that was made for nothing goes too. */
async function clear({ roots, phase }: RestoreJournal): Promise<void> {
  for (const { folder, made } of roots) {
    await rm(textsOf(folder).top, { recursive: true, force: true });
    if (made && phase !== 'committed') await rmdir(folder).catch(() => {}); // not empty: somebody uses it by now
    await syncFolder(folder).catch((cause: unknown) => {
      if (codeOf(cause) !== 'ENOENT') throw cause;
    });
  }
}

function textsOf(folder: string): { readonly top: string; readonly fresh: string; readonly old: string } {
  const { top, fresh, old } = stagingOf(rawOf(folder));
  const text = (raw: RawPath): string => bytesOf(raw).toString('utf8');
  return { top: text(top), fresh: text(fresh), old: text(old) };
}
