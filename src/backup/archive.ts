/**
 * Packs one section: each file is read once, into the archive and both digests.
 *
 * The size in a header is promised before the content is read. A file that shrinks meanwhile is filled up with
 * zeros, one that grows is cut, and both are listed as changed; what vanished or cannot be read is listed and left
 * out. Nothing of that fails or hangs the run. Synchronous, for the worker thread.
 */
import { type BigIntStats, closeSync, constants, fstatSync, openSync, readlinkSync } from 'node:fs';
import type { Section } from '../domain/backup.ts';
import { codeOf } from '../platform/durable-file.ts';
import { type ArchiveFile, type ArchiveOutput, createArchiveOutput } from './archive-output.ts';
import { createDigests } from './digests.ts';
import type { Entry } from './entry.ts';
import { bytesOf, type RawPath, shownName } from './names.ts';
import { BLOCK, headerBlocks } from './tar-header.ts';
import { type Found, type Root, walk } from './walk.ts';

/** Not followed, and not waited for: what was a file may be a link or a pipe by now. */
const OPEN_FLAGS = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
const PERMISSIONS = 0o7777;
const MOST_WARNINGS = 1_000;
/** What SQLite keeps beside a database; a consistent copy needs none of it. */
const SQLITE_COMPANIONS = ['-wal', '-shm', '-journal'];

/** Plain data: it crosses to the worker thread. */
export interface SectionPlan {
  readonly section: Section;
  readonly roots: readonly Root[];
  readonly archive: string;
  /** `null`: stored as it is. */
  readonly gzipLevel: number | null;
  /** A program compresses it afterwards; nobody needs its digest. */
  readonly isRaw: boolean;
  /** Files whose content is taken from a consistent copy: full path → path of the copy. */
  readonly copies: Readonly<Record<RawPath, string>>;
}

export interface PackedSection {
  readonly section: Section;
  readonly entries: number;
  readonly bytes: number;
  readonly archive: ArchiveFile;
  readonly warnings: readonly string[];
  readonly leftOut: readonly RawPath[];
}

/** Told after every piece of content; throws when the run was given up. */
export type Tick = (bytes: number) => void;

interface Packing {
  readonly plan: SectionPlan;
  readonly output: ArchiveOutput;
  readonly tick: Tick;
  readonly onEntry: (entry: Entry) => void;
  /** First path of every file that has more than one name. */
  readonly firstNames: Map<string, RawPath>;
  readonly warn: (path: RawPath, reason: string) => void;
  /** It was there and is not in the archive. */
  readonly leaveOut: (path: RawPath, reason: string) => void;
}

export function packSection(plan: SectionPlan, tick: Tick, onEntry: (entry: Entry) => void): PackedSection {
  const output = createArchiveOutput(plan.archive, plan.gzipLevel, !plan.isRaw);
  const warnings: string[] = [];
  const leftOut: RawPath[] = [];
  const count = { entries: 0, bytes: 0 };
  const warn = (path: RawPath, reason: string): void => {
    if (warnings.length < MOST_WARNINGS) warnings.push(`${shownName(path)}: ${reason}`);
  };
  const packing: Packing = {
    plan,
    output,
    tick,
    firstNames: new Map(),
    warn,
    leaveOut: (path, reason) => {
      warn(path, `left out, ${reason}`);
      leftOut.push(path);
    },
    onEntry: (entry) => {
      count.entries += 1;
      count.bytes += entry.size;
      onEntry(entry);
    },
  };
  try {
    for (const root of plan.roots) {
      for (const found of walk(root, ({ path, reason }) => packing.leaveOut(path, reason))) {
        packOne(found, packing);
      }
    }
    output.zeros(2 * BLOCK);
    return { section: plan.section, ...count, archive: output.end(), warnings, leftOut };
  } catch (cause) {
    output.abandon();
    throw cause;
  }
}

function packOne(found: Found, packing: Packing): void {
  const { stat } = found;
  packing.tick(0);
  if (stat.isDirectory()) add({ ...describe(found, stat), type: 'dir' }, packing);
  else if (stat.isSymbolicLink()) packLink(found, packing);
  else if (stat.isFile()) packFile(found, packing);
  else packing.leaveOut(found.path, `it is ${kindOf(stat)}`);
}

function packLink(found: Found, packing: Packing): void {
  try {
    const link = readlinkSync(bytesOf(found.full), 'latin1');
    add({ ...describe(found, found.stat), type: 'symlink', link }, packing);
  } catch (cause) {
    packing.leaveOut(found.path, `it could not be read (${codeOf(cause)})`);
  }
}

