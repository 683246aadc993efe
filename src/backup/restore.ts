/**
 * Exchanges sections of the live files for those of a backup: staged beside what they replace, checked, swapped by
 * journalled renames, checked again, and taken back by itself when a check fails. Killed at any point, the next
 * start takes it back or finishes it.
 */
import type { Section } from '../domain/backup.ts';
import { describeError } from '../domain/errors.ts';
import { toIso } from '../domain/units.ts';
import type { CompareResult } from './jobs.ts';
import { runHooks } from './programs.ts';
import { type RestoreJournal, readJournal, readSteps, writeJournal, writeSteps } from './restore-journal.ts';
import { clearStaging, type LiveRoot, prepareRoots, stageFiles, swapRootOf } from './restore-staging.ts';
import type { Run } from './run.ts';
import { type BackupDeps, type Folders, foldersOf } from './site.ts';
import type { StoredBackup } from './store.ts';
import { runJob } from './thread.ts';

export interface Exchange {
  readonly backup: StoredBackup;
  /** What is exchanged now, in order. */
  readonly sections: readonly Section[];
  readonly found: CompareResult;
  /** As it stands before this exchange. */
  readonly journal: RestoreJournal;
}

export type Exchanged =
  | { readonly kind: 'exchanged'; readonly journal: RestoreJournal }
  /** Everything is as it was before. */
  | { readonly kind: 'taken_back'; readonly reason: string };

/**
 * Exchanges and checks; the journal then says `waiting` until it is committed or goes on.
 *
 * @throws when even taking it back failed; the journal then still says that it has to be.
 */
export async function exchange(work: Exchange, deps: BackupDeps, run: Run): Promise<Exchanged> {
  const folders = foldersOf(deps);
  const roots = await prepareRoots(work.backup, work.sections, work.found, folders);
  let journal: RestoreJournal = {
    ...work.journal,
    phase: 'staging',
    roots: [...work.journal.roots, ...roots.map(({ section, folder, made }) => ({ section, folder, made }))],
  };
  const save = async (change: Partial<RestoreJournal>): Promise<void> => {
    journal = { ...journal, ...change, at: toIso(deps.clock.now()) };
    await writeJournal(folders.own, journal);
  };
  await save({});
  try {
    await stageFiles(work.backup, roots, deps, run);
    for (const section of work.sections) await writeSteps(folders.own, section, stepsOf(section, roots));
    await save({ phase: 'swapping', under: work.sections });
    await swapAll(work.sections, roots, folders, deps, run);
    await save({ phase: 'waiting', under: [], exchanged: [...journal.exchanged, ...work.sections] });
  } catch (cause) {
    const reason = describeError(cause);
    await takeBack(journal, reason, deps, run);
    return { kind: 'taken_back', reason };
  }
  return { kind: 'exchanged', journal };
}

/** From here on it stays; what it replaced is cleared away. */
export async function commitRestore(journal: RestoreJournal, deps: BackupDeps, run: Run): Promise<void> {
  const committed = { ...journal, phase: 'committed', at: toIso(deps.clock.now()) } as const;
  await writeJournal(foldersOf(deps).own, committed);
  await finish(committed, deps, run);
}

/** Takes back whatever was exchanged. */
export async function takeBackRestore(reason: string, deps: BackupDeps, run: Run): Promise<boolean> {
  const journal = await readJournal(foldersOf(deps).own);
  if (journal === null || isOver(journal) || journal.phase === 'committed') return false;
  await takeBack(journal, reason, deps, run);
  return true;
}

/** After a crash: takes back what was not committed, clears away what was. @returns what was done, in words. */
export async function resumeRestore(deps: BackupDeps, run: Run): Promise<string | null> {
  const journal = await readJournal(foldersOf(deps).own);
  if (journal === null || isOver(journal)) return null;
  if (journal.phase === 'committed') {
    await finish(journal, deps, run);
    return `the restore of ${journal.id} was complete; its leftovers were cleared away`;
  }
  const how =
    journal.phase === 'waiting' ? 'it waited for a person when Nightshift ended' : 'it was interrupted';
  await takeBack(journal, how, deps, run);
  return `the restore of ${journal.id} was interrupted and was taken back`;
}

export function isOver({ phase }: RestoreJournal): boolean {
  return phase === 'done' || phase === 'rolled_back';
}

function stepsOf(section: Section, roots: readonly LiveRoot[]): ReturnType<typeof swapRootOf>[] {
  return roots.filter((root) => root.section === section).map(swapRootOf);
}

/** What writes there is stopped once; each section is looked at before the next is touched. */
async function swapAll(
  sections: readonly Section[],
  roots: readonly LiveRoot[],
  { config }: Folders,
  deps: BackupDeps,
  run: Run,
): Promise<void> {
  const { stop, start, healthCheck } = deps.config.current().restore;
  const stopped = (await deps.writers.stop()) ?? (await runHooks(deps.commands, stop));
  if (stopped !== null) throw new Error(`what writes there could not be stopped: ${stopped}`);
  for (const section of sections) {
    const job = { kind: 'swap', roots: stepsOf(section, roots), undo: false } as const;
    await runJob<'swap'>(job, run.step(`putting ${section} in place`, 0));
    const faults = section === 'config' ? await deps.checkConfig(config) : [];
    if (faults.length > 0) throw new Error(faults.join('; '));
  }
  const started = (await runHooks(deps.commands, start)) ?? (await deps.writers.start());
  if (started !== null) throw new Error(`what was stopped could not be started again: ${started}`);
  const failure = healthCheck === null ? null : await runHooks(deps.commands, [healthCheck]);
  if (failure !== null) throw new Error(`the health check failed: ${failure}`);
}

/** Without the signal of the run: giving up a restore must not give up the way back. */
async function takeBack(journal: RestoreJournal, reason: string, deps: BackupDeps, run: Run): Promise<void> {
  const { own } = foldersOf(deps);
  const touched = [...journal.exchanged, ...(journal.phase === 'swapping' ? journal.under : [])];
  if (touched.length > 0) {
    const { stop, start } = deps.config.current().restore;
    if (journal.phase !== 'swapping') {
      await deps.writers.stop();
      await runHooks(deps.commands, stop);
    }
    for (const section of touched.toReversed()) {
      const step = { ...run.step(`taking ${section} back`, 0), signal: undefined };
      await runJob<'swap'>({ kind: 'swap', roots: await readSteps(own, section), undo: true }, step);
    }
    const failure = (await runHooks(deps.commands, start)) ?? (await deps.writers.start());
    if (failure !== null) deps.log.error('a restore was taken back but a start hook failed', { failure });
  }
  await clearStaging(journal, run);
  await writeJournal(own, { ...journal, phase: 'rolled_back', reason, at: toIso(deps.clock.now()) });
}

async function finish(journal: RestoreJournal, deps: BackupDeps, run: Run): Promise<void> {
  await clearStaging(journal, run);
  await writeJournal(foldersOf(deps).own, { ...journal, phase: 'done', at: toIso(deps.clock.now()) });
}
