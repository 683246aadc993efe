/**
 * What a restore would change: the live folders against the list of a backup, by content and not by time.
 *
 * What the backup could not read, and what is neither file, folder nor symlink, is left alone. Files with several
 * names are changed together or not at all. Synchronous, for the worker thread.
 */
import { createHash } from 'node:crypto';
import { type BigIntStats, closeSync, constants, openSync, readlinkSync, readSync } from 'node:fs';
import type { Tick } from './archive.ts';
import type { Entry, EntryType } from './entry.ts';
import { bytesOf, type RawPath } from './names.ts';
import { type Root, walk } from './walk.ts';

const READ_BYTES = 1_048_576;
const OPEN_FLAGS = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
/** Setuid and setgid of files are never given back, so they make no difference. */
const FILE_MODES = 0o1777;

/** Plain data: it crosses to the worker thread. */
export interface LiveSection {
  readonly section: 'config' | 'data' | 'state';
  /** The folders as they are now, under the names that the archive uses. */
  readonly roots: readonly Root[];
  /** At or below these nothing is removed. */
  readonly leftOut: readonly RawPath[];
  /** `null` = all; else only paths at or below these. */
  readonly only: readonly RawPath[] | null;
  /** Roots of which only missing files are brought back. */
  readonly onlyMissing: readonly string[];
}

export interface LiveSide {
  readonly type: EntryType;
  readonly size: number;
  readonly mode: number;
}

export interface Difference {
  readonly path: RawPath;
  readonly change: 'added' | 'changed' | 'removed' | 'mode';
  readonly now: LiveSide | null;
  readonly saved: Entry | null;
}

export interface SectionDifference {
  readonly differences: readonly Difference[];
  readonly unchanged: number;
}

/** The same thing found alive. */
interface Alive {
  readonly full: RawPath;
  readonly stat: BigIntStats;
}

export function compareSection(live: LiveSection, entries: readonly Entry[], tick: Tick): SectionDifference {
  const wanted = entries.filter((entry) => isAsked(entry.path, live.only));
  const alive = findAlive(live);
  const differences: Difference[] = [];
  for (const saved of wanted) {
    tick(0);
    const found = alive.get(saved.path);
    const change =
      found === undefined ? 'added' : judge(saved, found, { alive, listed: byPath(entries), tick });
    if (change === null) continue;
    differences.push({
      path: saved.path,
      change,
      now: found === undefined ? null : sideOf(found.stat),
      saved,
    });
  }
  const unchanged = wanted.length - differences.length;
  const all = [...differences, ...removedOf(live, byPath(entries), alive)];
  const kept = all.filter(
    ({ path, change }) => change === 'added' || !live.onlyMissing.includes(rootOf(path)),
  );
  return { differences: withWholeGroups(kept, wanted, alive), unchanged };
}

function removedOf(
  live: LiveSection,
  listed: ReadonlyMap<RawPath, Entry>,
  alive: ReadonlyMap<RawPath, Alive>,
): readonly Difference[] {
  return [...alive]
    .filter(([path]) => !listed.has(path) && !isBelow(path, live.leftOut))
    .map(([path, { stat }]) => ({ path, change: 'removed', now: sideOf(stat), saved: null }));
}

function rootOf(path: RawPath): string {
  return path.split('/', 1)[0] ?? '';
}

/** At or below one of the paths. */
export function isBelow(path: RawPath, tops: readonly RawPath[]): boolean {
  return tops.some((top) => path === top || path.startsWith(`${top}/`));
}

function isAsked(path: RawPath, only: LiveSection['only']): boolean {
  return only === null || isBelow(path, only);
}

function findAlive({ roots, only }: LiveSection): Map<RawPath, Alive> {
  const alive = new Map<RawPath, Alive>();
  for (const root of roots) {
    for (const { path, full, stat } of walk(root, () => {})) {
      const isKnown = stat.isFile() || stat.isDirectory() || stat.isSymbolicLink();
      if (isKnown && isAsked(path, only)) alive.set(path, { full, stat });
    }
  }
  return alive;
}

