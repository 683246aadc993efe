/**
 * What a header of a tar entry says, with the extensions of PAX and GNU that stood before it. Strict: what is damaged
 * or of a type we never restore ends the reading. Names stay bytes.
 */
import type { EntryType } from './entry.ts';
import type { HeaderOf } from './tar-header.ts';
import { numberAt } from './tar-numbers.ts';

const TYPES: Readonly<Record<string, EntryType>> = {
  '0': 'file',
  '': 'file',
  '7': 'file',
  '1': 'link',
  '2': 'symlink',
  '5': 'dir',
};
const KINDS: Readonly<Record<string, string>> = {
  '3': 'a device',
  '4': 'a device',
  '6': 'a named pipe',
  S: 'an old sparse file',
};

export function keepExtension(type: string, body: Buffer, records: Map<string, string>): void {
  if (type === 'g') return; // global records say nothing that is restored
  const text = body.toString('latin1');
  if (type === 'L') records.set('path', untilNul(text));
  else if (type === 'K') records.set('linkpath', untilNul(text));
  else for (const [key, value] of paxRecords(text)) records.set(key, value);
}

function* paxRecords(text: string): Generator<readonly [string, string]> {
  for (let at = 0; at < text.length; ) {
    const space = text.indexOf(' ', at);
    const length = Number(text.slice(at, space));
    const record = text.slice(space + 1, at + length);
    const equals = record.indexOf('=');
    if (!Number.isSafeInteger(length) || length < 5 || equals < 1 || !record.endsWith('\n')) {
      throw new Error('an extended header is damaged');
    }
    yield [record.slice(0, equals), record.slice(equals + 1, -1)];
    at += length;
  }
}

export function entryOf(block: Buffer, type: string, records: ReadonlyMap<string, string>): HeaderOf {
  const known = TYPES[type];
  if (known === undefined) throw new Error(`an entry is ${KINDS[type] ?? `of the unknown type "${type}"`}`);
  const name = records.get('path') ?? nameIn(block);
  const kind = known === 'file' && name.endsWith('/') ? 'dir' : known;
  return {
    path: cleanName(name, 'name'),
    type: kind,
    size: kind === 'file' ? numberIn(records.get('size'), numberAt(block, 'size')) : 0,
    mode: numberIn(undefined, numberAt(block, 'mode')) & 0o7777,
    uid: numberIn(records.get('uid'), numberAt(block, 'uid')),
    gid: numberIn(records.get('gid'), numberAt(block, 'gid')),
    mtimeNs: nanosecondsOf(records.get('mtime'), block),
    link: linkOf(kind, records.get('linkpath') ?? untilNul(latin1(block, 157, 257))),
  };
}

function linkOf(kind: EntryType, link: string): string | null {
  if (kind === 'symlink') return noNul(link, 'link');
  return kind === 'link' ? cleanName(link, 'link') : null;
}

/** As the archives of tar itself have it: `./a/b/` is `a/b`. */
function cleanName(name: string, what: string): string {
  const clean = noNul(name, what)
    .replace(/^(?:\.\/)+/, '')
    .replace(/\/+$/, '');
  return clean === '' ? '.' : clean;
}

function noNul(text: string, what: string): string {
  if (text.includes('\0')) throw new Error(`a ${what} holds a NUL`);
  return text;
}

function nameIn(block: Buffer): string {
  const name = untilNul(latin1(block, 0, 100));
  const isUstar = latin1(block, 257, 263) === 'ustar\0';
  const prefix = isUstar ? untilNul(latin1(block, 345, 500)) : '';
  return prefix === '' ? name : `${prefix}/${name}`;
}

function nanosecondsOf(text: string | undefined, block: Buffer): string {
  if (text === undefined) return String(BigInt(numberAt(block, 'mtime') ?? 0) * 1_000_000_000n);
  const parts = /^(-?)(\d{1,15})(?:\.(\d+))?$/.exec(text);
  if (parts === null) throw new Error('a time is damaged');
  const [, sign = '', whole = '0', fraction = ''] = parts;
  const value = BigInt(whole) * 1_000_000_000n + BigInt(fraction.slice(0, 9).padEnd(9, '0'));
  return String(sign === '-' ? -value : value);
}

function numberIn(text: string | undefined, otherwise: number | undefined): number {
  const value = text === undefined ? (otherwise ?? 0) : Number(text);
  if (!Number.isSafeInteger(value) || value < 0) throw new Error('a number is damaged');
  return value;
}

function latin1(block: Buffer, from: number, to: number): string {
  return block.toString('latin1', from, to);
}

function untilNul(text: string): string {
  const end = text.indexOf('\0');
  return end < 0 ? text : text.slice(0, end);
}
