/**
 * Compares an archive with what the signed list says, entry by entry and byte by byte.
 *
 * Order, names, types, sizes, modes, links and sha256 must all be the ones in the list; a missing, an extra or a
 * second entry is refused. A consumer sees an entry only after it was found in the list. Where the signed digest of the
 * whole archive is compared on the way, that stands for the content of all its entries: each byte is hashed once.
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
  /** What the whole file must have; `null`: each entry is compared by itself. */
  readonly sha256: string | null;
  readonly entries: readonly Entry[];
}

/** @throws Error that names the first entry that is not as it should be. */
export async function checkArchive(
  archive: ArchiveToCheck,
  tick: Tick,
  consumer: Consumer | null,
): Promise<void> {
  const { path, tarBytes, sha256 } = archive;
  const handler = new Comparison(archive, tick, consumer);
  const reader = createTarReader(handler);
  const whole = sha256 === null ? undefined : createHash('sha256');
  await readArchive(path, tarBytes, (chunk) => reader.push(chunk), whole);
  reader.end();
  handler.finish();
  if (whole !== undefined && whole.digest('hex') !== sha256)
    throw new Error('the archive was altered: its sha256 is not the one in the manifest');
}

class Comparison implements TarHandler {
  readonly #entries: readonly Entry[];
  readonly #isEachHashed: boolean;
  readonly #tick: Tick;
  readonly #consumer: Consumer | null;
  #at = 0;
  #current: Entry | undefined;
  #hash: Hash | undefined;
  /** Of content that came in one piece, as most does: no state is kept for it. */
  #sha256: string | undefined;

  constructor({ entries, sha256 }: ArchiveToCheck, tick: Tick, consumer: Consumer | null) {
    this.#entries = entries;
    this.#isEachHashed = sha256 === null;
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
    if (this.#isEachHashed) this.#see(content);
    this.#tick(content.length);
    this.#consumer?.onData(content);
  }

  #see(content: Uint8Array): void {
    if (this.#hash === undefined && content.length === this.#current?.size)
      this.#sha256 = hash('sha256', content);
    else {
      this.#hash ??= createHash('sha256');
      this.#hash.update(content);
    }
  }

  onEnd(): void {
    const entry = this.#current;
    if (entry === undefined) throw new Error('content without an entry');
    if (this.#isEachHashed) this.#compareContent(entry);
    this.#current = undefined;
    this.#consumer?.onEnd(entry);
  }

  #compareContent(entry: Entry): void {
    const sha256 = this.#sha256 ?? (this.#hash ?? createHash('sha256')).digest('hex');
    if (sha256 !== entry.sha256) {
      throw new Error(`${shownName(entry.path)}: its content is not what was backed up (sha256 differs)`);
    }
    this.#hash = undefined;
    this.#sha256 = undefined;
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
