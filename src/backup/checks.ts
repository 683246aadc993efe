/** Full reads and drills of one backup, with what came of them kept in the ledger. */
import { join } from 'node:path';
import type { DrillReport, VerifyReport } from '../domain/backup.ts';
import { ms } from '../domain/units.ts';
import { restoreForPractice } from './drill.ts';
import type { CheckResult } from './jobs.ts';
import { readLedger, updateLedger } from './ledger.ts';
import type { Room } from './room.ts';
import type { Run } from './run.ts';
import { chainFaults, type FoundBackup, type StoredBackup } from './store.ts';
import { readInFull } from './verify.ts';

export async function verifyFound(room: Room, found: FoundBackup, run: Run): Promise<VerifyReport> {
  const { clock } = room.deps;
  const begun = clock.monotonic();
  const { faults, files, bytes } = await faultsOf(room, found, run);
  const verdict = { at: clock.now(), good: faults.length === 0, reasons: [...faults] };
  await updateLedger(room.folders.own, (ledger) => ({
    ...ledger,
    verdicts: { ...ledger.verdicts, [found.id]: verdict },
  }));
  room.deps.bus?.publish({
    type: 'backup.verified',
    id: found.id,
    good: verdict.good,
    reasons: verdict.reasons,
  });
  return { id: found.id, ...verdict, files, bytes, took: ms(clock.monotonic() - begun) };
}

async function faultsOf(room: Room, found: FoundBackup, run: Run): Promise<CheckResult> {
  if (found.kind === 'refused') return { faults: [found.reason], files: 0, bytes: 0 };
  const { folders } = room;
  const { all, keys, ledger } = await room.found();
  const chain = await chainFaults(found.backup, all, folders.backups, keys);
  const newest = all[0]?.id ?? '';
  const head =
    ledger.head !== null && ledger.head.id > newest ? [`the newest backup, ${ledger.head.id}, is gone`] : [];
  const content = await readInFull(
    found.backup,
    join(folders.backups, `.scratch-${found.id}`),
    room.deps,
    run,
  );
  return { ...content, faults: [...chain, ...head, ...content.faults] };
}

export async function drillFound(room: Room, backup: StoredBackup, run: Run): Promise<DrillReport> {
  const { deps, folders } = room;
  const begun = deps.clock.monotonic();
  const scratch = join(folders.backups, `.scratch-${backup.id}`);
  const { bytes, faults } = await restoreForPractice(backup, scratch, deps, run);
  const took = ms(deps.clock.monotonic() - begun);
  const { lastTook } = await readLedger(folders.own);
  const report = {
    id: backup.id,
    at: deps.clock.now(),
    good: faults.length === 0,
    reasons: [...faults],
    bytes,
    took,
    projected: ms(took + (lastTook ?? 0)),
  };
  await updateLedger(folders.own, (ledger) => ({ ...ledger, drills: [...ledger.drills, report] }));
  const { id, good, reasons, projected } = report;
  deps.bus?.publish({ type: 'drill.finished', kind: 'restore', id, good, took, projected, reasons });
  return report;
}
