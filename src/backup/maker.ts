/** One backup from beginning to end: made, recorded, read in full. Only a good one is done. */
import { mkdir } from 'node:fs/promises';
import { type BackupView, type DeskResult, SECTIONS, type Section } from '../domain/backup.ts';
import { ms } from '../domain/units.ts';
import { verifyFound } from './checks.ts';
import { createBackup } from './create.ts';
import { openSigningKey } from './keys.ts';
import { readLedger, updateLedger } from './ledger.ts';
import { genuine } from './lookup.ts';
import type { Room } from './room.ts';
import type { Run } from './run.ts';
import { findBackups, sweepPartials } from './store.ts';
import { viewOf } from './views.ts';

/** @param sections None = all. Inside a run. */
export async function makeBackup(
  room: Room,
  sections: readonly Section[],
  why: string,
  run: Run,
): Promise<DeskResult<BackupView>> {
  const { deps, folders } = room;
  const begun = deps.clock.monotonic();
  await mkdir(folders.backups, { recursive: true, mode: 0o700 });
  await sweepPartials(folders.backups);
  const key = await openSigningKey({ secret: folders.own, backups: folders.backups });
  const previous = genuine(await findBackups(folders.backups, key))[0] ?? null;
  const wanted = SECTIONS.filter((section) => sections.length === 0 || sections.includes(section));
  const created = await createBackup({ sections: wanted, why, previous, key, folders }, deps, run);
  if (created.kind === 'refused') return created;
  const { id, sha256 } = created.backup;
  const lastTook = ms(deps.clock.monotonic() - begun);
  await updateLedger(folders.own, (ledger) => ({ ...ledger, head: { id, sha256 }, lastTook, failure: null }));
  const verdict = await verifyFound(room, { kind: 'genuine', id, backup: created.backup }, run);
  if (verdict.good) {
    const view = viewOf(created.backup, await readLedger(folders.own));
    deps.bus?.publish({ type: 'backup.completed', id, bytes: view.bytes, took: lastTook });
    return { kind: 'done', value: view };
  }
  return {
    kind: 'failed',
    reason: `the backup ${id} was made but is not good: ${verdict.reasons.join('; ')}`,
  };
}
