/** Which days of history are kept. Counts days, not dates: a clock that is wrong for an hour must not cost the history. */
import { describeError } from '../domain/errors.ts';
import type { Logger } from '../domain/ports.ts';
import type { HistoryFiles } from './history-files.ts';

export interface RetentionDeps {
  readonly files: HistoryFiles;
  readonly log: Logger;
  /** Whole days kept besides the one under way. */
  readonly keepDays: () => number;
}

/** Unlinks the days beyond those kept and returns the rest, oldest first. Never throws. */
export async function prune({ files, log, keepDays }: RetentionDeps): Promise<readonly string[]> {
  try {
    const days = await files.days();
    const old = tooMany(days, keepDays() + 1);
    for (const day of old) await files.remove(day);
    return days.filter((day) => !old.includes(day));
  } catch (cause) {
    log.warn('old history cannot be removed', { error: describeError(cause) });
    return [];
  }
}

/** All but the last `keep` of a sorted list. */
export function tooMany<T>(sorted: readonly T[], keep: number): readonly T[] {
  return sorted.slice(0, Math.max(0, sorted.length - keep));
}
