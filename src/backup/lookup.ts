/** Which backup is meant by `latest`, an id, the beginning of one, or a date. Pure. */
import { type EpochMs, fromIso } from '../domain/units.ts';
import type { Ledger } from './ledger.ts';
import type { FoundBackup, StoredBackup } from './store.ts';

export type Meant =
  | { readonly kind: 'found'; readonly found: FoundBackup }
  | { readonly kind: 'unknown'; readonly reason: string };

/** @param newestFirst All folders that are named like a backup, genuine or not. */
export function findMeant(
  which: string,
  newestFirst: readonly FoundBackup[],
  dateOf: (at: EpochMs) => string,
): Meant {
  const matches = matcherOf(which, dateOf);
  const found = newestFirst.find(matches);
  if (found !== undefined) return { kind: 'found', found };
  if (newestFirst.length === 0) return { kind: 'unknown', reason: 'There is no backup yet.' };
  return { kind: 'unknown', reason: `There is no backup ${which}. The newest is ${newestFirst[0]?.id}.` };
}

function matcherOf(which: string, dateOf: (at: EpochMs) => string): (found: FoundBackup) => boolean {
  if (which === 'latest') return () => true;
  if (/^\d{4}-\d\d-\d\d$/.test(which)) return ({ id }) => dateOf(momentOf(id)) === which;
  return ({ id }) => id.startsWith(which.toUpperCase());
}

/** What a backup says of why it was made when it keeps what a restore is about to replace. */
export const BEFORE_RESTORE = 'before the restore of';

/**
 * What `latest` may mean for a restore: genuine, not found damaged when it was last read, and not what an earlier
 * restore replaced: asked again, it must not bring the trouble back.
 */
export function usable(newestFirst: readonly FoundBackup[], ledger: Ledger): readonly FoundBackup[] {
  return newestFirst.filter(
    (one) =>
      one.kind === 'genuine' &&
      ledger.verdicts[one.id]?.good !== false &&
      !one.backup.manifest.why.startsWith(BEFORE_RESTORE),
  );
}

export function genuine(found: readonly FoundBackup[]): readonly StoredBackup[] {
  return found.flatMap((one) => (one.kind === 'genuine' ? [one.backup] : []));
}

/** The moment in the name of a backup. */
export function momentOf(id: string): EpochMs {
  const iso = id.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z');
  return fromIso(iso) ?? (0 as EpochMs);
}
