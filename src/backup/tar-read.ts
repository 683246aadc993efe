/**
 * Reads a tar stream strictly. Whatever is not exactly as it must be ends the reading with a reason: a bad check
 * sum, a type we never restore, a name with a NUL, a cut in the middle or between two entries, no end mark.
 *
 * Names stay bytes. Extensions of PAX and GNU are understood, so that archives of GNU tar can be read as well.
 */
import { entryOf, keepExtension } from './tar-fields.ts';
import { BLOCK, type HeaderOf } from './tar-header.ts';
import { isSumRight, numberAt } from './tar-numbers.ts';

const EMPTY: Buffer = Buffer.alloc(0);
const EXTENSIONS: ReadonlySet<string> = new Set(['x', 'g', 'L', 'K']);
/** Names and times of one entry need no more. */
const LONGEST_EXTENSION = 1_048_576;
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
    if (!isSumRight(block)) throw new Error('a header is damaged');
    const type = block[156] === 0 ? '' : String.fromCharCode(block[156] ?? 0);
    if (EXTENSIONS.has(type)) {
      this.#mode = beginExtension(type, numberAt(block, 'size'));
      return;
    }
    const entry = entryOf(block, type, this.#records);
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
