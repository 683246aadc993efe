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

/** As many drills as a trend is made of. */
const TREND = 14;

export function viewOf({ id, manifest }: StoredBackup, { verdicts, replicas }: Ledger): BackupView {
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
    replicas: replicas[id] ?? [],
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
    drills: ledger.drills.slice(-TREND),
    complaints: complaintsOf(found, ledger, limits, now).map(({ text }) => text),
  };
}

/** What is wrong with the backups themselves, and what kind of trouble it is. */
export interface Complaint {
  readonly kind: 'backup_failed' | 'backup_stale' | 'restore_slow';
  readonly text: string;
  /** Age or span in seconds; `null` where no figure says it. */
  readonly value: number | null;
}

export function complaintsOf(
  found: readonly FoundBackup[],
  ledger: Ledger,
  limits: Limits,
  now: EpochMs,
): readonly Complaint[] {
  const views = found.flatMap((one) => (one.kind === 'genuine' ? [viewOf(one.backup, ledger)] : []));
  const verified = views.find(({ verified: verdict }) => verdict?.good === true) ?? null;
  const drill = ledger.drills.at(-1);
  const bad = [
    ...found.flatMap((one) =>
      one.kind === 'refused' ? [`The backup ${one.id} is refused: ${one.reason}.`] : [],
    ),
    ...views.flatMap(({ id, verified: verdict }) =>
      verdict?.good === false ? [`The backup ${id} is damaged: ${verdict.reasons[0]}.`] : [],
    ),
    ...(ledger.failure === null ? [] : [`The last backup failed: ${ledger.failure.reason}.`]),
    ...(drill === undefined || drill.good ? [] : [`The last drill failed: ${drill.reasons[0]}.`]),
    ...(views[0]?.replicas ?? []).flatMap(({ name, failure }) =>
      failure === null ? [] : [`The copy of ${views[0]?.id} to ${name} failed: ${failure}.`],
    ),
  ];
  const isSlow = drill !== undefined && drill.projected > limits.slowRestore;
  return [
    ...staleness(verified, found.length > 0, limits.staleAfter, now).map(
      (text) =>
        ({
          kind: 'backup_stale',
          text,
          value: verified === null ? null : elapsed(verified.at, now) / 1_000,
        }) as const,
    ),
    ...bad.map((text) => ({ kind: 'backup_failed', text, value: bad.length }) as const),
    ...(isSlow
      ? [
          {
            kind: 'restore_slow',
            text: `A full restore would take about ${spanWords(drill.projected)}.`,
            value: drill.projected / 1_000,
          } as const,
        ]
      : []),
  ];
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
