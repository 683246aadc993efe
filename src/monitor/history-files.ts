/**
 * The door to `data/history/`: append text to a day, read a day line by line, list and unlink days.
 *
 * No fsync: a power cut may cost the last minute of samples, which harms nobody. What a crash left without a
 * line end is closed with one first, so that two lines are never glued together.
 */
import { mkdir, open, readdir, unlink } from 'node:fs/promises';
import { join } from 'node:path';

const DAY = /^\d{4}-\d{2}-\d{2}$/;
const LINE_END = 0x0a;

export interface HistoryFiles {
  /** Days that have a file, oldest first. */
  days(): Promise<readonly string[]>;
  lines(day: string): AsyncIterable<string>;
  append(day: string, text: string): Promise<void>;
  remove(day: string): Promise<void>;
}

/** @param ending of the file names after the day: `.jsonl` for samples, `.1m.jsonl` for one-minute roll-ups. */
export function createHistoryFiles(folder: string, ending = '.jsonl'): HistoryFiles {
  const pathOf = (day: string): string => join(folder, `${day}${ending}`);
  return {
    async days() {
      await mkdir(folder, { recursive: true });
      const names = await readdir(folder);
      const days = names.filter((name) => name.endsWith(ending)).map((name) => name.slice(0, -ending.length));
      return days.filter((day) => DAY.test(day)).sort();
    },
    async *lines(day) {
      const handle = await open(pathOf(day), 'r');
      try {
        yield* handle.readLines({ autoClose: false });
      } finally {
        await handle.close();
      }
    },
    append: (day, text) => appendWhole(folder, pathOf(day), text),
    remove: (day) => unlink(pathOf(day)),
  };
}

async function appendWhole(folder: string, path: string, text: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  const handle = await open(path, 'a+', 0o600);
  try {
    const { size } = await handle.stat();
    const last = Buffer.alloc(1);
    if (size > 0) await handle.read(last, 0, 1, size - 1);
    const torn = size > 0 && last[0] !== LINE_END;
    await handle.appendFile(torn ? `\n${text}` : text);
  } finally {
    await handle.close();
  }
}
