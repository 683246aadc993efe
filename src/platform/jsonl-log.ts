/**
 * An append-only log of JSON lines: complete writes, group commit, daily rotation.
 *
 * Lines are made when they are written, in the order they were asked for, each from the tip that the line before
 * left (for a hash chain). When a write fails the tip goes back with the file, so the chain has no gap. Opening
 * is tried again at each append, so a disk that comes back is used at once.
 */
import { mkdir, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { OpsError } from '../domain/errors.ts';
import type { Cancel, Clock } from '../domain/ports.ts';
import { type EpochMs, type Ms, ms, seconds, toIso } from '../domain/units.ts';
import { type AppendFile, openAppendFile, type TornTail } from './append-file.ts';
import { createSystemClock } from './clock.ts';
import { withDeadline } from './deadline.ts';
import { codeOf, syncFolder } from './durable-file.ts';
import { dayOf, linesNewestFirst, listJsonlFiles, rotatedPath } from './jsonl-files.ts';

/** A disk that has not answered by then is treated as unwritable. */
const WRITE_LIMIT = seconds(10);
/** Lines that nobody waits for on disk are synced this much later. */
const SYNC_LAG = seconds(1);
/** How often we look whether the file is still the one under its name. */
const LOOK_AGAIN: Ms = seconds(1);
const MOST_WAITING = 10_000;

/** One line and the tip behind it. */
export interface MadeLine<Tip> {
  /** JSON without a newline. */
  readonly text: string;
  readonly tip: Tip;
}

/** Where a log stood when it was opened. */
export interface Recovered<Tip> {
  readonly tip: Tip;
  /** When the last line was written; `undefined` where no line tells. */
  readonly writtenAt: EpochMs | undefined;
}

export interface JsonlLogDeps<Tip> {
  readonly folder: string;
  /** `healing_log` for `healing_log.jsonl`. */
  readonly name: string;
  readonly clock: Clock;
  /** Times the disk, which takes real time also where `clock` is not real; the system clock when absent. */
  readonly diskClock?: Clock;
  /** Finds the tip from the lines on disk, newest first. */
  recover(newestFirst: AsyncIterable<Buffer>): Promise<Recovered<Tip>>;
  onTorn(tail: TornTail): void;
  onRotated(): void;
}

export interface JsonlLog<Tip> {
  /** Opens or makes the file and mends its end; harmless when open. */
  open(): Promise<void>;
  /** Resolves when the line is written and, with `sync`, on disk. */
  append(make: (tip: Tip) => MadeLine<Tip>, sync: boolean): Promise<void>;
  /** Syncs and closes. An append afterwards opens it again. */
  close(): Promise<void>;
}

interface Waiting<Tip> {
  readonly make: ((tip: Tip) => MadeLine<Tip>) | null;
  readonly sync: boolean;
  readonly resolve: () => void;
  readonly reject: (cause: unknown) => void;
}

export function createJsonlLog<Tip>(deps: JsonlLogDeps<Tip>): JsonlLog<Tip> {
  const writer = new Writer(deps);
  const queue: Waiting<Tip>[] = [];
  let flushing = false;

  async function flush(): Promise<void> {
    await null; // whatever is asked in this turn shares one sync
    while (queue.length > 0) await writer.commit(queue.splice(0));
    flushing = false;
  }

  function ask(make: Waiting<Tip>['make'], sync: boolean): Promise<void> {
    return new Promise((resolve, reject) => {
      if (queue.length >= MOST_WAITING) {
        reject(unwritable(deps, 'too many lines wait for the disk'));
        return;
      }
      queue.push({ make, sync, resolve, reject });
      if (flushing) return;
      flushing = true;
      void flush();
    });
  }

  let lazySync: Cancel | undefined;
  function syncSoon(): void {
    lazySync ??= deps.clock.in(SYNC_LAG, () => {
      lazySync = undefined;
      void ask(null, true).catch(() => {}); // nobody waits; the next append meets the same disk
    });
  }

  return {
    open: () => ask(null, false),
    append: async (make, sync) => {
      await ask(make, sync);
      if (!sync) syncSoon();
    },
    close: async () => {
      lazySync?.();
      lazySync = undefined;
      if (writer.isOpen()) await ask(null, true).finally(() => writer.close());
    },
  };
}

/** The file, its tip and its day. One commit at a time. */
class Writer<Tip> {
  readonly #deps: JsonlLogDeps<Tip>;
  readonly #diskClock: Clock;
  #file: AppendFile | undefined;
  #tip: Tip | undefined;
  #day = '';
  #looked: Ms = ms(Number.NEGATIVE_INFINITY);
  #busy = false;

  constructor(deps: JsonlLogDeps<Tip>) {
    this.#deps = deps;
    this.#diskClock = deps.diskClock ?? createSystemClock();
  }

  /** Settles every one of `batch`; never rejects. */
  async commit(batch: readonly Waiting<Tip>[]): Promise<void> {
    try {
      if (this.#busy) throw unwritable(this.#deps, 'the write before has not ended');
      this.#busy = true;
      const written = this.#write(batch).finally(() => {
        this.#busy = false;
      });
      const what = `writing ${this.#deps.name}`;
      await withDeadline(this.#diskClock, { what, span: WRITE_LIMIT }, () => written);
      for (const done of batch) done.resolve();
    } catch (cause) {
      const failure = unwritable(this.#deps, codeOf(cause), cause);
      for (const done of batch) done.reject(failure);
    }
  }

  isOpen(): boolean {
    return this.#file !== undefined;
  }

  async close(): Promise<void> {
    const file = this.#file;
    this.#file = undefined;
    await file?.close();
  }

  async #write(batch: readonly Waiting<Tip>[]): Promise<void> {
    const now = this.#deps.clock.now();
    let file = await this.#ready(now);
    file = await this.#rotateWhenDue(file, now);
    const lines: string[] = [];
    let tip = this.#tip as Tip;
    for (const { make, reject } of batch) {
      try {
        const made = make?.(tip);
        if (made === undefined) continue;
        lines.push(made.text, '\n');
        tip = made.tip;
      } catch (cause) {
        reject(cause); // this line cannot be made; the others can
      }
    }
    const sync = batch.some((waiting) => waiting.sync);
    if (lines.length > 0) await file.append(Buffer.from(lines.join('')), sync);
    else if (sync) await file.sync();
    this.#tip = tip;
  }

  /** The open file; opened anew when it is not open or no longer the one under its name. */
  async #ready(now: EpochMs): Promise<AppendFile> {
    const { clock } = this.#deps;
    if (this.#file !== undefined && clock.monotonic() - this.#looked > LOOK_AGAIN) {
      if (!(await this.#file.isInPlace())) await this.close();
      this.#looked = clock.monotonic();
    }
    this.#file ??= await this.#open(now);
    return this.#file;
  }

  async #open(now: EpochMs): Promise<AppendFile> {
    const { folder, name, onTorn, recover } = this.#deps;
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const stamp = toIso(now).replaceAll(/[:.]/g, '');
    const opened = await openAppendFile(join(folder, `${name}.jsonl`), join(folder, `${name}.torn-${stamp}`));
    if (opened.torn !== undefined) onTorn(opened.torn);
    try {
      const found = await recover(linesNewestFirst(await listJsonlFiles(folder, name)));
      // A tip in memory is newer than any on disk: what is missing there must show as a gap.
      this.#tip ??= found.tip;
      this.#day = dayOf(opened.file.size === 0 ? now : (found.writtenAt ?? now));
      return opened.file;
    } catch (cause) {
      await opened.file.close();
      throw cause;
    }
  }

  async #rotateWhenDue(file: AppendFile, now: EpochMs): Promise<AppendFile> {
    const { folder, name, onRotated } = this.#deps;
    const today = dayOf(now);
    // A clock set back goes on in the same file: its day is the day it was last written.
    if (today <= this.#day || file.size === 0) {
      this.#day = today;
      return file;
    }
    await file.sync();
    const target = rotatedPath(folder, name, await listJsonlFiles(folder, name), this.#day);
    await rename(file.path, target.path);
    await this.close();
    await syncFolder(folder);
    const next = await this.#open(now);
    this.#file = next;
    onRotated();
    return next;
  }
}

function unwritable(deps: { readonly name: string }, reason: string, cause?: unknown): OpsError {
  if (cause instanceof OpsError && cause.code === 'STATE_UNWRITABLE') return cause;
  return new OpsError('STATE_UNWRITABLE', `${deps.name} could not be written: ${reason}`, {
    context: { log: deps.name, reason },
    cause,
  });
}
