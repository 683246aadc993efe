/**
 * One run at a time, in this process and in any other on this data folder. A run has a deadline, can be given up,
 * and tells how far it is.
 */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { BackupOptions, BackupProgress, DeskResult } from '../domain/backup.ts';
import { describeError, isOpsError } from '../domain/errors.ts';
import type { Cancel, Clock, Logger } from '../domain/ports.ts';
import { type Ms, ms, seconds } from '../domain/units.ts';
import { acquireLock } from '../platform/lock.ts';
import { createProcReader } from '../platform/proc.ts';
import { createProcessTable } from '../platform/process-identity.ts';
import { createThreadHolder, type ThreadHolder, type ThreadOptions } from './thread.ts';

/** A check often follows a backup: the thread stays for it, and is gone soon after. */
const THREAD_RESTS = seconds(3);

/** What a step of a run is given. */
export interface Run {
  /** For a job in the thread; `total` bytes are expected of it. */
  step(what: string, total: number): ThreadOptions;
  readonly signal: AbortSignal;
  /** Archives that were found to be ours in this run. */
  readonly ours: Set<string>;
}

export interface RunDesk {
  readonly current: BackupProgress | null;
  /** What the run is that is under way: "a backup", "a restore". */
  readonly underWay: string | null;
  once<T>(
    what: string,
    options: BackupOptions,
    work: (run: Run) => Promise<DeskResult<T>>,
  ): Promise<DeskResult<T>>;
  /** Gives up the run that is under way; false where none is. */
  giveUp(reason: string): boolean;
  /** Resolves when nothing is under way. */
  idle(): Promise<void>;
  /** Gives up what is under way and ends the thread. */
  close(): Promise<void>;
}

export interface RunDeps {
  readonly clock: Clock;
  readonly log: Logger;
  readonly host: string;
  readonly timeLimit: () => Ms;
  /** Of this room, for the lock. */
  readonly folder: string;
}

export function createRunDesk(deps: RunDeps): RunDesk {
  return new OneAtATime(deps);
}

class OneAtATime implements RunDesk {
  readonly #deps: RunDeps;
  #stopping = new AbortController();
  #ended: Promise<unknown> = Promise.resolve();
  readonly #threads: ThreadHolder = createThreadHolder();
  #letGo: Cancel = () => {};
  current: BackupProgress | null = null;
  underWay: string | null = null;

  constructor(deps: RunDeps) {
    this.#deps = deps;
  }

  once<T>(
    what: string,
    options: BackupOptions,
    work: (run: Run) => Promise<DeskResult<T>>,
  ): Promise<DeskResult<T>> {
    if (this.current !== null) {
      return Promise.resolve({ kind: 'refused', reason: `${this.underWay ?? what} is under way` });
    }
    this.current = { what, doneBytes: 0, totalBytes: 0, elapsed: ms(0) };
    this.underWay = what;
    this.#stopping = new AbortController();
    const result = this.#guarded(what, options, work);
    this.#ended = result;
    return result;
  }

  giveUp(reason: string): boolean {
    if (this.current === null) return false;
    this.#stopping.abort(new Error(reason));
    return true;
  }

  async idle(): Promise<void> {
    await this.#ended;
  }

  async close(): Promise<void> {
    this.giveUp('Nightshift stops');
    await this.#ended;
    this.#letGo();
    await this.#threads.close();
  }

  async #guarded<T>(
    what: string,
    options: BackupOptions,
    work: (run: Run) => Promise<DeskResult<T>>,
  ): Promise<DeskResult<T>> {
    const { log } = this.#deps;
    try {
      return await this.#locked(options, work);
    } catch (cause) {
      if (isOpsError(cause, 'DATA_LOCKED')) {
        return {
          kind: 'refused',
          reason: `another backup or restore is under way (pid ${cause.context['pid']})`,
        };
      }
      log.error('a run of the backups failed', { what, error: cause });
      return { kind: 'failed', reason: reasonOf(cause) };
    } finally {
      this.current = null;
      this.underWay = null;
    }
  }

  async #locked<T>(
    { signal, onProgress }: BackupOptions,
    work: (run: Run) => Promise<DeskResult<T>>,
  ): Promise<DeskResult<T>> {
    const { folder, host, clock } = this.#deps;
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const processes = createProcessTable({ proc: createProcReader() });
    const lock = await acquireLock({ file: join(folder, 'backup.lock'), host, clock, processes });
    this.#letGo();
    this.#letGo = () => {};
    const given = this.#stopping.signal;
    const all = signal === undefined ? given : AbortSignal.any([given, signal]);
    try {
      return await work(this.#runFor(all, onProgress));
    } finally {
      this.#threads.rest();
      this.#letGo = clock.in(THREAD_RESTS, () => void this.#threads.close());
      await lock.release();
    }
  }

  #runFor(signal: AbortSignal, onProgress: BackupOptions['onProgress']): Run {
    const { clock, timeLimit } = this.#deps;
    const threads = this.#threads;
    return {
      signal,
      ours: new Set(),
      step: (what, totalBytes) => {
        const begun = clock.monotonic();
        let doneBytes = 0;
        const say = (more: number): void => {
          doneBytes += more;
          this.current = { what, doneBytes, totalBytes, elapsed: ms(clock.monotonic() - begun) };
          onProgress?.(this.current);
        };
        say(0);
        return { clock, timeLimit: timeLimit(), threads, signal, onBytes: say };
      },
    };
  }
}

/** A full disk has a name that people know. */
function reasonOf(cause: unknown): string {
  const text = describeError(cause);
  if (text.includes('ENOSPC')) return `the disk is full (${text})`;
  if (text.includes('EROFS')) return `the disk is read-only (${text})`;
  return text;
}
