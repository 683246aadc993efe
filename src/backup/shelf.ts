/** Backups as people and the nightly job ask for them: make, look, check, drill, copy, tidy, report. */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Actor } from '../domain/approval.ts';
import {
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
import { brought } from './fetch.ts';
import { readLedger } from './ledger.ts';
import { genuine } from './lookup.ts';
import { makeBackup } from './maker.ts';
import { replicateBackup } from './replicate.ts';
import { reportText } from './report.ts';
import { resumeRestore } from './restore.ts';
import { whyWaiting } from './restore-guide.ts';
import type { Room } from './room.ts';
import { sweepPartials } from './store.ts';
import { prune } from './tidy.ts';
import type { Troubles } from './troubles.ts';
import { statusOf, viewOf } from './views.ts';

const REPORT_FILE = 'backup_verification_report_latest.md';

export class Shelf {
  readonly #room: Room;
  readonly #troubles: Troubles;

  constructor(room: Room, troubles: Troubles) {
    this.#room = room;
    this.#troubles = troubles;
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
    const waiting = await whyWaiting(this.#room);
    if (waiting !== null) return { kind: 'refused', reason: waiting };
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
    await this.writeReport();
    return result;
  }

  async verify(which: string, options: BackupOptions): Promise<DeskResult<VerifyReport>> {
    const here = await brought(this.#room, which, options);
    if (here.kind !== 'done') return here;
    const found = await this.#room.any(here.value);
    if (found.kind !== 'done') return found;
    const result = await this.#room.runs.once<VerifyReport>('a check', options, async (run) => ({
      kind: 'done',
      value: await verifyFound(this.#room, found.value, run),
    }));
    await this.writeReport();
    return result;
  }

  async drill(which: string, options: BackupOptions): Promise<DeskResult<DrillReport>> {
    const here = await brought(this.#room, which, options);
    if (here.kind !== 'done') return here;
    const found = await this.#room.usable(here.value);
    if (found.kind !== 'done') return found;
    const result = await this.#room.runs.once<DrillReport>('a drill', options, async (run) => ({
      kind: 'done',
      value: await drillFound(this.#room, found.value, run),
    }));
    await this.writeReport();
    return result;
  }

  async replicate(which: string, options: BackupOptions): Promise<DeskResult<readonly string[]>> {
    const found = await this.#room.usable(which);
    if (found.kind !== 'done') return found;
    await this.#room.note('intent', null, `Copy of ${found.value.id} to the configured places`);
    const result = await this.#room.runs.once('a copy', options, (run) =>
      replicateBackup(this.#room, found.value, run),
    );
    const text =
      result.kind === 'done'
        ? `${found.value.id} is copied to ${result.value.join(', ')} and compared`
        : `The copy of ${found.value.id} failed: ${result.reason}`;
    await this.#room.note('outcome', null, text);
    await this.writeReport();
    return result;
  }

  async recover(keepWaiting: boolean): Promise<string | null> {
    const { deps, folders, runs } = this.#room;
    if (keepWaiting && (await whyWaiting(this.#room)) !== null) return null;
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
      tellFailure(this.#room, `the drill of ${id} failed: ${drilled.value.reasons[0]}`);
    }
    const copied = config.current().replicas.length > 0 ? await this.replicate(id, { signal }) : null;
    if (copied !== null && copied.kind !== 'done')
      tellFailure(this.#room, `the copy of ${id} failed: ${copied.reason}`);
    await prune(this.#room, null, false);
    await this.writeReport();
  }

  /** After every change: the report for people, and the troubles for the incidents. */
  async writeReport(): Promise<void> {
    const { deps, folders, found } = this.#room;
    try {
      const { all, ledger } = await found();
      const now = deps.clock.now();
      const status = statusOf(all, ledger, null, deps.config.current(), now);
      const list = genuine(all).map((backup) => viewOf(backup, ledger));
      await mkdir(folders.reports, { recursive: true });
      const text = reportText(deps.host, status, list, ledger.drills, now);
      await writeDurably(join(folders.reports, REPORT_FILE), text);
      await this.#troubles.look();
    } catch (error) {
      deps.log.warn('the report of the backups could not be written', { error });
    }
  }
}

/** There is a good backup; something after it went wrong. */
function tellFailure({ deps }: Room, reason: string): void {
  deps.bus?.publish({ type: 'backup.failed', reason });
}
