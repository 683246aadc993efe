/**
 * The backup room: one backup, check, drill or restore at a time. What was asked and what came of it is in the
 * audit log; a backup is read in full right after it was made, and only then counts.
 */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Actor } from '../domain/approval.ts';
import {
  type BackupDesk,
  type BackupOptions,
  type BackupStatus,
  type BackupView,
  type DeskResult,
  type DrillReport,
  SECTIONS,
  type Section,
  type VerifyReport,
} from '../domain/backup.ts';
import { OpsError } from '../domain/errors.ts';
import { writeDurably } from '../platform/durable-file.ts';
import { drillFound, verifyFound } from './checks.ts';
import { openSigningKey } from './keys.ts';
import { readLedger } from './ledger.ts';
import { genuine, momentOf } from './lookup.ts';
import { makeBackup } from './maker.ts';
import { replicateBackup } from './replicate.ts';
import { reportText } from './report.ts';
import { resumeRestore } from './restore.ts';
import { createRestoreDesk, type RestoreDesk } from './restore-desk.ts';
import { toPrune } from './retention.ts';
import { createRoom, type Room } from './room.ts';
import type { BackupDeps } from './site.ts';
import { removeBackup, sweepPartials } from './store.ts';
import { statusOf, viewOf } from './views.ts';

const REPORT_FILE = 'backup_verification_report_latest.md';

export interface Backup extends BackupDesk {
  /** Before anything else reads the files: finishes or takes back what a crash interrupted. Says what it did. */
  recover(): Promise<string | null>;
  /** Backup, check, drill, copies, retention, report. @throws OpsError when there is no good backup. */
  nightly(signal: AbortSignal): Promise<void>;
  /** What is under way now: "a backup", "a restore"; `null` = nothing. */
  underWay(): string | null;
}

export function createBackup(deps: BackupDeps): Backup {
  const room = createRoom(deps);
  const makers = new Shelf(room);
  const restores: RestoreDesk = createRestoreDesk(room);
  return {
    status: () => makers.status(),
    list: () => makers.list(),
    show: (which) => makers.show(which),
    create: (by, sections, options) => makers.create(by, sections, options ?? {}),
    verify: (which, options) => makers.verify(which, options ?? {}),
    drill: (which, options) => makers.drill(which, options ?? {}),
    prune: (by, dryRun) => makers.prune(by, dryRun),
    replicate: (which, options) => makers.replicate(which, options ?? {}),
    recover: () => makers.recover(),
    nightly: (signal) => makers.nightly(signal),
    underWay: () => room.runs.underWay,
    ...restores,
  };
}

class Shelf {
  readonly #room: Room;

  constructor(room: Room) {
    this.#room = room;
  }

  async status(): Promise<BackupStatus> {
    const { deps, runs } = this.#room;
    const { all, ledger } = await this.#room.found();
    return statusOf(all, ledger, runs.current, deps.config.current(), deps.clock.now());
  }

  async list(): Promise<readonly BackupView[]> {
    const { all, ledger } = await this.#room.found();
    return genuine(all).map((backup) => viewOf(backup, ledger));
  }

