/** Takes a folder away in the thread: a hundred thousand files, removed from the bot's own, would hold it up. */
import type { Run } from './run.ts';
import { runJob } from './thread.ts';

/** Also when the run was given up: what it leaves must go all the same. */
export async function removeFolders(folders: readonly string[], run: Run): Promise<void> {
  const step = { ...run.step('clearing away', 0), signal: undefined };
  await runJob<'remove'>({ kind: 'remove', folders }, step);
}
