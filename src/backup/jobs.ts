/**
 * What the worker thread of this room can do. Plain data in, plain data out: reading and writing hundreds of
 * thousands of files must never hold up the bot's own thread.
 */
import type { Section } from '../domain/backup.ts';
import type { PackedSection, SectionPlan } from './archive.ts';
import type { LiveSection, SectionDifference } from './compare-live.ts';
import type { ArchiveToRead } from './manifest.ts';
import type { RawPath } from './names.ts';
import type { SwapRoot } from './swap.ts';

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

/** Digests of files, without looking inside. */
export interface DigestJob {
  readonly kind: 'digest';
  readonly files: readonly string[];
}
export type DigestResult = readonly (
  | { readonly kind: 'read'; readonly sha256: string; readonly bytes: number }
  | { readonly kind: 'unreadable'; readonly reason: string }
)[];

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
    /** `null` = all. */
    readonly only: readonly RawPath[] | null;
  })[];
  /** Whatever is below a path of `only` is unpacked too. */
  readonly below: boolean;
  /** Each file is synced by itself. */
  readonly sync: boolean;
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

/** Puts staged files in place, or takes that back. Doing either twice is doing it once. */
export interface SwapJob {
  readonly kind: 'swap';
  readonly roots: readonly SwapRoot[];
  readonly undo: boolean;
}
export interface SwapResult {
  readonly steps: number;
}

/** Takes folders away with all that is in them; one that is not there is no fault. */
export interface RemoveJob {
  readonly kind: 'remove';
  readonly folders: readonly string[];
}

export type Job = SwapJob | PackJob | ScanJob | DigestJob | CheckJob | ExtractJob | CompareJob | RemoveJob;

export interface JobResults {
  readonly pack: PackResult;
  readonly scan: ScanResult;
  readonly digest: DigestResult;
  readonly swap: SwapResult;
  readonly check: CheckResult;
  readonly extract: ExtractResult;
  readonly compare: CompareResult;
  readonly remove: null;
}

/** What the thread says. */
export type FromThread =
  | { readonly kind: 'progress'; readonly bytes: number }
  | { readonly kind: 'done'; readonly result: unknown }
  | { readonly kind: 'failed'; readonly reason: string };

export interface ThreadData {
  /** One Int32: not 0 = give up. */
  readonly stop: SharedArrayBuffer;
}
