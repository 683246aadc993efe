/**
 * The files of the queue journal: `journal-00000001.jsonl` and so on, in the order of their numbers. A file that
 * begins with a `base` record stands for everything older; what is older was left by a crash and is removed.
 */
import { open, readdir, readFile, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { codeOf, syncFolder } from '../durable-file.ts';
import { parseRecord, type Sequenced } from './records.ts';

const NAME = /^journal-(\d{8})\.jsonl$/;
const NEWLINE = 10;

export interface JournalFile {
  readonly number: number;
  readonly path: string;
}

export function journalFile(folder: string, number: number): JournalFile {
  return { number, path: join(folder, `journal-${String(number).padStart(8, '0')}.jsonl`) };
}

/** Oldest first, from the newest base on; what lies before that base, and what a compaction left, is removed. */
export async function liveFiles(folder: string): Promise<readonly JournalFile[]> {
  const names = await readdir(folder);
  for (const name of names.filter((one) => one.endsWith('.tmp'))) await removeIfThere(join(folder, name));
  const files = names
    .flatMap((name) => {
      const number = NAME.exec(name)?.[1];
      return number === undefined ? [] : [journalFile(folder, Number(number))];
    })
    .sort((a, b) => a.number - b.number);
  let from = files.length - 1;
  while (from > 0 && !(await beginsWithBase(files[from]?.path ?? ''))) from -= 1;
  const old = files.slice(0, Math.max(0, from));
  for (const { path } of old) await removeIfThere(path);
  if (old.length > 0) await syncFolder(folder);
  return files.slice(Math.max(0, from));
}

/** A compaction that was cut off may have removed it already: gone is gone. */
async function removeIfThere(path: string): Promise<void> {
  try {
    await unlink(path);
  } catch (cause) {
    if (codeOf(cause) !== 'ENOENT') throw cause;
  }
}

async function beginsWithBase(path: string): Promise<boolean> {
  const handle = await open(path, 'r');
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(64), 0, 64, 0);
    const line = buffer.subarray(0, bytesRead);
    const end = line.indexOf(NEWLINE);
    return end !== -1 && parseRecord(line.toString('utf8', 0, end))?.record.r === 'base';
  } finally {
    await handle.close();
  }
}

/** Hands every whole line over; the count of damaged ones. A last line without its end is not read. */
export async function readJournalFile(path: string, take: (record: Sequenced) => void): Promise<number> {
  const bytes = await readFile(path).catch((cause: unknown) => {
    if (codeOf(cause) === 'ENOENT') return Buffer.alloc(0);
    throw cause;
  });
  let damaged = 0;
  for (let from = 0; from < bytes.length; ) {
    const end = bytes.indexOf(NEWLINE, from);
    if (end === -1) break;
    const record = parseRecord(bytes.toString('utf8', from, end));
    if (record === undefined) damaged += 1;
    else take(record);
    from = end + 1;
  }
  return damaged;
}
