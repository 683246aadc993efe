/**
 * Which backups to keep. Pure.
 *
 * The newest of each of the last days, weeks and months that have one. Counted over backups, not over the calendar,
 * so that a host that was off for a year loses nothing. The newest verified one is kept whatever else holds, and so
 * is whatever is newer than it.
 */
import { type EpochMs, fromIso } from '../domain/units.ts';

export interface Kept {
  readonly id: string;
  readonly at: EpochMs;
  /** `null`: never read in full. */
  readonly good: boolean | null;
}

export interface RetentionRules {
  readonly daily: number;
  readonly weekly: number;
  readonly monthly: number;
}

/** The local date of a moment, `2026-11-22`. */
export type DateOf = (at: EpochMs) => string;

/** Ids to remove, oldest first. @param held Ids that something is using. */
export function toPrune(
  backups: readonly Kept[],
  rules: RetentionRules,
  dateOf: DateOf,
  held: ReadonlySet<string>,
): readonly string[] {
  const newestFirst = backups.toSorted((a, b) => b.at - a.at || (a.id < b.id ? 1 : -1));
  const usable = newestFirst.filter(({ good }) => good !== false);
  const keep = new Set<string>(held);
  for (const id of newestOfEach(usable, rules.daily, dateOf)) keep.add(id);
  for (const id of newestOfEach(usable, rules.weekly, (at) => weekOf(dateOf(at)))) keep.add(id);
  for (const id of newestOfEach(usable, rules.monthly, (at) => dateOf(at).slice(0, 7))) keep.add(id);
  for (const id of sinceNewestVerified(newestFirst)) keep.add(id);
  return newestFirst
    .filter(({ id }) => !keep.has(id))
    .map(({ id }) => id)
    .reverse();
}

function newestOfEach(
  newestFirst: readonly Kept[],
  most: number,
  bucketOf: (at: EpochMs) => string,
): readonly string[] {
  const buckets = new Map<string, string>();
  for (const { id, at } of newestFirst) {
    const bucket = bucketOf(at);
    if (!buckets.has(bucket)) buckets.set(bucket, id);
  }
  return [...buckets.values()].slice(0, most);
}

/** Without a verified one nothing can be spared. */
function sinceNewestVerified(newestFirst: readonly Kept[]): readonly string[] {
  const verified = newestFirst.findIndex(({ good }) => good === true);
  const last = verified < 0 ? newestFirst.length : verified + 1;
  return newestFirst.slice(0, last).map(({ id }) => id);
}

/** Weeks begin on Monday; counted from one that lies before all others. */
function weekOf(date: string): string {
  const day = (fromIso(`${date}T00:00:00Z`) ?? 0) / 86_400_000;
  return `week ${Math.floor((day + 3) / 7)}`;
}
