/** Retention, carried out: what it no longer keeps is removed, and its signed manifest stays. */
import type { Actor } from '../domain/approval.ts';
import type { DeskResult } from '../domain/backup.ts';
import { openSigningKey } from './keys.ts';
import { genuine, momentOf } from './lookup.ts';
import { isOver } from './restore.ts';
import { readJournal } from './restore-journal.ts';
import { toPrune } from './retention.ts';
import type { Room } from './room.ts';
import { removeBackup } from './store.ts';

/** Ids that retention no longer keeps, oldest first. */
export async function prunable(room: Room): Promise<readonly string[]> {
  const { all, ledger } = await room.found();
  const kept = genuine(all).map(({ id }) => ({
    id,
    at: momentOf(id),
    good: ledger.verdicts[id]?.good ?? null,
  }));
  return toPrune(kept, room.deps.config.current().retention, room.dateOf, await heldBy(room));
}

/** A backup under restore, and what that restore would go back to. */
async function heldBy({ folders }: Room): Promise<ReadonlySet<string>> {
  const journal = await readJournal(folders.own);
  if (journal === null) return new Set();
  const ids = isOver(journal) ? [journal.safety] : [journal.id, journal.safety];
  return new Set(ids.filter((id) => id !== null));
}

export function prune(room: Room, by: Actor | null, dryRun: boolean): Promise<DeskResult<readonly string[]>> {
  return room.runs.once<readonly string[]>('retention', {}, async () => {
    const ids = await prunable(room);
    if (dryRun || ids.length === 0) return { kind: 'done', value: ids };
    await room.note('intent', by, `Removing backups that retention no longer keeps: ${ids.join(', ')}`);
    const { folders } = room;
    const key = await openSigningKey({ secret: folders.own, backups: folders.backups });
    const { all } = await room.found();
    for (const backup of genuine(all))
      if (ids.includes(backup.id)) await removeBackup(folders.backups, backup, key);
    await room.note('outcome', by, `Removed ${ids.join(', ')}`);
    return { kind: 'done', value: ids };
  });
}
