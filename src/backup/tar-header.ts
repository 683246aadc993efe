/**
 * Headers of tar entries. The fixed block is tar's own; names that are long or not ASCII, large sizes and times
 * below a second go into a PAX record before it, as bytes, so that GNU tar and others read them as they are.
 */
import { Header, type HeaderData } from 'tar/header';
import { epochMs, toIso } from '../domain/units.ts';
import type { Entry, EntryType } from './entry.ts';
import { bytesOf, type RawPath } from './names.ts';

export const BLOCK = 512;

const TYPES: Readonly<Record<EntryType, NonNullable<HeaderData['type']>>> = {
  file: 'File',
  dir: 'Directory',
  symlink: 'SymbolicLink',
  link: 'Link',
};
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
    type: 'ExtendedHeader',
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
  readonly type: NonNullable<HeaderData['type']>;
}

function fixedBlock({ link, seconds, uid, gid, ...rest }: Fixed): Buffer {
  const header = new Header({
    ...rest,
    uid: Math.min(uid, LARGEST_ID),
    gid: Math.min(gid, LARGEST_ID),
    linkpath: link,
    mtime: dateOf(seconds),
    uname: '',
    gname: '',
    devmaj: 0,
    devmin: 0,
  });
  header.encode();
  return header.block ?? Buffer.alloc(BLOCK);
}

/** tar's header takes a date and reads its seconds alone. */
function dateOf(seconds: number): NonNullable<HeaderData['mtime']> {
  const capped = Math.min(seconds, LARGEST_SIZE);
  return { getTime: () => capped * 1_000, toISOString: () => toIso(epochMs(capped * 1_000)) } as NonNullable<
    HeaderData['mtime']
  >;
}

function padded(body: Buffer): Buffer {
  const over = body.length % BLOCK;
  return over === 0 ? body : Buffer.concat([body, Buffer.alloc(BLOCK - over)]);
}
