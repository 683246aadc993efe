/**
 * Everything below a folder that a section includes, in a stable order, each with what it is.
 *
 * Synchronous, for the worker thread. What cannot be read is told and left out; a folder is given before what is
 * in it, and only when something in it, or the folder itself, is included.
 */
import { type BigIntStats, lstatSync, readdirSync } from 'node:fs';
import { codeOf } from '../platform/durable-file.ts';
import { globMatcher } from './glob.ts';
import { bytesOf, type RawPath } from './names.ts';

/** The working folder of a restore stands inside the folder it restores, and is part of nothing. */
export const RESTORE_FOLDER = '.nightshift-restore';

const GONE = 'it vanished';

/** A folder of a section. Plain data: it crosses to the worker thread. */
export interface Root {
  /** First part of every path in the archive. */
  readonly name: string;
  readonly folder: RawPath;
  readonly include: readonly string[];
  readonly exclude: readonly string[];
  /** Absolute paths that are never read. */
  readonly forbidden: readonly RawPath[];
}

export interface Found {
  /** `name/relative`, or `name` for the folder itself. */
  readonly path: RawPath;
  readonly full: RawPath;
  readonly stat: BigIntStats;
}

export interface Skipped {
  readonly path: RawPath;
  readonly reason: string;
}

interface Walk {
  readonly root: Root;
  readonly included: (relative: RawPath) => boolean;
  readonly excluded: (relative: RawPath) => boolean;
  readonly onSkipped: (skipped: Skipped) => void;
  /** Folders on the way down that were not given yet. */
  readonly pending: Found[];
}

export function* walk(root: Root, onSkipped: (skipped: Skipped) => void): Generator<Found> {
  const include = root.include.map(globMatcher);
  const exclude = root.exclude.map(globMatcher);
  const state: Walk = {
    root,
    included: (path) => include.some((matches) => matches(path)),
    excluded: (path) => exclude.some((matches) => matches(path)),
    onSkipped,
    pending: [],
  };
  const stat = look(root.folder, root.name, ({ path, reason }) =>
    onSkipped({ path, reason: reason === GONE ? 'there is no such folder' : reason }),
  );
  if (stat === undefined) return;
  const top: Found = { path: root.name, full: root.folder, stat };
  if (stat.isDirectory()) yield* folder(top, '', state);
}

function* folder(found: Found, relative: RawPath, state: Walk): Generator<Found> {
  state.pending.push(found);
  if (state.included(relative)) yield* state.pending.splice(0);
  for (const name of namesIn(found, state.onSkipped)) {
    const child = relative === '' ? name : `${relative}/${name}`;
    const full = `${found.full}/${name}`;
    if (isOurs(name, full, state.root) || state.excluded(child)) continue;
    yield* entry({ path: `${found.path}/${name}`, full }, child, state);
  }
  const last = state.pending.indexOf(found);
  if (last >= 0) state.pending.splice(last);
}

function* entry(at: Omit<Found, 'stat'>, relative: RawPath, state: Walk): Generator<Found> {
  const stat = look(at.full, at.path, state.onSkipped);
  if (stat === undefined) return;
  if (stat.isDirectory()) {
    yield* folder({ ...at, stat }, relative, state);
    return;
  }
  if (!state.included(relative)) return;
  yield* state.pending.splice(0);
  yield { ...at, stat };
}

function isOurs(name: RawPath, full: RawPath, root: Root): boolean {
  return name.startsWith(RESTORE_FOLDER) || root.forbidden.includes(full);
}

function namesIn(found: Found, onSkipped: Walk['onSkipped']): readonly RawPath[] {
  try {
    return readdirSync(bytesOf(found.full), 'latin1').sort();
  } catch (cause) {
    onSkipped({ path: found.path, reason: `its content could not be read (${codeOf(cause)})` });
    return [];
  }
}

function look(full: RawPath, path: RawPath, onSkipped: Walk['onSkipped']): BigIntStats | undefined {
  try {
    return lstatSync(bytesOf(full), { bigint: true });
  } catch (cause) {
    const gone = codeOf(cause) === 'ENOENT';
    onSkipped({ path, reason: gone ? GONE : `it could not be read (${codeOf(cause)})` });
    return undefined;
  }
}
