/**
 * The durable journal of the embedded queues: group commit with fdatasync, segments of 8 MB, compaction.
 *
 * A record is applied to memory by the journal itself, right after it is on disk and before its promise resolves, in
 * the order it was asked for. So memory never holds what a crash could take back, and a compaction, which writes what
 * memory holds, never misses a record of the files it replaces.
 */
import { copyFile, mkdir, rename, unlink } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { describeError, OpsError } from '../../domain/errors.ts';
import type { Clock, Logger } from '../../domain/ports.ts';
import { seconds, toIso } from '../../domain/units.ts';
import { type AppendFile, openAppendFile } from '../append-file.ts';
import { createSystemClock } from '../clock.ts';
import { withDeadline } from '../deadline.ts';
import { codeOf, syncFolder } from '../durable-file.ts';
import { writeCompacted } from './journal-compact.ts';
import { type JournalFile, journalFile, liveFiles, readJournalFile } from './journal-files.ts';
import { formatRecord, type QueueRecord, type Sequenced } from './records.ts';

const SEGMENT_BYTES = 8 * 1_048_576;
/** A disk that has not answered by then is treated as unwritable. */
const WRITE_LIMIT = seconds(10);
const BYTES_A_TASK = 320;
/** Files are rewritten when they hold this many times what lives. */
const WORTH_IT = 2;

export interface JournalDeps {
  readonly folder: string;
  readonly clock: Clock;
  readonly log: Logger;
  /** Takes a record into memory; must not throw. */
  apply(sequenced: Sequenced): void;
  /** Everything that lives, each with the sequence up to which it is told. Read piece by piece while records go on. */
  snapshot(): Iterable<Sequenced>;
  /** About how many records `snapshot` has. */
  living(): number;
  readonly segmentBytes?: number;
  /** Times the disk, which takes real time also where `clock` is not real; the system clock when absent. */
  readonly diskClock?: Clock;
}

/** What was found at the opening. */
export interface JournalHealth {
  /** Bytes of a last line that a crash cut, put aside. */
  readonly tornBytes: number;
  /** Lines in the middle that cannot be read: something is missing. */
  readonly damagedLines: number;
}

export interface Journal {
  readonly health: JournalHealth;
  /**
   * Resolves when the record is written and applied, and with `sync` on disk.
   *
   * @throws OpsError `STATE_UNWRITABLE`; the record is then neither on disk nor applied.
   */
  append(record: QueueRecord, sync?: boolean): Promise<void>;
  close(): Promise<void>;
}

interface Waiting {
  readonly record: QueueRecord;
  readonly sync: boolean;
  readonly resolve: () => void;
  readonly reject: (cause: unknown) => void;
}

export async function openJournal(deps: JournalDeps): Promise<Journal> {
  const { folder } = deps;
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const files = await liveFiles(folder);
  const writer = new Writer(deps, files);
  const health = await writer.open();
  return createJournal(deps, writer, health);
}

function createJournal({ folder }: JournalDeps, writer: Writer, health: JournalHealth): Journal {
  const queue: Waiting[] = [];
  let flushing: Promise<void> | undefined;

  async function flush(): Promise<void> {
    await null; // whatever is asked in this turn shares one sync
    while (queue.length > 0) await writer.commit(queue.splice(0));
    flushing = undefined;
  }

  return {
    health,
    append: (record, sync = true) =>
      new Promise((resolve, reject) => {
        if (writer.closed) {
          reject(unwritable(folder, 'it is closed'));
          return;
        }
        queue.push({ record, sync, resolve, reject });
        flushing ??= flush();
      }),
    async close() {
      await flushing;
      await writer.close();
    },
  };
}

/** The open segment, and the files before it. One commit at a time. */
class Writer {
  readonly #deps: JournalDeps;
  readonly #segmentBytes: number;
  readonly #diskClock: Clock;
  #files: readonly JournalFile[];
  #closedBytes = 0;
  #file: AppendFile | undefined;
  #seq = 0;
  #compacting: Promise<void> | undefined;
  #hanging = false;
  closed = false;

  constructor(deps: JournalDeps, files: readonly JournalFile[]) {
    this.#deps = deps;
    this.#files = files;
    this.#segmentBytes = deps.segmentBytes ?? SEGMENT_BYTES;
    this.#diskClock = deps.diskClock ?? createSystemClock();
  }

