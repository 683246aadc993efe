/**
 * A real restore into a scratch folder: unpack, compare what lies there with the list, parse the configuration,
 * ask SQLite, run the user's own check. The scratch folder is gone afterwards.
 */
import { mkdir, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describeError } from '../domain/errors.ts';
import { seconds } from '../domain/units.ts';
import { bytesOf, rawOf, shownName } from './names.ts';
import { failureOf, findProgram, runHooks } from './programs.ts';
import { removeFolders } from './remove.ts';
import type { Run } from './run.ts';
import type { BackupDeps } from './site.ts';
import type { StoredBackup } from './store.ts';
import { runJob } from './thread.ts';
import { listOf, withArchives } from './verify.ts';

const INTEGRITY_LIMIT = seconds(600);

export interface DrillResult {
  readonly bytes: number;
  readonly faults: readonly string[];
}

export async function restoreForPractice(
  backup: StoredBackup,
  scratch: string,
  deps: BackupDeps,
  run: Run,
): Promise<DrillResult> {
  const target = `${scratch}-restored`;
  await mkdir(target, { recursive: true, mode: 0o700 });
  try {
    return await withArchives({ backup }, scratch, deps, run, async (archives) => {
      const total = backup.manifest.sections.reduce((sum, { bytes }) => sum + bytes, 0);
      const places = archives.map((archive) => ({
        ...archive,
        staging: join(target, archive.section),
        only: null,
      }));
      for (const { staging } of places) await mkdir(staging, { mode: 0o700 });
      const job = {
        kind: 'extract',
        ...listOf(backup),
        archives: places,
        below: false,
        sync: false,
      } as const;
      const { bytes } = await runJob<'extract'>(job, run.step('restoring into a scratch folder', total));
      const faults = [
        ...(await differencesIn(backup, target, run, total)),
        ...(await configFaults(join(target, 'config'))),
        ...(await databaseFaults(backup, target, deps, run)),
        ...(await smokeFaults(target, deps)),
      ];
      return { bytes, faults };
    });
  } catch (cause) {
    if (run.signal?.aborted) throw cause;
    return { bytes: 0, faults: [describeError(cause)] };
  } finally {
    await removeFolders([target], run);
  }
}

/** Compares what lies on the disk now, not what went through memory. */
async function differencesIn(
  backup: StoredBackup,
  target: string,
  run: Run,
  total: number,
): Promise<readonly string[]> {
  const sections = backup.manifest.sections.map(({ section, roots }) => ({
    section,
    roots: roots.map(({ name }) => ({
      name,
      folder: rawOf(join(target, section, name)),
      include: ['**'],
      exclude: [],
      forbidden: [],
    })),
    leftOut: [],
    only: null,
    onlyMissing: [],
  }));
  const job = { kind: 'compare', ...listOf(backup), sections } as const;
  const found = await runJob<'compare'>(job, run.step('comparing what was restored', total));
  return found.sections.flatMap(({ section, differences }) =>
    differences.map(({ path, change }) => `${section}: ${shownName(path)} was restored wrongly (${change})`),
  );
}

async function configFaults(folder: string): Promise<readonly string[]> {
  const names = await readdir(folder, { recursive: true }).catch(() => [] as string[]); // no such section
  const faults: string[] = [];
  for (const name of names.filter((one) => one.endsWith('.json'))) {
    try {
      JSON.parse(await readFile(join(folder, name), 'utf8'));
    } catch (cause) {
      if (cause instanceof SyntaxError) faults.push(`config: ${name} is no JSON (${cause.message})`);
    }
  }
  return faults;
}

async function databaseFaults(
  backup: StoredBackup,
  target: string,
  { commands }: BackupDeps,
  run: Run,
): Promise<readonly string[]> {
  const sqlite = await findProgram('sqlite3');
  if (sqlite === null) return [];
  const plans = backup.manifest.sections.map(({ section }) => ({
    section,
    roots: [
      { name: section, folder: rawOf(join(target, section)), include: ['**'], exclude: [], forbidden: [] },
    ],
    archive: '',
    gzipLevel: null,
    isRaw: true,
    copies: {},
  }));
  const { databases } = await runJob<'scan'>(
    { kind: 'scan', sections: plans },
    run.step('asking the databases', 0),
  );
  const faults: string[] = [];
  for (const path of databases) {
    const argv = [sqlite, '-batch', '-readonly', bytesOf(path).toString('utf8'), 'PRAGMA integrity_check'];
    const result = await commands.run({ argv, timeLimit: INTEGRITY_LIMIT });
    const failure = failureOf(argv, result);
    if (failure !== null) faults.push(`${shownName(path)}: ${failure}`);
    else if (result.kind === 'exited' && result.output.trim() !== 'ok') {
      faults.push(`${shownName(path)}: SQLite finds it damaged (${result.output.trim().split('\n')[0]})`);
    }
  }
  return faults;
}

async function smokeFaults(target: string, { commands, config }: BackupDeps): Promise<readonly string[]> {
  const { smoke } = config.current();
  if (smoke === null) return [];
  try {
    const failure = await runHooks(commands, [smoke], { '{scratch}': target });
    return failure === null ? [] : [`the smoke command failed: ${failure}`];
  } catch (cause) {
    return [`the smoke command failed: ${describeError(cause)}`];
  }
}
