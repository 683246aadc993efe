/**
 * Samples on their way to the disk, with a header wherever the set of metrics changes. About a day of them waits for
 * room on a full disk; a line written twice harms nothing: same slot, same values.
 */
import type { MetricName } from '../domain/metric.ts';
import type { Logger } from '../domain/ports.ts';
import type { EpochMs } from '../domain/units.ts';
import { headerText, rowText } from './day-file.ts';
import { createDayLines } from './day-lines.ts';
import { dayName } from './history-block.ts';
import type { HistoryFiles } from './history-files.ts';

const MAX_WAITING = 8_640;

export interface HistoryWriter {
  add(at: EpochMs, values: readonly (readonly [MetricName, number | null])[], taught: boolean): void;
  /** Never throws, never overlaps itself. */
  flush(): Promise<void>;
  complaint(): string | null;
}

export function createHistoryWriter(files: HistoryFiles, log: Logger): HistoryWriter {
  const lines = createDayLines(files, log);
  let header = { day: '', text: '' };

  return {
    add(at, values, taught) {
      if (lines.waiting() >= MAX_WAITING) {
        lines.drop();
        header = { day: '', text: '' };
      }
      const day = dayName(at);
      const text = headerText(values.map(([name]) => name));
      if (text !== header.text || day !== header.day) {
        header = { day, text };
        lines.add(day, text);
      }
      lines.add(day, rowText({ at, taught, values: values.map(([, value]) => value) }));
    },
    flush: lines.flush,
    complaint: lines.complaint,
  };
}
