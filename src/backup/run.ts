/**
 * One run at a time, in this process and in any other on this data folder. A run has a deadline, can be given up,
 * and tells how far it is.
 */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { BackupOptions, BackupProgress, DeskResult } from '../domain/backup.ts';
import { describeError, isOpsError } from '../domain/errors.ts';
import type { Clock, Logger } from '../domain/ports.ts';
import { type Ms, ms } from '../domain/units.ts';
import { acquireLock } from '../platform/lock.ts';
import { createProcReader } from '../platform/proc.ts';
import { createProcessTable } from '../platform/process-identity.ts';
import { createThreadHolder, type ThreadHolder, type ThreadOptions } from './thread.ts';

/** What a step of a run is given. */
export interface Run {
  /** For a job in the thread; `total` bytes are expected of it. */
  step(what: string, total: number): ThreadOptions;
  readonly signal: AbortSignal | undefined;
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
  const { clock, log, folder, host } = deps;
  let current: BackupProgress | null = null;
  let underWay: string | null = null;

  function runFor({ signal, onProgress }: BackupOptions, threads: ThreadHolder): Run {
    const begun = clock.monotonic();
    return {
      signal,
      step(what, totalBytes) {
        let doneBytes = 0;
        const say = (more: number): void => {
          doneBytes += more;
          current = { what, doneBytes, totalBytes, elapsed: ms(clock.monotonic() - begun) };
          onProgress?.(current);
        };
        say(0);
        return { clock, timeLimit: deps.timeLimit(), threads, signal, onBytes: say };
      },
    };
  }

  return {
    get current() {
      return current;
    },
    get underWay() {
      return underWay;
    },
    async once(what, options, work) {
      if (current !== null) return { kind: 'refused', reason: `${current.what} is under way` };
      current = { what, doneBytes: 0, totalBytes: 0, elapsed: ms(0) };
      underWay = what;
      try {
        await mkdir(folder, { recursive: true, mode: 0o700 });
        const processes = createProcessTable({ proc: createProcReader() });
        const lock = await acquireLock({ file: join(folder, 'backup.lock'), host, clock, processes });
        const threads = createThreadHolder();
        return await work(runFor(options, threads)).finally(async () => {
          await threads.close();
          await lock.release();
        });
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
        current = null;
        underWay = null;
      }
    },
  };
}

/** A full disk has a name that people know. */
function reasonOf(cause: unknown): string {
  const text = describeError(cause);
  if (text.includes('ENOSPC')) return `the disk is full (${text})`;
  if (text.includes('EROFS')) return `the disk is read-only (${text})`;
  return text;
}
