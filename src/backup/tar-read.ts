/**
 * Reads a tar stream strictly. Whatever is not exactly as it must be ends the reading with a reason: a bad check
 * sum, a type we never restore, a name with a NUL, a cut in the middle or between two entries, no end mark.
 *
 * Names stay bytes. Extensions of PAX and GNU are understood, so that archives of GNU tar can be read as well.
 */
import { Header } from 'tar/header';
import type { EntryType } from './entry.ts';
import { BLOCK, type HeaderOf } from './tar-header.ts';

const EMPTY: Buffer = Buffer.alloc(0);
const EXTENSIONS: ReadonlySet<string> = new Set(['x', 'g', 'L', 'K']);
/** Names and times of one entry need no more. */
const LONGEST_EXTENSION = 1_048_576;
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

export interface TarHandler {
  onEntry(entry: HeaderOf): void;
  onData(content: Uint8Array): void;
  /** After the last byte of the content of a file, also of an empty one. */
  onEnd(): void;
}

export interface TarReader {
  push(chunk: Buffer): void;
  /** @throws Error when the archive is not complete. */
  end(): void;
}

type Mode =
  | { readonly kind: 'header' }
  | { readonly kind: 'content'; readonly size: number; left: number }
  | { readonly kind: 'extension'; readonly type: string; left: number; readonly parts: Buffer[] }
  | { readonly kind: 'padding'; left: number }
  | { readonly kind: 'over' };

export function createTarReader(handler: TarHandler): TarReader {
  return new StrictReader(handler);
}

class StrictReader implements TarReader {
  readonly #handler: TarHandler;
  #mode: Mode = { kind: 'header' };
  #rest: Buffer = EMPTY;
  #zeroBlocks = 0;
  #records = new Map<string, string>();

  constructor(handler: TarHandler) {
    this.#handler = handler;
  }

  push(chunk: Buffer): void {
    let left: Buffer = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    this.#rest = EMPTY;
    while (left.length > 0) left = this.#consume(left);
  }

  end(): void {
    if (this.#mode.kind !== 'over' || this.#rest.length > 0) {
      throw new Error('the archive is cut: its end mark is missing');
    }
  }

  /** Takes what the present mode needs and gives back what is left. */
  #consume(chunk: Buffer): Buffer {
    const mode = this.#mode;
    switch (mode.kind) {
      case 'header':
        return this.#readHeader(chunk);
      case 'content':
        return this.#readContent(chunk, mode);
      case 'extension':
        return this.#readExtension(chunk, mode);
      case 'padding': {
        const skip = Math.min(mode.left, chunk.length);
        mode.left -= skip;
        if (mode.left === 0) this.#mode = { kind: 'header' };
        return chunk.subarray(skip);
      }
      case 'over':
        if (chunk.some((byte) => byte !== 0)) throw new Error('the archive goes on after its end mark');
        return EMPTY;
    }
  }

  #readHeader(chunk: Buffer): Buffer {
    if (chunk.length < BLOCK) {
      this.#rest = Buffer.from(chunk);
      return EMPTY;
    }
    const block = chunk.subarray(0, BLOCK);
    if (block[0] === 0 && block.every((byte) => byte === 0)) this.#endMark();
    else this.#beginEntry(block);
    return chunk.subarray(BLOCK);
  }

  #endMark(): void {
    this.#zeroBlocks += 1;
    if (this.#zeroBlocks === 2) this.#mode = { kind: 'over' };
  }

  #beginEntry(block: Buffer): void {
    if (this.#zeroBlocks > 0) throw new Error('the archive goes on after its end mark');
    const header = new Header(block);
    if (!header.cksumValid) throw new Error('a header is damaged');
    const type = block[156] === 0 ? '' : String.fromCharCode(block[156] ?? 0);
    if (EXTENSIONS.has(type)) {
      this.#mode = beginExtension(type, header.size);
      return;
    }
    const entry = entryOf(block, header, type, this.#records);
    this.#records = new Map();
    this.#handler.onEntry(entry);
    if (entry.type !== 'file') return;
    if (entry.size > 0) this.#mode = { kind: 'content', size: entry.size, left: entry.size };
    else this.#handler.onEnd();
  }

  #readContent(chunk: Buffer, content: Extract<Mode, { kind: 'content' }>): Buffer {
    const piece = chunk.subarray(0, content.left);
    content.left -= piece.length;
    this.#handler.onData(piece);
    if (content.left > 0) return EMPTY;
    this.#mode = paddingAfter(content.size);
    this.#handler.onEnd();
    return chunk.subarray(piece.length);
  }

  #readExtension(chunk: Buffer, part: Extract<Mode, { kind: 'extension' }>): Buffer {
    const piece = chunk.subarray(0, part.left);
    part.parts.push(Buffer.from(piece));
    part.left -= piece.length;
    if (part.left > 0) return EMPTY;
    const body = Buffer.concat(part.parts);
    keepExtension(part.type, body, this.#records);
    this.#mode = paddingAfter(body.length);
    return chunk.subarray(piece.length);
  }
}

function paddingAfter(size: number): Mode {
  const left = (BLOCK - (size % BLOCK)) % BLOCK;
  return left === 0 ? { kind: 'header' } : { kind: 'padding', left };
}

function beginExtension(type: string, size: number | undefined): Mode {
  if (size === undefined || size === 0 || size > LONGEST_EXTENSION)
    throw new Error('an extended header has no sane size');
  return { kind: 'extension', type, left: size, parts: [] };
}

function keepExtension(type: string, body: Buffer, records: Map<string, string>): void {
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

function entryOf(
  block: Buffer,
  header: Header,
  type: string,
  records: ReadonlyMap<string, string>,
): HeaderOf {
  const known = TYPES[type];
  if (known === undefined) throw new Error(`an entry is ${KINDS[type] ?? `of the unknown type "${type}"`}`);
  const name = records.get('path') ?? nameIn(block);
  const kind = known === 'file' && name.endsWith('/') ? 'dir' : known;
  return {
    path: cleanName(name, 'name'),
    type: kind,
    size: kind === 'file' ? numberIn(records.get('size'), header.size) : 0,
    mode: numberIn(undefined, header.mode) & 0o7777,
    uid: numberIn(records.get('uid'), header.uid),
    gid: numberIn(records.get('gid'), header.gid),
    mtimeNs: nanosecondsOf(records.get('mtime'), header),
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

function nanosecondsOf(text: string | undefined, header: Header): string {
  if (text === undefined)
    return String(BigInt(Math.floor((header.mtime?.getTime() ?? 0) / 1_000)) * 1_000_000_000n);
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
