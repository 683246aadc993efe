/** Restores as people ask for them: preview, elsewhere, in place, and the way back. */
import { mkdir, readdir, rename, rm } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import type { Actor } from '../domain/approval.ts';
import type {
  BackupDesk,
  BackupOptions,
  DeskResult,
  RestorePreview,
  RestoreReport,
  RestoreRequest,
  RestoreState,
} from '../domain/backup.ts';
import { epochMs, fromIso, ms } from '../domain/units.ts';
import { codeOf } from '../platform/durable-file.ts';
import type { CompareResult } from './jobs.ts';
import { BEFORE_RESTORE } from './lookup.ts';
import { makeBackup } from './maker.ts';
import { compareWithLive, pathsMeant, previewOf } from './preview.ts';
import { restoreLive, resumeRestore } from './restore.ts';
import { readJournal } from './restore-journal.ts';
import { changesOf } from './restore-plan.ts';
import type { Room } from './room.ts';
import type { Run } from './run.ts';
import { chainFaults, type StoredBackup } from './store.ts';
import { runJob } from './thread.ts';
import { listOf, readInFull, withArchives } from './verify.ts';
import { sectionsIn } from './views.ts';

const STATE_NEEDS_STOP =
  'A running bot cannot exchange its own state. Name the sections config,data; or stop it and run "nightshift restore --yes" on the host.';

export type RestoreDesk = Pick<BackupDesk, 'preview' | 'restoreTo' | 'restore' | 'rollback' | 'restoreState'>;

export function createRestoreDesk(room: Room): RestoreDesk {
  const desk = new Restores(room);
  return {
    preview: (request, options) => desk.preview(request, options ?? {}),
    restoreTo: (request, folder, options) => desk.restoreTo(request, folder, options ?? {}),
    restore: (request, by, options) => desk.restore(request, by, options ?? {}),
    rollback: (by) => desk.rollback(by),
    restoreState: () => desk.state(),
  };
}

interface Chosen {
  readonly backup: StoredBackup;
  readonly sections: ReturnType<typeof sectionsIn>;
  readonly only: readonly string[] | null;
}

class Restores {
  readonly #room: Room;

  constructor(room: Room) {
    this.#room = room;
  }

