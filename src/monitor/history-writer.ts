/**
 * Samples on their way to the disk: lines wait here and are appended in batches.
 *
 * A full disk is expected: the complaint is said once, the lines wait (about a day of them) and go out when
 * there is room again. A line written twice after a half-failed batch harms nothing: same slot, same values.
 */
import { describeError } from '../domain/errors.ts';
import type { MetricName } from '../domain/metric.ts';
import type { Logger } from '../domain/ports.ts';
import type { EpochMs } from '../domain/units.ts';
import { headerText, rowText } from './day-file.ts';
import { dayName } from './history-block.ts';
import type { HistoryFiles } from './history-files.ts';

const MAX_WAITING = 8_640;

export interface HistoryWriter {
  add(at: EpochMs, values: readonly (readonly [MetricName, number | null])[], taught: boolean): void;
  /** Never throws, never overlaps itself. */
  flush(): Promise<void>;
  complaint(): string | null;
}

interface WaitingLine {
  readonly day: string;
  readonly text: string;
}

export function createHistoryWriter(files: HistoryFiles, log: Logger): HistoryWriter {
  let waiting: readonly WaitingLine[] = [];
  let header: WaitingLine = { day: '', text: '' };
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
    add(at, values, taught) {
      if (waiting.length >= MAX_WAITING) {
        waiting = [];
        header = { day: '', text: '' };
      }
      const day = dayName(at);
      const text = headerText(values.map(([name]) => name));
      const row = { day, text: rowText({ at, taught, values: values.map(([, value]) => value) }) };
      const needsHeader = text !== header.text || day !== header.day;
      if (needsHeader) header = { day, text };
      waiting = needsHeader ? [...waiting, header, row] : [...waiting, row];
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
