/**
 * How full the real file systems are.
 *
 * A mount whose server is gone answers never. Each is asked only while its last question is answered, under a
 * deadline; until then it is unknown, and at most one thread is lost to it.
 */
import type { StatsFs } from 'node:fs';
import { statfs } from 'node:fs/promises';
import type { Clock } from '../domain/ports.ts';
import { type Bytes, bytes, type Ratio, ratio, seconds } from '../domain/units.ts';
import { withDeadline } from './deadline.ts';
import type { ProcReader } from './proc.ts';
import type { Mount } from './proc-parse.ts';

const ANSWER_LIMIT = seconds(2);
const REAL_TYPES: ReadonlySet<string> = new Set([
  'ext2',
  'ext3',
  'ext4',
  'xfs',
  'btrfs',
  'zfs',
  'f2fs',
  'jfs',
  'reiserfs',
  'bcachefs',
  'vfat',
  'exfat',
  'ntfs',
  'ntfs3',
  'fuseblk',
]);
/** In a container single files of the host are mounted here. */
const NOT_A_DISK = /^\/(?:etc|dev|proc|sys|run)\//;

/** `null` is unknown: the file system did not answer, or does not count that. */
export interface DiskUsage {
  readonly mount: string;
  readonly used: Ratio | null;
  readonly inodes: Ratio | null;
  readonly free: Bytes | null;
}

export interface DiskReader {
  /** One entry for each real file system, in the order of their paths. */
  usage(): Promise<readonly DiskUsage[]>;
  /** Of the file system that holds `folder`. */
  usageOf(folder: string): Promise<DiskUsage>;
}

export interface DiskReaderDeps {
  readonly clock: Clock;
  readonly proc: Pick<ProcReader, 'mounts'>;
  /** The door to the system; a test hands in one that hangs. */
  readonly ask?: (path: string) => Promise<StatsFs>;
}

export function createDiskReader({ clock, proc, ask = askSystem }: DiskReaderDeps): DiskReader {
  const asking = new Set<string>();

  async function usageOf(mount: string): Promise<DiskUsage> {
    if (asking.has(mount)) return unknown(mount);
    asking.add(mount);
    const answer = ask(mount).finally(() => asking.delete(mount));
    try {
      return fromAnswer(mount, await withDeadline(clock, { what: mount, span: ANSWER_LIMIT }, () => answer));
    } catch {
      return unknown(mount); // gone, or it does not answer
    }
  }

  return {
    usageOf,
    usage: () => Promise.all(realMounts(proc.mounts() ?? [FALLBACK]).map((mount) => usageOf(mount.path))),
  };
}

/** Where there is no mount table there is a root all the same. */
const FALLBACK: Mount = { device: 'root', path: '/', type: 'ext4' };

/** One mount for each device, the one with the shortest path: a bind mount shows the same disk again. Pure. */
export function realMounts(mounts: readonly Mount[]): readonly Mount[] {
  const real = mounts.filter(isReal).toSorted((a, b) => a.path.length - b.path.length);
  const seen = new Map<string, Mount>();
  for (const mount of real) if (!seen.has(mount.device)) seen.set(mount.device, mount);
  return [...seen.values()].sort((a, b) => (a.path < b.path ? -1 : 1));
}

function isReal({ path, type }: Mount): boolean {
  if (type === 'overlay') return path === '/'; // the root of a container
  return REAL_TYPES.has(type) && !NOT_A_DISK.test(path);
}

function askSystem(path: string): Promise<StatsFs> {
  return statfs(path);
}

function fromAnswer(mount: string, { blocks, bfree, bavail, bsize, files, ffree }: StatsFs): DiskUsage {
  const used = blocks - bfree;
  // As df counts it: what only root may use is neither used nor left.
  return {
    mount,
    used: used + bavail > 0 ? ratio(used / (used + bavail)) : null,
    inodes: files > 0 ? ratio((files - ffree) / files) : null,
    free: bytes(bavail * bsize),
  };
}

function unknown(mount: string): DiskUsage {
  return { mount, used: null, inodes: null, free: null };
}
