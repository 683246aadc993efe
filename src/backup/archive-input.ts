/**
 * The bytes of an archive, decompressed, never more than were promised: an archive that unpacks to more is a bomb
 * or not ours, and is given up at once.
 */
import { createHash, type Hash } from 'node:crypto';
import { closeSync, createReadStream, openSync, readSync } from 'node:fs';
import { createGunzip } from 'node:zlib';
import type { Tick } from './archive.ts';

const CHUNK_BYTES = 1_048_576;
const GZIP_MAGIC = Buffer.from([0x1f, 0x8b]);

/** Digest and size of the file as it lies there. */
export function digestOf(path: string, tick: Tick): { readonly sha256: string; readonly bytes: number } {
  const file = openSync(path, 'r');
  const hash = createHash('sha256');
  let bytes = 0;
  try {
    for (const chunk of chunksOf(file)) {
      hash.update(chunk);
      bytes += chunk.length;
      tick(chunk.length);
    }
  } finally {
    closeSync(file);
  }
  return { sha256: hash.digest('hex'), bytes };
}

/**
 * Gives the tar stream of an archive to `see`, piece by piece.
 *
 * @param most Bytes that the stream may have.
 * @param whole Sees each byte of the file that was read for it, before `see` does.
 */
export async function readArchive(
  path: string,
  most: number,
  see: (chunk: Buffer) => void,
  whole?: Hash,
): Promise<void> {
  let seen = 0;
  const guarded = (chunk: Buffer): void => {
    seen += chunk.length;
    if (seen > most) throw new Error(`the archive unpacks to more than the ${most} bytes it should have`);
    see(chunk);
  };
  if (isGzip(path)) await gunzip(path, guarded, whole);
  else readPlain(path, guarded, whole);
}

/** Not `pipeline`: that would tell "aborted" where `see` said what is wrong. */
async function gunzip(path: string, see: (chunk: Buffer) => void, whole?: Hash): Promise<void> {
  const source = createReadStream(path, { highWaterMark: CHUNK_BYTES });
  const unpacked = createGunzip({ chunkSize: CHUNK_BYTES });
  source.on('error', (cause) => unpacked.destroy(cause));
  if (whole !== undefined) source.on('data', (chunk) => whole.update(chunk));
  source.pipe(unpacked);
  try {
    for await (const chunk of unpacked) see(chunk);
  } finally {
    source.destroy();
    unpacked.destroy();
  }
}

function readPlain(path: string, see: (chunk: Buffer) => void, whole?: Hash): void {
  const file = openSync(path, 'r');
  try {
    for (const chunk of chunksOf(file)) {
      whole?.update(chunk);
      see(chunk);
    }
  } finally {
    closeSync(file);
  }
}

/** One buffer for all: a chunk is good until the next is asked for. */
function* chunksOf(file: number): Generator<Buffer> {
  const buffer = Buffer.allocUnsafe(CHUNK_BYTES);
  for (;;) {
    const count = readSync(file, buffer, 0, CHUNK_BYTES, null);
    if (count === 0) return;
    yield buffer.subarray(0, count);
  }
}

function isGzip(path: string): boolean {
  const file = openSync(path, 'r');
  try {
    const magic = Buffer.alloc(2);
    return readSync(file, magic, 0, 2, 0) === 2 && magic.equals(GZIP_MAGIC);
  } finally {
    closeSync(file);
  }
}
