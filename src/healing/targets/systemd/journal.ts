/** The last lines of a unit from the journal, by its own reader; empty where there is none. */
import { existsSync } from 'node:fs';
import type { CommandRunner } from '../../../domain/ports.ts';
import { seconds } from '../../../domain/units.ts';

const JOURNALCTL = ['/usr/bin/journalctl', '/bin/journalctl'];
const LIMIT = seconds(10);

export async function readJournal(
  commands: CommandRunner,
  unit: string,
  count: number,
): Promise<readonly string[]> {
  const program = JOURNALCTL.find((path) => existsSync(path));
  if (program === undefined) return [];
  const argv = [program, '--no-pager', '-q', '-o', 'short-iso', '-n', String(count), '-u', unit];
  const result = await commands.run({ argv, timeLimit: LIMIT });
  if (result.kind !== 'exited' || result.code !== 0) return [];
  return result.output.split('\n').filter((line) => line !== '');
}
