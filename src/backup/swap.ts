/**
 * Puts staged files in place by renames inside one file system, and takes that back.
 *
 * What was done already is seen from the files themselves, never from a counter: a process that was killed between
 * any two calls leaves something that can be taken back completely. A file that is replaced is never missing.
 * Synchronous, for the worker thread.
 */
import {
  chmodSync,
  chownSync,
  closeSync,
  existsSync,
  fsyncSync,
  linkSync,
  lstatSync,
  mkdirSync,
  openSync,
  renameSync,
  rmdirSync,
  unlinkSync,
} from 'node:fs';
import type { Section } from '../domain/backup.ts';
import { assertNever } from '../domain/errors.ts';
import { codeOf } from '../platform/durable-file.ts';
import { bytesOf, parentOf, type RawPath } from './names.ts';
import { RESTORE_FOLDER } from './walk.ts';

/** Paths are relative to the root. */
export type SwapStep =
  /** Out of the way, to `old/<number of the step>`. */
  | { readonly kind: 'away'; readonly path: RawPath }
  | { readonly kind: 'remove_folder'; readonly path: RawPath; readonly mode: number }
  | {
      readonly kind: 'make_folder';
      readonly path: RawPath;
      readonly uid: number;
      readonly gid: number;
    }
  /** From staging; what was there is kept. */
  | { readonly kind: 'place'; readonly path: RawPath; readonly replaces: boolean }
  | { readonly kind: 'mode'; readonly path: RawPath; readonly from: number | null; readonly to: number };

/** Plain data: it crosses to the worker thread and lies in the journal. */
export interface SwapRoot {
  readonly section: Section;
  readonly name: string;
  /** The live folder. */
  readonly folder: RawPath;
  readonly steps: readonly SwapStep[];
}

interface Places {
  readonly live: Buffer;
  readonly staged: Buffer;
  readonly old: Buffer;
}

/** Where the staged files of a root lie, and what they replace; sections never share a place. */
export function stagingOf(
  folder: RawPath,
  section: Section,
): {
  readonly top: RawPath;
  readonly fresh: RawPath;
  readonly old: RawPath;
} {
  const top = `${folder}/${RESTORE_FOLDER}-${section}`;
  return { top, fresh: `${top}/new`, old: `${top}/old` };
}

/** Forward in order; back in the opposite order. @returns How many steps there were. */
export function swap(roots: readonly SwapRoot[], undo: boolean): { readonly steps: number } {
  for (const root of undo ? roots.toReversed() : roots) {
    const numbered = root.steps.map((step, number) => ({ step, places: placesOf(root, step, number) }));
    const ordered = undo ? numbered.toReversed() : numbered;
    for (const { step, places } of ordered) (undo ? takeBack : apply)(step, places);
    for (const parent of new Set(root.steps.map(({ path }) => parentOf(path)))) syncFolder(root, parent);
  }
  return { steps: roots.reduce((sum, { steps }) => sum + steps.length, 0) };
}

/** What was renamed there is renamed on disk. */
function syncFolder({ folder }: SwapRoot, path: RawPath): void {
  allowing(['ENOENT', 'ENOTDIR'], () => {
    const file = openSync(bytesOf(path === '' ? folder : `${folder}/${path}`), 'r');
    try {
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
  });
}

function placesOf({ folder, name, section }: SwapRoot, { path }: SwapStep, number: number): Places {
  const { fresh, old } = stagingOf(folder, section);
  return {
    live: bytesOf(path === '' ? folder : `${folder}/${path}`),
    staged: bytesOf(`${fresh}/${name}/${path}`),
    old: bytesOf(`${old}/${number}`),
  };
}

function apply(step: SwapStep, { live, staged, old }: Places): void {
  switch (step.kind) {
    case 'away':
      if (!isThere(old)) renameSync(live, old);
      return;
    case 'remove_folder':
      allowing(['ENOENT', 'ENOTEMPTY', 'EEXIST'], () => rmdirSync(live));
      return;
    case 'make_folder':
      allowing(['EEXIST'], () => mkdirSync(live, 0o700));
      if (process.getuid?.() === 0) chownSync(live, step.uid, step.gid);
      return;
    case 'place':
      if (!isThere(staged)) return;
      if (step.replaces && !isThere(old)) keep(live, old);
      renameSync(staged, live);
      return;
    case 'mode':
      chmodSync(live, step.to);
      return;
    default:
      assertNever(step);
  }
}

function takeBack(step: SwapStep, { live, staged, old }: Places): void {
  switch (step.kind) {
    case 'away':
      if (isThere(old)) renameSync(old, live);
      return;
    case 'remove_folder':
      if (isThere(live)) return;
      mkdirSync(live);
      chmodSync(live, step.mode);
      return;
    case 'make_folder':
      allowing(['ENOENT', 'ENOTDIR', 'ENOTEMPTY', 'EEXIST'], () => rmdirSync(live));
      return;
    case 'place':
      takeBackPlaced(step.replaces, { live, staged, old });
      return;
    case 'mode':
      if (step.from !== null && isThere(live)) chmodSync(live, step.from);
      return;
    default:
      assertNever(step);
  }
}

function takeBackPlaced(replaces: boolean, { live, staged, old }: Places): void {
  const wasPlaced = !isThere(staged);
  if (replaces && isThere(old)) {
    // Two names of one file: renaming one onto the other would do nothing and leave both.
    if (wasPlaced || !isThere(live)) renameSync(old, live);
    else unlinkSync(old);
  }
  // Back into staging, so that doing it once more finds nothing to do.
  if (!replaces && wasPlaced) allowing(['ENOENT', 'ENOTDIR'], () => renameSync(live, staged));
}

/** A second name for what is about to be replaced; where there are no hard links it is moved for a moment. */
function keep(live: Buffer, old: Buffer): void {
  try {
    linkSync(live, old);
  } catch (cause) {
    if (codeOf(cause) === 'ENOENT') return;
    renameSync(live, old);
  }
}

/** `existsSync` follows links, and a dangling one is there all the same. */
function isThere(path: Buffer): boolean {
  if (existsSync(path)) return true;
  return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
}

function allowing(codes: readonly string[], work: () => void): void {
  try {
    work();
  } catch (cause) {
    if (!codes.includes(codeOf(cause))) throw cause;
  }
}
