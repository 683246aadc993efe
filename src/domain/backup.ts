/**
 * Backups and restores in the words that every surface uses. `BackupDesk` is what people can ask of them; what can
 * be expected to go wrong is a value, not an error.
 */
import type { Actor } from './approval.ts';
import { type EpochMs, type Ms, ms } from './units.ts';

/** In the order in which they are restored. */
export const SECTIONS = ['config', 'data', 'state'] as const;
export type Section = (typeof SECTIONS)[number];

export interface SectionView {
  readonly section: Section;
  readonly entries: number;
  readonly bytes: number;
  readonly archiveBytes: number;
}

/** The last full read of a backup. */
export interface Verdict {
  readonly at: EpochMs;
  readonly good: boolean;
  /** Why not, most important first; empty when it is good. */
  readonly reasons: readonly string[];
}

export interface BackupView {
  readonly id: string;
  readonly at: EpochMs;
  readonly host: string;
  readonly sections: readonly SectionView[];
  readonly bytes: number;
  readonly archiveBytes: number;
  /** Files that changed, vanished or could not be read, in words. */
  readonly warnings: readonly string[];
  /** `null`: never read in full since it was made. */
  readonly verified: Verdict | null;
  /** Places that copies were made to, with what became of the newest try. */
  readonly replicas: readonly ReplicaView[];
}

export interface ReplicaView {
  readonly name: string;
  readonly at: EpochMs;
  /** `null`: it is there, and was compared by content. */
  readonly failure: string | null;
}

export interface VerifyReport extends Verdict {
  readonly id: string;
  readonly files: number;
  readonly bytes: number;
  readonly took: Ms;
}

/** A real restore into a scratch folder, timed. */
export interface DrillReport extends Verdict {
  readonly id: string;
  readonly bytes: number;
  readonly took: Ms;
  /** What a full restore of the newest backup would take, safety backup and check included. */
  readonly projected: Ms;
}

export interface ChangeView {
  readonly path: string;
  readonly change: 'added' | 'changed' | 'removed' | 'mode';
  readonly sizeNow: number | null;
  readonly sizeThen: number | null;
  /** A text diff of a small text file, else empty. */
  readonly diff: readonly string[];
}

export interface SectionChanges {
  readonly section: Section;
  readonly added: number;
  readonly changed: number;
  readonly removed: number;
  readonly modes: number;
  readonly unchanged: number;
  /** Bytes that would be written. */
  readonly bytes: number;
  /** At most 500, config first. */
  readonly changes: readonly ChangeView[];
}

export interface RestorePreview {
  readonly id: string;
  readonly at: EpochMs;
  readonly sections: readonly SectionChanges[];
  readonly notes: readonly string[];
}

export interface RestoreRequest {
  /** `latest`, an id, the beginning of one, or a date (the newest backup of that day). */
  readonly backup: string;
  readonly sections: readonly Section[];
  /** Only what is at or below this path; `null` = all. */
  readonly path: string | null;
}

/** Asked for; the card with the preview is on every surface. */
export interface RestoreAsked {
  readonly id: string;
  readonly approvalId: string;
  readonly incidentId: string;
  readonly expiresAt: EpochMs;
  readonly preview: RestorePreview;
}

/** `approvalId: null`: there is nothing to remove. */
export interface PruneAsked {
  readonly ids: readonly string[];
  readonly approvalId: string | null;
  readonly expiresAt: EpochMs | null;
}

export interface RestoreReport {
  readonly id: string;
  /** The backup of what was there before; `null` for a restore elsewhere. */
  readonly safety: string | null;
  readonly sections: readonly SectionChanges[];
  readonly took: Ms;
  readonly text: string;
  /** The section that waits for a person's "next"; `null` = all is done. */
  readonly next: Section | null;
}

/** Where a restore stands. */
export type RestoreState =
  | { readonly kind: 'none' }
  | { readonly kind: 'running'; readonly id: string; readonly section: Section | null; readonly step: string }
  | {
      readonly kind: 'waiting';
      readonly id: string;
      readonly done: readonly Section[];
      readonly next: Section;
      readonly since: EpochMs;
    }
  | { readonly kind: 'done'; readonly id: string; readonly safety: string; readonly at: EpochMs }
  | { readonly kind: 'rolled_back'; readonly id: string; readonly reason: string; readonly at: EpochMs };

