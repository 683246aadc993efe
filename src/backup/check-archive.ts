/**
 * Compares an archive with what the signed list says, entry by entry and byte by byte.
 *
 * Order, names, types, sizes, modes, links and sha256 must all be the ones in the list; a missing, an extra or a
 * second entry is refused. A consumer sees an entry only after it was found in the list.
 */
import { createHash, type Hash, hash } from 'node:crypto';
import type { Tick } from './archive.ts';
import { readArchive } from './archive-input.ts';
import type { Entry } from './entry.ts';
import { isInside, shownName } from './names.ts';
import type { HeaderOf } from './tar-header.ts';
import { createTarReader, type TarHandler } from './tar-read.ts';

/** What else is done with the entries while they are checked. */
export interface Consumer {
  onEntry(entry: Entry): void;
  onData(content: Uint8Array): void;
  onEnd(entry: Entry): void;
}

export interface ArchiveToCheck {
  readonly path: string;
  readonly tarBytes: number;
  readonly entries: readonly Entry[];
}

/** @throws Error that names the first entry that is not as it should be. */
export async function checkArchive(
  archive: ArchiveToCheck,
  tick: Tick,
  consumer: Consumer | null,
): Promise<void> {
  const handler = new Comparison(archive.entries, tick, consumer);
  const reader = createTarReader(handler);
  await readArchive(archive.path, archive.tarBytes, (chunk) => reader.push(chunk));
  reader.end();
  handler.finish();
}

class Comparison implements TarHandler {
  readonly #entries: readonly Entry[];
  readonly #tick: Tick;
  readonly #consumer: Consumer | null;
  #at = 0;
  #current: Entry | undefined;
  #hash: Hash | undefined;
  /** Of content that came in one piece, as most does: no state is kept for it. */
  #sha256: string | undefined;

  constructor(entries: readonly Entry[], tick: Tick, consumer: Consumer | null) {
    this.#entries = entries;
    this.#tick = tick;
    this.#consumer = consumer;
  }

  onEntry(found: HeaderOf): void {
    const listed = this.#entries[this.#at];
    this.#at += 1;
    if (listed === undefined)
      throw new Error(`the archive holds ${shownName(found.path)}, which is not in the list`);
    const difference = differenceOf(listed, found);
    if (difference !== null) throw new Error(`${shownName(listed.path)}: ${difference}`);
    this.#current = listed;
    this.#tick(0);
    this.#consumer?.onEntry(listed);
    if (listed.type !== 'file') this.#consumer?.onEnd(listed);
  }

  onData(content: Uint8Array): void {
    if (this.#hash === undefined && content.length === this.#current?.size)
      this.#sha256 = hash('sha256', content);
    else {
      this.#hash ??= createHash('sha256');
      this.#hash.update(content);
    }
    this.#tick(content.length);
    this.#consumer?.onData(content);
  }

  onEnd(): void {
    const entry = this.#current;
    if (entry === undefined) throw new Error('content without an entry');
    const sha256 = this.#sha256 ?? (this.#hash ?? createHash('sha256')).digest('hex');
    if (sha256 !== entry.sha256) {
      throw new Error(`${shownName(entry.path)}: its content is not what was backed up (sha256 differs)`);
    }
    this.#hash = undefined;
    this.#sha256 = undefined;
    this.#current = undefined;
    this.#consumer?.onEnd(entry);
  }

  finish(): void {
    const missing = this.#entries[this.#at];
    if (missing !== undefined) {
      throw new Error(
        `the archive ends before ${shownName(missing.path)}: ${this.#entries.length - this.#at} entries are missing`,
      );
    }
  }
}

function differenceOf(listed: Entry, found: HeaderOf): string | null {
  if (!isInside(listed.path)) return 'its name leaves the folder';
  if (listed.path !== found.path) return `the archive has ${shownName(found.path)} in its place`;
  if (listed.type !== found.type) return `it is a ${found.type}, the list says ${listed.type}`;
  if (listed.size !== found.size) return `it has ${found.size} bytes, the list says ${listed.size}`;
  if (listed.link !== found.link) return 'it points elsewhere than the list says';
  if (listed.mode !== found.mode) return 'its permissions are not those in the list';
  if (listed.mtimeNs !== found.mtimeNs) return 'its time is not the one in the list';
  return null;
}
