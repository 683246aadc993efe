/**
 * One file that only grows, line by line, and never keeps half a line.
 *
 * What a failed write left is cut off before anything else is written, at once or at the next append; what a
 * crash left is moved to a side file when the file is opened.
 */
import { type FileHandle, open, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { codeOf, syncFolder, writeFully } from './durable-file.ts';

const PRIVATE = 0o600;
const CHUNK = 65_536;
const NEWLINE = 10;

/** The unfinished last line that was found, and where it was put. */
export interface TornTail {
  readonly file: string;
  readonly bytes: number;
  readonly keptAs: string;
}

export interface OpenedAppendFile {
  readonly file: AppendFile;
  readonly torn: TornTail | undefined;
}

/** Opens or makes `path`. `sideName` names the file that takes a torn tail. */
export async function openAppendFile(path: string, sideName: string): Promise<OpenedAppendFile> {
  const handle = await open(path, 'a+', PRIVATE);
  try {
    const { size } = await handle.stat();
    if (size === 0) await syncFolder(dirname(path));
    const end = await endOfLastLine(handle, size);
    const torn = end === size ? undefined : await putTailAside(handle, path, end, size, sideName);
    return { file: new AppendFile(path, handle, end), torn };
  } catch (cause) {
    await handle.close();
    throw cause;
  }
}

export class AppendFile {
  readonly path: string;
  readonly #handle: FileHandle;
  #size: number;
  #dirty = false;

  constructor(path: string, handle: FileHandle, size: number) {
    this.path = path;
    this.#handle = handle;
    this.#size = size;
  }

  get size(): number {
    return this.#size;
  }

  /** All of `bytes`, and on disk when `sync`; or an error and nothing of them. */
  async append(bytes: Uint8Array, sync: boolean): Promise<void> {
    if (this.#dirty) await this.#cutBack();
    this.#dirty = true;
    try {
      await writeFully(this.#handle, bytes);
      if (sync) await this.#handle.datasync();
      this.#size += bytes.length;
      this.#dirty = false;
    } catch (cause) {
      await this.#cutBack().catch(() => {}); // tried again before the next append, which fails if it must
      throw cause;
    }
  }

  async sync(): Promise<void> {
    await this.#handle.datasync();
  }

  /** False when the file was deleted or replaced under our hands: what is written then would be lost. */
  async isInPlace(): Promise<boolean> {
    try {
      const [ours, there] = await Promise.all([this.#handle.stat(), stat(this.path)]);
      if (!this.#dirty) this.#size = ours.size; // somebody may have cut it; the hash chain will tell
      return ours.ino === there.ino && ours.dev === there.dev;
    } catch (cause) {
      if (codeOf(cause) === 'ENOENT') return false;
      throw cause;
    }
  }

  async close(): Promise<void> {
    await this.#handle.close();
  }

  async #cutBack(): Promise<void> {
    await this.#handle.truncate(this.#size);
    await this.#handle.datasync();
    this.#dirty = false;
  }
}

/** Offset just behind the last newline. */
async function endOfLastLine(handle: FileHandle, size: number): Promise<number> {
  const chunk = Buffer.alloc(Math.min(CHUNK, size));
  for (let end = size; end > 0; ) {
    const start = Math.max(0, end - CHUNK);
    const { bytesRead } = await handle.read(chunk, 0, end - start, start);
    const at = chunk.subarray(0, bytesRead).lastIndexOf(NEWLINE);
    if (at !== -1) return start + at + 1;
    end = start;
  }
  return 0;
}

async function putTailAside(
  handle: FileHandle,
  path: string,
  from: number,
  to: number,
  sideName: string,
): Promise<TornTail> {
  const side = await open(sideName, 'wx', PRIVATE);
  try {
    const chunk = Buffer.alloc(CHUNK);
    for (let at = from; at < to; ) {
      const { bytesRead } = await handle.read(chunk, 0, Math.min(CHUNK, to - at), at);
      if (bytesRead === 0) break;
      await writeFully(side, chunk.subarray(0, bytesRead));
      at += bytesRead;
    }
    await side.sync();
  } finally {
    await side.close();
  }
  await handle.truncate(from);
  await handle.datasync();
  return { file: path, bytes: to - from, keptAs: sideName };
}
