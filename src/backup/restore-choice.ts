/** What a restore is about: which backup, which sections, which paths, and how they differ from what is there. */
import type { BackupOptions, DeskResult, RestoreRequest, Section } from '../domain/backup.ts';
import { brought } from './fetch.ts';
import type { CompareResult } from './jobs.ts';
import { compareWithLive, pathsMeant } from './preview.ts';
import type { Room } from './room.ts';
import type { Run } from './run.ts';
import { chainFaults, type StoredBackup } from './store.ts';
import { sectionsIn } from './views.ts';

export interface Chosen {
  readonly backup: StoredBackup;
  readonly sections: readonly Section[];
  /** As the archive has them; `null` = all. */
  readonly only: readonly string[] | null;
}

export async function choose(
  room: Room,
  { backup: which, sections: wanted, path }: RestoreRequest,
  options: BackupOptions,
): Promise<DeskResult<Chosen>> {
  const here = await brought(room, which, options);
  if (here.kind !== 'done') return here;
  const found = await room.usable(here.value);
  if (found.kind !== 'done') return found;
  const backup = found.value;
  const sections = sectionsIn(backup, wanted);
  const missing = wanted.find((section) => !sections.includes(section));
  if (missing !== undefined)
    return { kind: 'not_found', reason: `The backup ${backup.id} has no ${missing}.` };
  const only = path === null ? null : pathsMeant(path, backup, sections, room.folders);
  if (only?.length === 0) return { kind: 'not_found', reason: `${path} is in no folder of this backup.` };
  return { kind: 'done', value: { backup, sections, only } };
}

export async function compareChosen(
  room: Room,
  { backup, sections, only }: Chosen,
  run: Run,
): Promise<DeskResult<CompareResult>> {
  const found = await compareWithLive(backup, sections, only, room.deps, run);
  const hasAny = found.sections.some(({ differences, unchanged }) => differences.length + unchanged > 0);
  if (only === null || hasAny) return { kind: 'done', value: found };
  return { kind: 'not_found', reason: 'There is nothing of that path in this backup.' };
}

/** What a person should know before saying yes. */
export async function notesOn(room: Room, backup: StoredBackup): Promise<readonly string[]> {
  const { all, keys, ledger } = await room.found();
  const chain = await chainFaults(backup, all, room.folders.backups, keys);
  const never =
    ledger.verdicts[backup.id] === undefined
      ? ['it was not read in full yet; every byte is compared as it is unpacked']
      : [];
  return [...chain, ...never, ...(keys.note === '' ? [] : [keys.note])];
}
