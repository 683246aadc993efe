/**
 * Unpacks checked entries into a staging folder, and nowhere else.
 *
 * A file is created new, never followed or overwritten; every folder above it must be one that was made here;
 * a hard link may only name a file that was unpacked here. Symlinks are made last, as they were, so nothing can
 * be written through one. Setuid and setgid of files are not given back, nor is a device ever made.
 */
import {
  chmodSync,
  chownSync,
  closeSync,
  constants,
  fchmodSync,
  fchownSync,
  fsyncSync,
  ftruncateSync,
  futimesSync,
  lchownSync,
  linkSync,
  lutimesSync,
  mkdirSync,
  openSync,
  symlinkSync,
  utimesSync,
  writeSync,
} from 'node:fs';
import type { Consumer } from './check-archive.ts';
import type { Entry } from './entry.ts';
import { bytesOf, isInside, parentOf, pathOf, type RawPath, shownName } from './names.ts';

const CREATE = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;
const NOT_FOR_FILES = 0o6000;
const OPEN_FOLDER = 0o700;
const HOLE_BYTES = 65_536;
const ZEROS = Buffer.alloc(HOLE_BYTES);

export interface Extraction extends Consumer {
  /** Symlinks, then modes and times of folders, deepest first. */
  finish(): void;
}

export interface ExtractOptions {
  /** Absolute, existing, private, empty. */
  readonly staging: RawPath;
  /** Only these are unpacked; folders above them are made as needed. */
  readonly wanted: (entry: Entry) => boolean;
  /** Only root can give files away. */
  readonly giveOwner: boolean;
  /** False for staging, out of which everything is moved again. */
  readonly folderModes: boolean;
  /** Every file is on disk before the next is begun. */
  readonly sync: boolean;
}

export function createExtraction(options: ExtractOptions): Extraction {
  return new StagedExtraction(options);
}

class StagedExtraction implements Extraction {
  readonly #options: ExtractOptions;
  /** Folders that were made here; nothing else is written into. */
  readonly #folders = new Set<RawPath>(['']);
  readonly #files = new Set<RawPath>();
  readonly #known = new Map<RawPath, Entry>();
  readonly #links: Entry[] = [];
  readonly #madeFolders: Entry[] = [];
  #file: { readonly descriptor: number; position: number; readonly sparse: boolean } | undefined;

  constructor(options: ExtractOptions) {
    this.#options = options;
  }

  onEntry(entry: Entry): void {
    if (!isInside(entry.path)) throw new Error(`${shownName(entry.path)} leaves the folder`);
    if (entry.type === 'dir') this.#known.set(entry.path, entry);
    if (!this.#options.wanted(entry)) return;
    switch (entry.type) {
      case 'dir':
        this.#makeFolder(entry.path);
        return;
      case 'file':
        this.#makeFolder(parentOf(entry.path));
        this.#file = {
          descriptor: openSync(this.#at(entry.path), CREATE, 0o600),
          position: 0,
          sparse: entry.sparse,
        };
        return;
      case 'link':
        this.#makeLink(entry);
        return;
      case 'symlink':
        this.#links.push(entry);
        return;
    }
  }

  onData(content: Uint8Array): void {
    const file = this.#file;
    if (file === undefined) return;
    if (!file.sparse) writeWhole(file.descriptor, content, file.position);
    else writeAroundHoles(file.descriptor, content, file.position);
    file.position += content.length;
  }

  onEnd(entry: Entry): void {
    const file = this.#file;
    if (file === undefined) return;
    this.#file = undefined;
    if (entry.sparse) ftruncateSync(file.descriptor, entry.size);
    if (this.#options.giveOwner) fchownSync(file.descriptor, entry.uid, entry.gid);
    fchmodSync(file.descriptor, entry.mode & ~NOT_FOR_FILES);
    const time = secondsOf(entry);
    futimesSync(file.descriptor, time, time);
    if (this.#options.sync) fsyncSync(file.descriptor);
    closeSync(file.descriptor);
    this.#files.add(entry.path);
  }

  finish(): void {
    for (const entry of this.#links) this.#makeSymlink(entry);
    if (!this.#options.folderModes) return;
    for (const entry of this.#madeFolders.toReversed()) {
      if (this.#options.giveOwner) chownSync(this.#at(entry.path), entry.uid, entry.gid);
      chmodSync(this.#at(entry.path), entry.mode);
      utimesSync(this.#at(entry.path), secondsOf(entry), secondsOf(entry));
    }
  }

  #makeFolder(path: RawPath): void {
    if (this.#folders.has(path)) return;
    this.#makeFolder(parentOf(path));
    mkdirSync(this.#at(path), { mode: OPEN_FOLDER });
    this.#folders.add(path);
    const entry = this.#known.get(path);
    if (entry !== undefined) this.#madeFolders.push(entry);
  }

  #makeLink(entry: Entry): void {
    const target = entry.link ?? '';
    if (!isInside(target) || !this.#files.has(target)) {
      throw new Error(
        `${shownName(entry.path)} is a hard link to ${shownName(target)}, which was not unpacked here`,
      );
    }
    this.#makeFolder(parentOf(entry.path));
    linkSync(this.#at(target), this.#at(entry.path));
    this.#files.add(entry.path);
  }

  #makeSymlink(entry: Entry): void {
    this.#makeFolder(parentOf(entry.path));
    symlinkSync(bytesOf(entry.link ?? ''), this.#at(entry.path));
    if (this.#options.giveOwner) lchownSync(this.#at(entry.path), entry.uid, entry.gid);
    lutimesSync(this.#at(entry.path), secondsOf(entry), secondsOf(entry));
  }

  #at(path: RawPath): Buffer | string {
    return pathOf(`${this.#options.staging}/${path}`);
  }
}

/** As text, because Node takes a negative number for "now"; exact to a microsecond. */
function secondsOf({ mtimeNs }: Entry): string {
  return String(Number(BigInt(mtimeNs) / 1_000n) / 1_000_000);
}

function writeWhole(file: number, content: Uint8Array, position: number): void {
  for (let done = 0; done < content.length; ) {
    const count = writeSync(file, content, done, content.length - done, position + done);
    if (count === 0) throw new Error('the disk took no more bytes');
    done += count;
  }
}

/** Runs of zeros are left out; the file is given its size at the end. */
function writeAroundHoles(file: number, content: Uint8Array, position: number): void {
  for (let at = 0; at < content.length; at += HOLE_BYTES) {
    const piece = content.subarray(at, at + HOLE_BYTES);
    if (ZEROS.compare(piece, 0, piece.length, 0, piece.length) !== 0) writeWhole(file, piece, position + at);
  }
}
