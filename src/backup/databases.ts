/** Consistent copies of the SQLite databases that a backup meets, where the program sqlite3 is installed. */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { describeError } from '../domain/errors.ts';
import { seconds } from '../domain/units.ts';
import type { SectionPlan } from './archive.ts';
import { bytesOf, shownName } from './names.ts';
import { findProgram, runProgram } from './programs.ts';
import type { BackupDeps } from './site.ts';

const COPY_LIMIT = seconds(600);
const BUSY_MILLISECONDS = 10_000;

/** A live SQLite file copied byte by byte is often broken; `VACUUM INTO` is not. */
export async function copyDatabases(
  databases: readonly string[],
  partial: string,
  { commands }: BackupDeps,
): Promise<{ readonly copies: SectionPlan['copies']; readonly warnings: readonly string[] }> {
  if (databases.length === 0) return { copies: {}, warnings: [] };
  const sqlite = await findProgram('sqlite3');
  if (sqlite === null) {
    return {
      copies: {},
      warnings: databases.map(
        (path) => `${shownName(path)}: packed as it lies there, sqlite3 is not installed`,
      ),
    };
  }
  await mkdir(join(partial, 'copies'), { mode: 0o700 });
  const copies: Record<string, string> = {};
  const warnings: string[] = [];
  for (const [number, path] of databases.entries()) {
    const copy = join(partial, 'copies', `${number}.db`);
    const text = `VACUUM INTO '${copy.replaceAll("'", "''")}'`;
    try {
      const argv = [
        sqlite,
        '-batch',
        '-cmd',
        `.timeout ${BUSY_MILLISECONDS}`,
        bytesOf(path).toString('utf8'),
        text,
      ];
      await runProgram(commands, argv, COPY_LIMIT);
      copies[path] = copy;
    } catch (cause) {
      warnings.push(
        `${shownName(path)}: packed as it lies there, no consistent copy could be made (${describeError(cause)})`,
      );
    }
  }
  return { copies, warnings };
}
