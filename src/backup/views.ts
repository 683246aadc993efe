/** Backups as every surface sees them, and what is wrong with them. Pure. */
import {
  type BackupProgress,
  type BackupStatus,
  type BackupView,
  SECTIONS,
  type Section,
} from '../domain/backup.ts';
import { type EpochMs, elapsed, fromIso, type Ms } from '../domain/units.ts';
import type { Ledger } from './ledger.ts';
import { momentOf } from './lookup.ts';
import { spanWords } from './report.ts';
import type { FoundBackup, StoredBackup } from './store.ts';

export function viewOf({ id, manifest }: StoredBackup, { verdicts }: Ledger): BackupView {
  const sections = manifest.sections.map(({ section, entries, bytes, archiveBytes }) => ({
    section,
    entries,
    bytes,
    archiveBytes,
  }));
  return {
    id,
    at: fromIso(manifest.at) ?? momentOf(id),
    host: manifest.host,
    sections,
    bytes: sections.reduce((sum, { bytes }) => sum + bytes, 0),
    archiveBytes: sections.reduce((sum, { archiveBytes }) => sum + archiveBytes, 0),
    warnings: manifest.sections.flatMap(({ warnings }) => warnings),
    verified: verdicts[id] ?? null,
  };
}

export interface Limits {
  readonly staleAfter: Ms;
  readonly slowRestore: Ms;
}

export function statusOf(
  found: readonly FoundBackup[],
  ledger: Ledger,
  running: BackupProgress | null,
  limits: Limits,
  now: EpochMs,
): BackupStatus {
  const views = found.flatMap((one) => (one.kind === 'genuine' ? [viewOf(one.backup, ledger)] : []));
  const newestVerified = views.find(({ verified }) => verified?.good === true) ?? null;
  const lastDrill = ledger.drills.at(-1) ?? null;
  return {
    newest: views[0] ?? null,
    newestVerified,
    lastDrill,
    running,
    complaints: [
      ...staleness(newestVerified, found.length > 0, limits.staleAfter, now),
      ...found.flatMap((one) =>
        one.kind === 'refused' ? [`The backup ${one.id} is refused: ${one.reason}.`] : [],
      ),
      ...views.flatMap(({ id, verified }) =>
        verified?.good === false ? [`The backup ${id} is damaged: ${verified.reasons[0]}.`] : [],
      ),
      ...(ledger.failure === null ? [] : [`The last backup failed: ${ledger.failure.reason}.`]),
      ...(lastDrill === null || lastDrill.good ? [] : [`The last drill failed: ${lastDrill.reasons[0]}.`]),
      ...(lastDrill !== null && lastDrill.projected > limits.slowRestore
        ? [`A full restore would take about ${spanWords(lastDrill.projected)}.`]
        : []),
    ],
  };
}

/** A host that never made one is new, not stale. */
function staleness(
  verified: BackupView | null,
  hasAny: boolean,
  staleAfter: Ms,
  now: EpochMs,
): readonly string[] {
  if (verified === null) return hasAny ? ['No backup was read in full and found good.'] : [];
  const age = elapsed(verified.at, now);
  return age > staleAfter ? [`The newest verified backup is ${spanWords(age)} old.`] : [];
}

/** Those of `wanted` that a backup has, in the order of a restore; all when none is named. */
export function sectionsIn({ manifest }: StoredBackup, wanted: readonly Section[]): readonly Section[] {
  const there = manifest.sections.map(({ section }) => section);
  return SECTIONS.filter(
    (section) => there.includes(section) && (wanted.length === 0 || wanted.includes(section)),
  );
}
