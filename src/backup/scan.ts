/** A look at what would be packed: how much it is, and which databases want a consistent copy. For the worker thread. */
import { closeSync, constants, openSync, readSync } from 'node:fs';
import type { SectionPlan, Tick } from './archive.ts';
import type { ScanResult } from './jobs.ts';
import { bytesOf, type RawPath } from './names.ts';
import { walk } from './walk.ts';

const SQLITE_MAGIC = Buffer.from('SQLite format 3\0', 'latin1');
const OPEN_FLAGS = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
/** A database has at least one page. */
const SMALLEST_DATABASE = 512n;

export function scan(sections: readonly SectionPlan[], tick: Tick): ScanResult {
  let entries = 0;
  let bytes = 0;
  const databases: RawPath[] = [];
  for (const root of sections.flatMap(({ roots }) => roots)) {
    for (const { full, stat } of walk(root, () => {})) {
      tick(0);
      entries += 1;
      if (!stat.isFile()) continue;
      bytes += Number(stat.size);
      if (stat.size >= SMALLEST_DATABASE && stat.size % SMALLEST_DATABASE === 0n && isDatabase(full))
        databases.push(full);
    }
  }
  return { entries, bytes, databases };
}

function isDatabase(full: RawPath): boolean {
  try {
    const file = openSync(bytesOf(full), OPEN_FLAGS);
    try {
      const head = Buffer.alloc(SQLITE_MAGIC.length);
      return readSync(file, head, 0, head.length, 0) === head.length && head.equals(SQLITE_MAGIC);
    } finally {
      closeSync(file);
    }
  } catch {
    return false; // what cannot be read is told when it is packed
  }
}
