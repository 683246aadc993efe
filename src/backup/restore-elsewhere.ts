/** A restore into a folder of its own: nothing of this host is touched, so nobody is asked. */
import { mkdir, readdir, rename, rm } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import type { BackupOptions, DeskResult, RestoreReport, RestoreRequest } from '../domain/backup.ts';
import { ms } from '../domain/units.ts';
import { codeOf } from '../platform/durable-file.ts';
import type { ExtractResult } from './jobs.ts';
import { type Chosen, choose } from './restore-choice.ts';
import type { Room } from './room.ts';
import type { Run } from './run.ts';
import type { StoredBackup } from './store.ts';
import { runJob } from './thread.ts';
import { listOf, withArchives } from './verify.ts';

export async function restoreElsewhere(
  room: Room,
  request: RestoreRequest,
  folder: string,
  options: BackupOptions,
): Promise<DeskResult<RestoreReport>> {
  const chosen = await choose(room, request, options);
  if (chosen.kind !== 'done') return chosen;
  const target = resolve(folder);
  const refusal = await whyNotInto(target);
  if (refusal !== null) return { kind: 'refused', reason: refusal };
  return room.runs.once<RestoreReport>('a restore elsewhere', options, (run) =>
    unpackTo(room, chosen.value, target, run),
  );
}

async function unpackTo(
  room: Room,
  chosen: Chosen,
  target: string,
  run: Run,
): Promise<DeskResult<RestoreReport>> {
  const { clock } = room.deps;
  const begun = clock.monotonic();
  const { id } = chosen.backup;
  const partial = `${target}.partial`;
  await mkdir(dirname(target), { recursive: true });
  await rm(partial, { recursive: true, force: true });
  await mkdir(partial, { mode: 0o700 });
  try {
    const done = await unpackInto(room, chosen, partial, run);
    if (done.faults.length > 0)
      return { kind: 'failed', reason: `${id} is damaged: ${done.faults.join('; ')}` };
    if (chosen.only !== null && done.files === 0)
      return { kind: 'not_found', reason: 'There is nothing of that path in this backup.' };
    await rm(target, { recursive: true, force: true });
    await rename(partial, target);
    const text = `Restored ${done.files} entries of ${id} into ${target}. Nothing of this host was changed.`;
    const took = ms(clock.monotonic() - begun);
    return { kind: 'done', value: { id, safety: null, sections: [], took, text, next: null } };
  } finally {
    await rm(partial, { recursive: true, force: true });
  }
}

async function unpackInto(
  { deps, folders }: Room,
  { backup, sections, only }: Chosen,
  partial: string,
  run: Run,
): Promise<Pick<ExtractResult, 'files'> & { readonly faults: readonly string[] }> {
  const own = backup.manifest.sections.filter(({ section }) => sections.includes(section));
  const total = own.reduce((sum, { bytes }) => sum + bytes, 0);
  const scratch = join(folders.backups, `.scratch-${backup.id}`);
  return withArchives({ backup, sections, onTheWay: true }, scratch, deps, run, async (archives) => {
    const apart = namesClash(backup);
    const places = archives.map((archive) => ({
      ...archive,
      staging: apart ? join(partial, archive.section) : partial,
      only,
    }));
    for (const { staging } of places) await mkdir(staging, { recursive: true, mode: 0o700 });
    const job = { kind: 'extract', ...listOf(backup), archives: places, below: true, sync: false } as const;
    const result = await runJob<'extract'>(job, run.step('restoring', total));
    return { ...result, faults: [] };
  });
}

/** Two sections with folders of one name must not be mixed. */
function namesClash({ manifest }: StoredBackup): boolean {
  const names = manifest.sections.flatMap(({ roots }) => roots.map(({ name }) => name));
  return new Set(names).size < names.length;
}

/** Only a folder that is new or empty: what is in another must not be lost. */
async function whyNotInto(folder: string): Promise<string | null> {
  try {
    const names = await readdir(folder);
    return names.length === 0 ? null : `${folder} is not empty`;
  } catch (cause) {
    return codeOf(cause) === 'ENOENT' ? null : `${folder} is no folder that can be used (${codeOf(cause)})`;
  }
}
