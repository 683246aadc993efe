/**
 * Lines on their way to the files of their days: they wait here and are appended in batches.
 *
 * A full disk is expected: the complaint is said once, the lines wait and go out when there is room again. A line
 * written twice after a half-failed batch must harm nothing.
 */
import { describeError } from '../domain/errors.ts';
import type { Logger } from '../domain/ports.ts';
import type { HistoryFiles } from './history-files.ts';

export interface DayLines {
  add(day: string, text: string): void;
  /** How many wait. */
  waiting(): number;
  /** Gives up what waits. */
  drop(): void;
  /** Never throws, never overlaps itself. */
  flush(): Promise<void>;
  /** Why lines are not on disk, or `null` when all is well. */
  complaint(): string | null;
}

interface WaitingLine {
  readonly day: string;
  readonly text: string;
}

export function createDayLines(files: Pick<HistoryFiles, 'append'>, log: Logger): DayLines {
  let waiting: WaitingLine[] = [];
  let complaint: string | null = null;
  let flushing: Promise<void> | null = null;

  async function write(): Promise<void> {
    try {
      for (const day of new Set(waiting.map((line) => line.day))) {
        const batch = waiting.filter((line) => line.day === day);
        await files.append(day, batch.map((line) => line.text).join(''));
        const written = new Set(batch);
        waiting = waiting.filter((line) => !written.has(line));
      }
      if (complaint !== null) log.info('history is written again');
      complaint = null;
    } catch (cause) {
      const error = describeError(cause);
      if (complaint === null) log.warn('history cannot be written', { error });
      complaint = `Samples are kept in memory only: ${error}.`;
    }
  }

  return {
    add: (day, text) => void waiting.push({ day, text }),
    waiting: () => waiting.length,
    drop() {
      waiting = [];
    },
    flush() {
      flushing ??= write().finally(() => {
        flushing = null;
      });
      return flushing;
    },
    complaint: () => complaint,
  };
}