const indexes = new WeakMap<readonly Entry[], Map<RawPath, Entry>>();

function byPath(entries: readonly Entry[]): Map<RawPath, Entry> {
  let index = indexes.get(entries);
  if (index === undefined) {
    index = new Map(entries.map((entry) => [entry.path, entry]));
    indexes.set(entries, index);
  }
  return index;
}

interface Look {
  readonly alive: ReadonlyMap<RawPath, Alive>;
  readonly listed: ReadonlyMap<RawPath, Entry>;
  readonly tick: Tick;
}

/** `null`: it is as it was. */
function judge(saved: Entry, found: Alive, look: Look): 'changed' | 'mode' | null {
  const { stat, full } = found;
  const now = sideOf(stat);
  switch (saved.type) {
    case 'dir':
      return now.type === 'dir' ? modeOf(saved, stat) : 'changed';
    case 'symlink':
      return now.type === 'symlink' && readlinkSync(bytesOf(full), 'latin1') === saved.link
        ? null
        : 'changed';
    case 'link':
      return isSameFile(saved, stat, look) ? null : 'changed';
    case 'file': {
      const same =
        now.type === 'file' && now.size === saved.size && contentOf(full, look.tick) === saved.sha256;
      return same ? modeOf(saved, stat) : 'changed';
    }
  }
}

/** Its content is judged under its first name. */
function isSameFile(saved: Entry, stat: BigIntStats, { alive, listed }: Look): boolean {
  const first = alive.get(saved.link ?? '');
  return listed.has(saved.link ?? '') && first?.stat.ino === stat.ino && first.stat.dev === stat.dev;
}

function modeOf(saved: Entry, stat: BigIntStats): 'mode' | null {
  const bits = saved.type === 'dir' ? 0o7777 : FILE_MODES;
  const same = (saved.mode & bits) === (Number(stat.mode) & bits);
  return same ? null : 'mode';
}

/** sha256 of a live file; empty when it cannot be read, which means that it differs. */
function contentOf(full: RawPath, tick: Tick): string {
  let file: number | undefined;
  try {
    file = openSync(bytesOf(full), OPEN_FLAGS);
    const hash = createHash('sha256');
    const buffer = Buffer.allocUnsafe(READ_BYTES);
    for (;;) {
      const count = readSync(file, buffer, 0, READ_BYTES, null);
      if (count === 0) return hash.digest('hex');
      hash.update(buffer.subarray(0, count));
      tick(count);
    }
  } catch (cause) {
    if (cause instanceof Error && 'syscall' in cause) return '';
    throw cause;
  } finally {
    if (file !== undefined) closeSync(file);
  }
}

/** A hard link can only be made to a file that is put in place with it. */
function withWholeGroups(
  differences: readonly Difference[],
  wanted: readonly Entry[],
  alive: ReadonlyMap<RawPath, Alive>,
): readonly Difference[] {
  const touched = new Set(differences.filter(({ change }) => change !== 'mode').map(({ path }) => path));
  const links = wanted.filter(({ type }) => type === 'link');
  const isTouched = ({ path, link }: Entry): boolean => touched.has(path) || touched.has(link ?? '');
  const groups = new Set(links.filter(isTouched).map(({ link }) => link));
  const missing = wanted.filter(
    ({ path, link, type }) =>
      !touched.has(path) && (groups.has(path) || (type === 'link' && groups.has(link))),
  );
  const added = missing.map((saved): Difference => {
    const found = alive.get(saved.path);
    return {
      path: saved.path,
      change: 'changed',
      now: found === undefined ? null : sideOf(found.stat),
      saved,
    };
  });
  const paths = new Set(added.map(({ path }) => path));
  return [...differences.filter(({ path }) => !paths.has(path)), ...added];
}

function sideOf(stat: BigIntStats): LiveSide {
  const type = stat.isDirectory() ? 'dir' : stat.isSymbolicLink() ? 'symlink' : 'file';
  return { type, size: type === 'file' ? Number(stat.size) : 0, mode: Number(stat.mode) & 0o7777 };
}
