/**
 * The file that an archive is written to: blocks of a megabyte, each compressed by itself where gzip is wanted
 * (members one after another are one valid gzip file), digests on the way, every byte checked and synced.
 *
 * Synchronous, for the worker thread. Content is read straight into the block, so nothing is copied.
 */
import { createHash } from 'node:crypto';
import { closeSync, fstatSync, fsyncSync, openSync, readSync, writeSync } from 'node:fs';
import { gzipSync } from 'node:zlib';

const BLOCK_BYTES = 1_048_576;
/** What was read is hashed while the processor still has it at hand. */
const READ_BYTES = 131_072;
const PRIVATE = 0o600;

export interface ArchiveFile {
  /** Bytes of the tar stream, before compression. */
  readonly tarBytes: number;
  readonly bytes: number;
  readonly sha256: string;
}

export interface ArchiveOutput {
  write(content: Uint8Array): void;
  /** Reads up to `most` bytes of `source` into the archive and shows them to `see`; 0 at its end. */
  take(source: number, most: number, see: (content: Uint8Array) => void): number;
  zeros(count: number): void;
  readonly position: number;
  /** Writes what is left, syncs and closes. */
  end(): ArchiveFile;
  /** Closes without a promise; the file is to be thrown away. */
  abandon(): void;
}

/** @param digest False for what is only the raw material of another archive: its `sha256` is empty then. */
export function createArchiveOutput(path: string, gzipLevel: number | null, digest: boolean): ArchiveOutput {
  const file = openSync(path, 'wx', PRIVATE);
  const block = Buffer.allocUnsafe(BLOCK_BYTES);
  const sha256 = createHash('sha256');
  let used = 0;
  let tarBytes = 0;
  let bytes = 0;

  function flush(): void {
    if (used === 0) return;
    const content = block.subarray(0, used);
    const packed = gzipLevel === null ? content : gzipSync(content, { level: gzipLevel });
    writeWhole(file, packed);
    if (digest) sha256.update(packed);
    bytes += packed.length;
    used = 0;
  }

  function advance(count: number): void {
    used += count;
    tarBytes += count;
    if (used === BLOCK_BYTES) flush();
  }

  return {
    get position() {
      return tarBytes;
    },
    write(content) {
      for (let done = 0; done < content.length; ) {
        const piece = content.subarray(done, done + BLOCK_BYTES - used);
        block.set(piece, used);
        done += piece.length;
        advance(piece.length);
      }
    },
    take(source, most, see) {
      const count = readSync(source, block, used, Math.min(most, READ_BYTES, BLOCK_BYTES - used), null);
      see(block.subarray(used, used + count));
      advance(count);
      return count;
    },
    zeros(count) {
      for (let left = count; left > 0; ) {
        const piece = Math.min(left, BLOCK_BYTES - used);
        block.fill(0, used, used + piece);
        left -= piece;
        advance(piece);
      }
    },
    end() {
      flush();
      fsyncSync(file);
      const { size } = fstatSync(file);
      closeSync(file);
      if (size !== bytes) throw new Error(`the archive has ${size} of ${bytes} bytes`);
      return { tarBytes, bytes, sha256: digest ? sha256.digest('hex') : '' };
    },
    abandon: () => closeSync(file),
  };
}

function writeWhole(file: number, content: Uint8Array): void {
  for (let done = 0; done < content.length; ) {
    const count = writeSync(file, content, done, content.length - done);
    if (count === 0) throw new Error('the disk took no more bytes');
    done += count;
  }
}