export interface BackupProgress {
  readonly what: string;
  readonly doneBytes: number;
  /** 0 while it is not known. */
  readonly totalBytes: number;
  /** Of this step. */
  readonly elapsed: Ms;
}

/** What of a step is done, how fast, and how long it will still take; `null` while that is not known. */
export interface Pace {
  readonly percent: number | null;
  readonly bytesPerSecond: number | null;
  readonly left: Ms | null;
}

export function paceOf({ doneBytes, totalBytes, elapsed }: BackupProgress): Pace {
  const rate = elapsed > 0 && doneBytes > 0 ? (doneBytes / elapsed) * 1_000 : null;
  if (totalBytes <= 0) return { percent: null, bytesPerSecond: rate, left: null };
  const percent = Math.min(100, Math.floor((doneBytes / totalBytes) * 100));
  const left = rate === null ? null : ms(Math.round((Math.max(0, totalBytes - doneBytes) / rate) * 1_000));
  return { percent, bytesPerSecond: rate, left };
}

export interface BackupStatus {
  readonly newest: BackupView | null;
  readonly newestVerified: BackupView | null;
  readonly lastDrill: DrillReport | null;
  /** The last drills, oldest first: how the time of a restore develops. */
  readonly drills: readonly DrillReport[];
  readonly running: BackupProgress | null;
  /** What is wrong with the backups themselves; empty when all is well. */
  readonly complaints: readonly string[];
}

/** How a request to the backup room ended. */
export type DeskResult<T> =
  | { readonly kind: 'done'; readonly value: T }
  | { readonly kind: 'refused'; readonly reason: string }
  | { readonly kind: 'failed'; readonly reason: string }
  | { readonly kind: 'not_found'; readonly reason: string };

export interface BackupOptions {
  readonly signal?: AbortSignal;
  onProgress?(progress: BackupProgress): void;
}

/** One run at a time: a second one is refused and told who runs. */
export interface BackupDesk {
  status(): Promise<BackupStatus>;
  /** How far what runs is; `null` = nothing runs. */
  running(): BackupProgress | null;
  list(): Promise<readonly BackupView[]>;
  show(which: string): Promise<DeskResult<BackupView>>;
  create(
    by: Actor | null,
    sections: readonly Section[],
    options?: BackupOptions,
  ): Promise<DeskResult<BackupView>>;
  verify(which: string, options?: BackupOptions): Promise<DeskResult<VerifyReport>>;
  drill(which: string, options?: BackupOptions): Promise<DeskResult<DrillReport>>;
  /** Ids that retention no longer keeps; removed unless it is a dry run. */
  prune(by: Actor | null, dryRun: boolean): Promise<DeskResult<readonly string[]>>;
  replicate(which: string, options?: BackupOptions): Promise<DeskResult<readonly string[]>>;
  preview(request: RestoreRequest, options?: BackupOptions): Promise<DeskResult<RestorePreview>>;
  /** Into an empty or new folder; nothing of this host is touched. */
  restoreTo(
    request: RestoreRequest,
    folder: string,
    options?: BackupOptions,
  ): Promise<DeskResult<RestoreReport>>;
  /**
   * Section after section, each checked, all put back when one check fails. The caller has the yes.
   *
   * @param how `guided`: after each section it waits for `next` or `abort`.
   */
  restore(
    request: RestoreRequest,
    by: Actor,
    options?: BackupOptions,
    how?: 'at_once' | 'guided',
  ): Promise<DeskResult<RestoreReport>>;
  /** Asks people for a yes; once it is given the restore runs, guided. */
  requestRestore(request: RestoreRequest, by: Actor, reason: string): Promise<DeskResult<RestoreAsked>>;
  /** Asks for a yes for taking the last restore back. */
  requestRollback(by: Actor, reason: string): Promise<DeskResult<RestoreAsked>>;
  /** Asks for a yes for removing what retention no longer keeps. */
  requestPrune(by: Actor, reason: string): Promise<DeskResult<PruneAsked>>;
  /** Goes on with the next section of a restore that waits. */
  next(by: Actor, options?: BackupOptions): Promise<DeskResult<RestoreReport>>;
  /** Ends a restore that runs or waits; everything is put back. */
  abort(by: Actor, reason: string): Promise<DeskResult<string>>;
  /** Puts back what was there before the last restore. */
  rollback(by: Actor, options?: BackupOptions): Promise<DeskResult<string>>;
  restoreState(): Promise<RestoreState>;
}
