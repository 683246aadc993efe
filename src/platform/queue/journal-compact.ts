/** Writes all that lives into one file that stands for everything before it, a thousand records at a time. */
import { open } from 'node:fs/promises';
import { writeFully } from '../durable-file.ts';
import { formatRecord, type Sequenced } from './records.ts';

const AT_ONCE = 1_000;

/** The bytes written; the file is on disk, under its temporary name. */
export async function writeCompacted(path: string, records: Iterable<Sequenced>): Promise<number> {
  const handle = await open(path, 'w', 0o600);
  let bytes = 0;
  const write = async (lines: readonly string[]): Promise<void> => {
    const piece = Buffer.from(lines.map((line) => `${line}\n`).join(''));
    await writeFully(handle, piece);
    bytes += piece.length;
  };
  try {
    let lines: string[] = [formatRecord(0, { r: 'base' })];
    for (const { s, record } of records) {
      lines.push(formatRecord(s, record));
      if (lines.length < AT_ONCE) continue;
      await write(lines);
      lines = [];
    }
    await write(lines);
    await handle.sync();
  } finally {
    await handle.close();
  }
  return bytes;
}