  /** Mends the end of the last file, reads all, and leaves the last one open. */
  async open(): Promise<JournalHealth> {
    const { folder, clock, apply } = this.#deps;
    const last = this.#files.at(-1) ?? journalFile(folder, 1);
    this.#files = this.#files.length === 0 ? [last] : this.#files;
    const stamp = toIso(clock.now()).replaceAll(/[:.]/g, '');
    const { file, torn } = await openAppendFile(last.path, join(folder, `torn-${stamp}`));
    this.#file = file;
    let damagedLines = 0;
    for (const { path } of this.#files) {
      const damaged = await readJournalFile(path, (sequenced) => {
        this.#seq = Math.max(this.#seq, sequenced.s);
        apply(sequenced);
      });
      if (damaged > 0) await copyFile(path, join(folder, `damaged-${stamp}-${basename(path)}`));
      damagedLines += damaged;
    }
    this.#closedBytes = (this.#files.length - 1) * this.#segmentBytes;
    if (damagedLines > 0) await this.#startAnew();
    return { tornBytes: torn?.bytes ?? 0, damagedLines };
  }

  /** Settles every one of `batch`; never rejects. */
  async commit(batch: readonly Waiting[]): Promise<void> {
    try {
      if (this.#hanging) throw new Error('the write before has not ended');
      const { folder } = this.#deps;
      this.#hanging = true;
      const written = this.#write(batch).finally(() => {
        this.#hanging = false;
      });
      const what = `writing ${folder}`;
      const made = await withDeadline(this.#diskClock, { what, span: WRITE_LIMIT }, () => written);
      for (const sequenced of made) this.#deps.apply(sequenced);
      for (const { resolve } of batch) resolve();
    } catch (cause) {
      const failure = unwritable(this.#deps.folder, codeOf(cause), cause);
      for (const { reject } of batch) reject(failure);
    }
  }

  async close(): Promise<void> {
    this.closed = true;
    await this.#compacting;
    const file = this.#file;
    this.#file = undefined;
    await file?.sync().catch(() => {}); // what had to be on disk is; the rest is hints
    await file?.close();
  }

  async #write(batch: readonly Waiting[]): Promise<readonly Sequenced[]> {
    const file = await this.#roomy();
    const made = batch.map(({ record }): Sequenced => {
      this.#seq += 1;
      return { s: this.#seq, record };
    });
    const text = made.map(({ s, record }) => `${formatRecord(s, record)}\n`).join('');
    const sync = batch.some((waiting) => waiting.sync);
    await file.append(Buffer.from(text), sync);
    return made;
  }

  /** What could be read becomes the journal; the damaged files are kept aside, so that they count once. */
  async #startAnew(): Promise<void> {
    const closed = this.#files;
    await this.#next();
    await this.#compact(closed);
  }

  /** The open file, or a new one when it is full. */
  async #roomy(): Promise<AppendFile> {
    const file = this.#file;
    if (file === undefined) throw new Error('it is not open');
    if (file.size < this.#segmentBytes) return file;
    const closed = this.#files;
    const next = await this.#next();
    this.#compactWhenWorthIt(closed);
    return next;
  }

  async #next(): Promise<AppendFile> {
    const { folder } = this.#deps;
    const file = this.#file;
    await file?.sync();
    const next = journalFile(folder, (this.#files.at(-1)?.number ?? 0) + 1);
    const opened = await openAppendFile(next.path, `${next.path}.torn`);
    this.#files = [...this.#files, next];
    this.#file = opened.file;
    this.#closedBytes += file?.size ?? 0;
    await file?.close();
    return opened.file;
  }

  /** All records of `closed` are applied by now: commits come one after the other. */
  #compactWhenWorthIt(closed: readonly JournalFile[]): void {
    const { living, log } = this.#deps;
    const enough = WORTH_IT * Math.max(this.#segmentBytes, living() * BYTES_A_TASK);
    if (this.#compacting !== undefined || this.#closedBytes < enough) return;
    this.#compacting = this.#compact(closed)
      .catch((cause: unknown) => {
        log.warn('queue journal could not be compacted', { error: describeError(cause) });
      })
      .finally(() => {
        this.#compacting = undefined;
      });
  }

  async #compact(closed: readonly JournalFile[]): Promise<void> {
    const { folder, snapshot } = this.#deps;
    const last = closed.at(-1);
    if (last === undefined) return;
    const bytes = await writeCompacted(`${last.path}.tmp`, snapshot());
    await rename(`${last.path}.tmp`, last.path);
    await syncFolder(folder);
    for (const { path } of closed.slice(0, -1)) await unlink(path);
    this.#files = this.#files.filter(({ number }) => number >= last.number);
    this.#closedBytes = bytes;
  }
}

function unwritable(folder: string, reason: string, cause?: unknown): OpsError {
  return new OpsError('STATE_UNWRITABLE', `the queue journal in ${folder} could not be written: ${reason}`, {
    context: { folder, reason },
    cause,
  });
}
