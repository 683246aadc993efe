/**
 * Headers of tar entries, written by hand because there are two for every small file: names that are long or not ASCII, large sizes and times
 * below a second go into a PAX record before it, as bytes, so that GNU tar and others read them as they are.
 */
import type { Entry, EntryType } from './entry.ts';
import { bytesOf, type RawPath } from './names.ts';

export const BLOCK = 512;

const TYPES: Readonly<Record<EntryType, string>> = { file: '0', link: '1', symlink: '2', dir: '5' };
const PAX = 'x';
const ZERO = 0x30;
const LONGEST_NAME = 99;
/** Octal with 11 digits. */
const LARGEST_SIZE = 0o77777777777;
const LARGEST_ID = 0o7777777;
const NS_PER_SECOND = 1_000_000_000n;

export type HeaderOf = Pick<Entry, 'path' | 'type' | 'size' | 'mode' | 'uid' | 'gid' | 'mtimeNs' | 'link'>;

/** The blocks that stand before the content of an entry. */
export function headerBlocks(entry: HeaderOf): Buffer {
  const path = entry.type === 'dir' ? `${entry.path}/` : entry.path;
  const { seconds, nanoseconds } = splitTime(BigInt(entry.mtimeNs));
  const pax = paxBody(entry, path, seconds, nanoseconds);
  const block = fixedBlock({
    ...entry,
    path: placeholder(path),
    link: placeholder(entry.link ?? ''),
    size: entry.size > LARGEST_SIZE ? 0 : entry.size,
    type: TYPES[entry.type],
    seconds: Math.max(0, seconds),
  });
  return pax.length === 0 ? block : Buffer.concat([paxHeader(pax), padded(pax), block]);
}

function splitTime(mtimeNs: bigint): { seconds: number; nanoseconds: number } {
  const rest = ((mtimeNs % NS_PER_SECOND) + NS_PER_SECOND) % NS_PER_SECOND;
  return { seconds: Number((mtimeNs - rest) / NS_PER_SECOND), nanoseconds: Number(rest) };
}

/** One record for each thing that the fixed block cannot say. */
function paxBody(entry: HeaderOf, path: RawPath, seconds: number, nanoseconds: number): Buffer {
  const records: Buffer[] = [];
  const add = (key: string, value: RawPath): void => void records.push(paxRecord(key, value));
  if (!fits(path)) add('path', path);
  if (entry.link !== null && !fits(entry.link)) add('linkpath', entry.link);
  if (entry.size > LARGEST_SIZE) add('size', String(entry.size));
  if (entry.uid > LARGEST_ID) add('uid', String(entry.uid));
  if (entry.gid > LARGEST_ID) add('gid', String(entry.gid));
  if (nanoseconds > 0 || seconds < 0 || seconds > LARGEST_SIZE) add('mtime', paxTime(seconds, nanoseconds));
  return Buffer.concat(records);
}

/** PAX counts the fraction away from zero: half a second before -3 is -3.5. */
function paxTime(seconds: number, nanoseconds: number): string {
  if (nanoseconds === 0) return String(seconds);
  if (seconds >= 0) return `${seconds}.${String(nanoseconds).padStart(9, '0')}`;
  return `-${-(seconds + 1)}.${String(1_000_000_000 - nanoseconds).padStart(9, '0')}`;
}

/** `<length of all of it> key=value\n` */
function paxRecord(key: string, value: RawPath): Buffer {
  const rest = ` ${key}=${value}\n`;
  let length = rest.length + 1;
  while (length !== rest.length + String(length).length) length = rest.length + String(length).length;
  return bytesOf(`${length}${rest}`);
}

function fits(name: RawPath): boolean {
  return name.length <= LONGEST_NAME && /^[ -~]*$/.test(name);
}

/** What stands in the fixed block where the name is in the record before it. */
function placeholder(name: RawPath): string {
  return fits(name)
    ? name
    : name
        .replaceAll(/[^ -~]/g, '_')
        .slice(-LONGEST_NAME)
        .replace(/^\/+/, '');
}

function paxHeader(body: Buffer): Buffer {
  return fixedBlock({
    path: 'PaxHeader',
    link: '',
    size: body.length,
    mode: 0o644,
    uid: 0,
    gid: 0,
    seconds: 0,
    type: PAX,
  });
}

interface Fixed {
  readonly path: string;
  readonly link: string;
  readonly size: number;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly seconds: number;
  readonly type: string;
}

/** POSIX ustar. The fields are octal digits with a NUL behind; names that do not fit stand in the record before. */
function fixedBlock({ path, link, size, mode, uid, gid, seconds, type }: Fixed): Buffer {
  const block = Buffer.alloc(BLOCK);
  block.write(path, 0, 100, 'latin1');
  octal(block, mode, 100, 7);
  octal(block, Math.min(uid, LARGEST_ID), 108, 7);
  octal(block, Math.min(gid, LARGEST_ID), 116, 7);
  octal(block, size, 124, 11);
  octal(block, Math.min(seconds, LARGEST_SIZE), 136, 11);
  block.fill(0x20, 148, 156);
  block.write(type, 156, 1, 'latin1');
  block.write(link, 157, 100, 'latin1');
  block.write('ustar\x0000', 257, 8, 'latin1');
  octal(block, 0, 329, 7);
  octal(block, 0, 337, 7);
  let sum = 0;
  for (let at = 0; at < BLOCK; at += 1) sum += block[at] ?? 0;
  octal(block, sum, 148, 6);
  block[154] = 0;
  return block;
}

function octal(block: Buffer, value: number, at: number, digits: number): void {
  let left = value;
  for (let place = at + digits - 1; place >= at; place -= 1) {
    block[place] = ZERO + (left % 8);
    left = Math.floor(left / 8);
  }
}

function padded(body: Buffer): Buffer {
  const over = body.length % BLOCK;
  return over === 0 ? body : Buffer.concat([body, Buffer.alloc(BLOCK - over)]);
}