function packFile(found: Found, packing: Packing): void {
  const { stat, path, full } = found;
  if (isCompanion(full, packing.plan.copies)) return;
  const key = `${stat.dev}:${stat.ino}`;
  const first = stat.nlink > 1n ? packing.firstNames.get(key) : undefined;
  if (first !== undefined) {
    add({ ...describe(found, stat), type: 'link', link: first }, packing);
    return;
  }
  const file = openFile(found, packing);
  if (file === undefined) return;
  try {
    packContent(found, file, packing);
    if (stat.nlink > 1n) packing.firstNames.set(key, path);
  } finally {
    closeSync(file);
  }
}

function openFile({ full, path }: Found, { plan, leaveOut }: Packing): number | undefined {
  try {
    return openSync(plan.copies[full] ?? bytesOf(full), OPEN_FLAGS);
  } catch (cause) {
    const code = codeOf(cause);
    leaveOut(path, code === 'ENOENT' ? 'it vanished' : `it could not be read (${code})`);
    return undefined;
  }
}

function packContent(found: Found, file: number, packing: Packing): void {
  const { output, plan, warn } = packing;
  const stat = fstatSync(file, { bigint: true });
  if (!stat.isFile()) {
    packing.leaveOut(found.path, `it became ${kindOf(stat)}`);
    return;
  }
  const isCopy = plan.copies[found.full] !== undefined;
  const size = Number(stat.size);
  const head = { ...describe(found, isCopy ? found.stat : stat), type: 'file', size } as const;
  output.write(headerBlocks(head));
  const digests = createDigests(size);
  const fault = copyExactly(file, size, digests.see, packing);
  output.zeros((BLOCK - (size % BLOCK)) % BLOCK);
  const reason = fault ?? changeDuring(stat, fstatSync(file, { bigint: true }));
  if (reason !== null) warn(found.path, reason);
  packing.onEntry({
    ...head,
    ...digests.end(),
    status: reason === null ? 'ok' : 'changed',
    sparse: stat.blocks * 512n < stat.size,
  });
}

/** Exactly `size` bytes go into the archive, whatever the file does. Says what was amiss. */
function copyExactly(
  file: number,
  size: number,
  see: (content: Uint8Array) => void,
  { output, tick }: Packing,
): string | null {
  let left = size;
  let fault: string | null = null;
  try {
    while (left > 0) {
      const count = output.take(file, left, see);
      if (count === 0) break;
      left -= count;
      tick(count);
    }
    if (left > 0) fault = 'it shrank while it was read; filled up with zeros';
  } catch (cause) {
    if (!(cause instanceof Error && 'syscall' in cause && cause.syscall === 'read')) throw cause;
    fault = `it could not be read to its end (${codeOf(cause)}); filled up with zeros`;
  }
  fillUp(left, see, output);
  return fault;
}

function fillUp(count: number, see: (content: Uint8Array) => void, output: ArchiveOutput): void {
  const zeros = Buffer.alloc(Math.min(count, 65_536));
  for (let left = count; left > 0; left -= zeros.length) {
    const piece = zeros.subarray(0, Math.min(left, zeros.length));
    see(piece);
    output.write(piece);
  }
}

function changeDuring(before: BigIntStats, now: BigIntStats): string | null {
  if (now.size > before.size) return 'it grew while it was read; packed as it was at first';
  if (now.size < before.size || now.mtimeNs !== before.mtimeNs) return 'it changed while it was read';
  return null;
}

function add(entry: Entry, { output, onEntry }: Packing): void {
  output.write(headerBlocks(entry));
  onEntry(entry);
}

function describe({ path }: Found, stat: BigIntStats): Omit<Entry, 'type'> {
  return {
    path,
    size: 0,
    mode: Number(stat.mode) & PERMISSIONS,
    uid: Number(stat.uid),
    gid: Number(stat.gid),
    mtimeNs: String(stat.mtimeNs),
    link: null,
    md5: null,
    sha256: null,
    status: 'ok',
    sparse: false,
  };
}

function isCompanion(full: RawPath, copies: SectionPlan['copies']): boolean {
  return SQLITE_COMPANIONS.some(
    (end) => full.endsWith(end) && copies[full.slice(0, -end.length)] !== undefined,
  );
}

function kindOf(stat: BigIntStats): string {
  if (stat.isSocket()) return 'a socket';
  if (stat.isFIFO()) return 'a named pipe';
  return stat.isBlockDevice() || stat.isCharacterDevice() ? 'a device' : 'no file';
}
