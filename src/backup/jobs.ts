/**
 * What the worker thread of this room can do. Plain data in, plain data out: reading and writing hundreds of
 * thousands of files must never hold up the bot's own thread.
 */
import type { Section } from '../domain/backup.ts';
import type { PackedSection, SectionPlan } from './archive.ts';
import type { ArchiveToRead } from './manifest.ts';
import type { RawPath } from './names.ts';
import type { LiveSection, SectionDifference } from './compare-live.ts';

export interface PackJob {
  readonly kind: 'pack';
  readonly sections: readonly SectionPlan[];
  readonly hashesFile: string;
}
export interface PackResult {
  readonly sections: readonly PackedSection[];
  readonly hashesSha256: string;
}

/** Looks at what would be packed: sizes, and databases that want a consistent copy. */
export interface ScanJob {
  readonly kind: 'scan';
  readonly sections: readonly SectionPlan[];
}
export interface ScanResult {
  readonly entries: number;
  readonly bytes: number;
  readonly databases: readonly RawPath[];
}

/** Reads all of a backup whose manifest was already found to be genuine. */
export interface CheckJob {
  readonly kind: 'check';
  readonly hashesFile: string;
  readonly hashesSha256: string;
  readonly archives: readonly ArchiveToRead[];
}
export interface CheckResult {
  readonly files: number;
  readonly bytes: number;
  /** Empty when all is well. */
  readonly faults: readonly string[];
}

/** Unpacks into staging folders; checks on the way whatever was asked for. */
export interface ExtractJob {
  readonly kind: 'extract';
  readonly hashesFile: string;
  readonly hashesSha256: string;
  readonly archives: readonly (ArchiveToRead & {
    readonly staging: string;
    /** `null` = all; else paths with everything below them. */
    readonly only: readonly RawPath[] | null;
  })[];
}
export interface ExtractResult {
  readonly files: number;
  readonly bytes: number;
}

/** Reads the live folders and says what a restore would change. */
export interface CompareJob {
  readonly kind: 'compare';
  readonly hashesFile: string;
  readonly hashesSha256: string;
  readonly sections: readonly LiveSection[];
}
export interface CompareResult {
  readonly sections: readonly (SectionDifference & { readonly section: Section })[];
}

export type Job = PackJob | ScanJob | CheckJob | ExtractJob | CompareJob;

export interface JobResults {
  readonly pack: PackResult;
  readonly scan: ScanResult;
  readonly check: CheckResult;
  readonly extract: ExtractResult;
  readonly compare: CompareResult;
}

/** What the thread says. */
export type FromThread =
  | { readonly kind: 'progress'; readonly bytes: number }
  | { readonly kind: 'done'; readonly result: unknown }
  | { readonly kind: 'failed'; readonly reason: string; readonly code: string };

export interface ThreadData {
  readonly job: Job;
  /** One Int32: not 0 = give up. */
  readonly stop: SharedArrayBuffer;
}