  async preview(request: RestoreRequest, options: BackupOptions): Promise<DeskResult<RestorePreview>> {
    const chosen = await this.#choose(request);
    if (chosen.kind !== 'done') return chosen;
    return this.#room.runs.once<RestorePreview>('a preview', options, async (run) => {
      const compared = await this.#compare(chosen.value, run);
      if (compared.kind !== 'done') return compared;
      const notes = await this.#notes(chosen.value.backup);
      return {
        kind: 'done',
        value: await previewOf(chosen.value.backup, compared.value, this.#room.deps, run, notes),
      };
    });
  }

  async restoreTo(
    request: RestoreRequest,
    folder: string,
    options: BackupOptions,
  ): Promise<DeskResult<RestoreReport>> {
    const chosen = await this.#choose(request);
    if (chosen.kind !== 'done') return chosen;
    const target = resolve(folder);
    const refusal = await whyNotInto(target);
    if (refusal !== null) return { kind: 'refused', reason: refusal };
    return this.#room.runs.once<RestoreReport>('a restore', options, (run) =>
      this.#unpackTo(chosen.value, target, run),
    );
  }

  async #unpackTo(
    { backup, sections, only }: Chosen,
    target: string,
    run: Run,
  ): Promise<DeskResult<RestoreReport>> {
    const { deps, folders } = this.#room;
    const begun = deps.clock.monotonic();
    const partial = `${target}.partial`;
    const scratch = join(folders.backups, `.scratch-${backup.id}`);
    await mkdir(dirname(target), { recursive: true });
    await rm(partial, { recursive: true, force: true });
    await mkdir(partial, { mode: 0o700 });
    const total = backup.manifest.sections.reduce((sum, { bytes }) => sum + bytes, 0);
    const done = await withArchives(backup, scratch, deps, run, async (archives) => {
      const own = archives.filter(({ section }) => sections.includes(section));
      const apart = namesClash(backup);
      const places = own.map((archive) => ({
        ...archive,
        staging: apart ? join(partial, archive.section) : partial,
        only,
      }));
      for (const { staging } of places) await mkdir(staging, { recursive: true, mode: 0o700 });
      const job = { kind: 'extract', ...listOf(backup), archives: places, below: true, sync: false } as const;
      const result = await runJob<'extract'>(job, run.step('restoring', total));
      return { ...result, faults: [] };
    }).catch(async (cause: unknown) => {
      await rm(partial, { recursive: true, force: true });
      throw cause;
    });
    const isEmpty = only !== null && done.files === 0;
    if (done.faults.length > 0 || isEmpty) {
      await rm(partial, { recursive: true, force: true });
      if (done.faults.length === 0)
        return { kind: 'not_found', reason: 'There is nothing of that path in this backup.' };
      return { kind: 'failed', reason: `${backup.id} is damaged: ${done.faults.join('; ')}` };
    }
    await rm(target, { recursive: true, force: true });
    await rename(partial, target);
    const took = ms(deps.clock.monotonic() - begun);
    const text = `Restored ${done.files} entries of ${backup.id} into ${target}. Nothing of this host was changed.`;
    return { kind: 'done', value: { id: backup.id, safety: null, sections: [], took, text } };
  }

  async restore(
    request: RestoreRequest,
    by: Actor,
    options: BackupOptions,
  ): Promise<DeskResult<RestoreReport>> {
    const chosen = await this.#choose(request);
    if (chosen.kind !== 'done') return chosen;
    const { backup, sections } = chosen.value;
    if (this.#room.deps.isBotRunning && sections.includes('state')) {
      return { kind: 'refused', reason: STATE_NEEDS_STOP };
    }
    await this.#room.note('intent', by, `Restore of ${sections.join(', ')} from ${backup.id}`);
    const result = await this.#room.runs.once<RestoreReport>('a restore', options, (run) =>
      this.#restoreChosen(chosen.value, run),
    );
    await this.#room.note(
      'outcome',
      by,
      result.kind === 'done' ? result.value.text : `No restore: ${result.reason}`,
    );
    if (result.kind === 'done') await this.#room.deps.onRestored(sections);
    return result;
  }

  async #restoreChosen({ backup, sections, only }: Chosen, run: Run): Promise<DeskResult<RestoreReport>> {
    const { deps, folders } = this.#room;
    const begun = deps.clock.monotonic();
    await resumeRestore(deps, run);
    const content = await readInFull(backup, join(folders.backups, `.scratch-${backup.id}`), deps, run);
    if (content.faults.length > 0) {
      return {
        kind: 'failed',
        reason: `${backup.id} is damaged: ${content.faults.join('; ')}. Nothing was changed.`,
      };
    }
    const safety = await makeBackup(this.#room, [], `${BEFORE_RESTORE} ${backup.id}`, run);
    if (safety.kind !== 'done') {
      const reason = `What is there now could not be backed up first: ${safety.reason}. Nothing was changed.`;
      return { kind: 'failed', reason };
    }
    const compared = await this.#compare({ backup, sections, only }, run);
    if (compared.kind !== 'done') return compared;
    const found = compared.value;
    const done = await restoreLive({ backup, sections, found, safety: safety.value.id }, deps, run);
    if (done.kind === 'taken_back') {
      return { kind: 'failed', reason: `${done.reason}. Everything was put back as it was.` };
    }
    const changes = found.sections.map((one) => changesOf(one.section, one, new Map()));
    const count = changes.reduce(
      (sum, { added, changed, removed, modes }) => sum + added + changed + removed + modes,
      0,
    );
    const took = ms(deps.clock.monotonic() - begun);
    const text = `Restored ${sections.join(', ')} from ${backup.id}: ${count} changes. What was there before is in ${safety.value.id}.`;
    return { kind: 'done', value: { id: backup.id, safety: safety.value.id, sections: changes, took, text } };
  }

  /** Back to the safety backup, with all that a restore does, a safety backup of its own included. */
  async rollback(by: Actor): Promise<DeskResult<string>> {
    const journal = await readJournal(this.#room.folders.own);
    if (journal === null || journal.phase !== 'done' || journal.safety === null) {
      return { kind: 'not_found', reason: 'There is no finished restore to take back.' };
    }
    const request = { backup: journal.safety, sections: journal.sections, path: null };
    const result = await this.restore(request, by, {});
    return result.kind === 'done' ? { kind: 'done', value: result.value.text } : result;
  }

  async state(): Promise<RestoreState> {
    const journal = await readJournal(this.#room.folders.own);
    if (journal === null) return { kind: 'none' };
    const { id, phase, safety, reason } = journal;
    const at = fromIso(journal.at) ?? epochMs(0);
    if (phase === 'done') return { kind: 'done', id, safety: safety ?? '', at };
    if (phase === 'rolled_back') return { kind: 'rolled_back', id, reason, at };
    const step = this.#room.runs.current?.what ?? 'interrupted: the next start takes it back';
    return { kind: 'running', id, section: null, step };
  }

  async #choose({ backup: which, sections: wanted, path }: RestoreRequest): Promise<DeskResult<Chosen>> {
    const found = await this.#room.usable(which);
    if (found.kind !== 'done') return found;
    const backup = found.value;
    const sections = sectionsIn(backup, wanted);
    const missing = wanted.find((section) => !sections.includes(section));
    if (missing !== undefined)
      return { kind: 'not_found', reason: `The backup ${backup.id} has no ${missing}.` };
    const only = path === null ? null : pathsMeant(path, backup, sections, this.#room.folders);
    if (only?.length === 0) return { kind: 'not_found', reason: `${path} is in no folder of this backup.` };
    return { kind: 'done', value: { backup, sections, only } };
  }

  async #compare({ backup, sections, only }: Chosen, run: Run): Promise<DeskResult<CompareResult>> {
    const found = await compareWithLive(backup, sections, only, this.#room.deps, run);
    const hasAny = found.sections.some(({ differences, unchanged }) => differences.length + unchanged > 0);
    if (only === null || hasAny) return { kind: 'done', value: found };
    return { kind: 'not_found', reason: 'There is nothing of that path in this backup.' };
  }

  async #notes(backup: StoredBackup): Promise<readonly string[]> {
    const { all, keys, ledger } = await this.#room.found();
    const chain = await chainFaults(backup, all, this.#room.folders.backups, keys);
    const never =
      ledger.verdicts[backup.id] === undefined ? ['it was not read in full yet; that is done first'] : [];
    return [...chain, ...never, ...(keys.note === '' ? [] : [keys.note])];
  }
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