  async show(which: string): Promise<DeskResult<BackupView>> {
    const found = await this.#room.usable(which);
    if (found.kind !== 'done') return found;
    return { kind: 'done', value: viewOf(found.value, await readLedger(this.#room.folders.own)) };
  }

  async create(
    by: Actor | null,
    sections: readonly Section[],
    options: BackupOptions,
  ): Promise<DeskResult<BackupView>> {
    const { runs } = this.#room;
    const what = (sections.length === 0 ? SECTIONS : sections).join(', ');
    await this.#room.note('intent', by, `Backup of ${what}`);
    const why = by === null ? 'by schedule' : 'by hand';
    const result = await runs.once('a backup', options, (run) => makeBackup(this.#room, sections, why, run));
    if (result.kind === 'failed') await this.#room.failed(result.reason);
    const text =
      result.kind === 'done'
        ? `Backup ${result.value.id} is made and verified`
        : `No backup: ${result.reason}`;
    await this.#room.note('outcome', by, text);
    await this.#writeReport();
    return result;
  }

  async verify(which: string, options: BackupOptions): Promise<DeskResult<VerifyReport>> {
    const found = await this.#room.any(which);
    if (found.kind !== 'done') return found;
    const result = await this.#room.runs.once<VerifyReport>('a check', options, async (run) => ({
      kind: 'done',
      value: await verifyFound(this.#room, found.value, run),
    }));
    await this.#writeReport();
    return result;
  }

  async drill(which: string, options: BackupOptions): Promise<DeskResult<DrillReport>> {
    const found = await this.#room.usable(which);
    if (found.kind !== 'done') return found;
    const result = await this.#room.runs.once<DrillReport>('a drill', options, async (run) => ({
      kind: 'done',
      value: await drillFound(this.#room, found.value, run),
    }));
    await this.#writeReport();
    return result;
  }

  prune(by: Actor | null, dryRun: boolean): Promise<DeskResult<readonly string[]>> {
    const { deps, folders, runs } = this.#room;
    return runs.once<readonly string[]>('retention', {}, async () => {
      const { all, ledger } = await this.#room.found();
      const backups = genuine(all);
      const kept = backups.map(({ id }) => ({
        id,
        at: momentOf(id),
        good: ledger.verdicts[id]?.good ?? null,
      }));
      const ids = toPrune(kept, deps.config.current().retention, this.#room.dateOf, new Set());
      if (dryRun || ids.length === 0) return { kind: 'done', value: ids };
      await this.#room.note(
        'intent',
        by,
        `Removing backups that retention no longer keeps: ${ids.join(', ')}`,
      );
      const key = await openSigningKey({ secret: folders.own, backups: folders.backups });
      for (const backup of backups)
        if (ids.includes(backup.id)) await removeBackup(folders.backups, backup, key);
      return { kind: 'done', value: ids };
    });
  }

  async replicate(which: string, options: BackupOptions): Promise<DeskResult<readonly string[]>> {
    const found = await this.#room.usable(which);
    if (found.kind !== 'done') return found;
    return this.#room.runs.once('a copy', options, (run) => replicateBackup(this.#room, found.value, run));
  }

  async recover(): Promise<string | null> {
    const { deps, folders, runs } = this.#room;
    const result = await runs.once<string | null>('recovery', {}, async (run) => {
      await sweepPartials(folders.backups);
      return { kind: 'done', value: await resumeRestore(deps, run) };
    });
    if (result.kind !== 'done') return `recovery failed: ${result.reason}`;
    if (result.value !== null) await this.#room.note('outcome', null, result.value);
    return result.value;
  }

  async nightly(signal: AbortSignal): Promise<void> {
    const { config } = this.#room.deps;
    const made = await this.create(null, [], { signal });
    if (made.kind !== 'done') throw new OpsError('COMMAND_FAILED', made.reason);
    const { id } = made.value;
    const drilled = config.current().schedule.drill ? await this.drill(id, { signal }) : null;
    if (drilled?.kind === 'done' && !drilled.value.good) {
      await this.#room.failed(`the drill of ${id} failed: ${drilled.value.reasons[0]}`);
    }
    const copied = config.current().replicas.length > 0 ? await this.replicate(id, { signal }) : null;
    if (copied !== null && copied.kind !== 'done')
      await this.#room.failed(`the copy of ${id} failed: ${copied.reason}`);
    await this.prune(null, false);
    await this.#writeReport();
  }

  async #writeReport(): Promise<void> {
    const { deps, folders, found } = this.#room;
    try {
      const { all, ledger } = await found();
      const now = deps.clock.now();
      const status = statusOf(all, ledger, null, deps.config.current(), now);
      const list = genuine(all).map((backup) => viewOf(backup, ledger));
      await mkdir(folders.reports, { recursive: true });
      const text = reportText(deps.host, status, list, ledger.drills, now);
      await writeDurably(join(folders.reports, REPORT_FILE), text);
    } catch (error) {
      deps.log.warn('the report of the backups could not be written', { error });
    }
  }
}
