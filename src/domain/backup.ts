/**
 * Backups and restores in the words that every surface uses. `BackupDesk` is what people can ask of them; what can
 * be expected to go wrong is a value, not an error.
 */
import type { Actor } from './approval.ts';
import type { EpochMs, Ms } from './units.ts';

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

export interface RestoreReport {
  readonly id: string;
  /** The backup of what was there before; `null` for a restore elsewhere. */
  readonly safety: string | null;
  readonly sections: readonly SectionChanges[];
  readonly took: Ms;
  readonly text: string;
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
    }
  | { readonly kind: 'done'; readonly id: string; readonly safety: string; readonly at: EpochMs }
  | { readonly kind: 'rolled_back'; readonly id: string; readonly reason: string; readonly at: EpochMs };

export interface BackupProgress {
  readonly what: string;
  readonly doneBytes: number;
  /** 0 while it is not known. */
  readonly totalBytes: number;
  readonly elapsed: Ms;
}

export interface BackupStatus {
  readonly newest: BackupView | null;
  readonly newestVerified: BackupView | null;
  readonly lastDrill: DrillReport | null;
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
  /** All sections at once, each checked, all put back when one check fails. The caller has the yes. */
  restore(request: RestoreRequest, by: Actor, options?: BackupOptions): Promise<DeskResult<RestoreReport>>;
  /** Puts back what was there before the last restore. */
  rollback(by: Actor): Promise<DeskResult<string>>;
  restoreState(): Promise<RestoreState>;
}
