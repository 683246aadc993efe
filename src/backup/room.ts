/** What the parts of this room share: where things are, what is there, which backup is meant, who asked for what. */
import type { Actor } from '../domain/approval.ts';
import type { DeskResult } from '../domain/backup.ts';
import type { EpochMs } from '../domain/units.ts';
import { localTime } from '../platform/local-time.ts';
import { readTrustedKeys, type TrustedKeys } from './keys.ts';
import { type Ledger, readLedger, updateLedger } from './ledger.ts';
import { findMeant, usable } from './lookup.ts';
import { createRunDesk, type RunDesk } from './run.ts';
import { type BackupDeps, type Folders, foldersOf } from './site.ts';
import { type FoundBackup, findBackups, type StoredBackup } from './store.ts';

export interface Found {
  /** Newest first. */
  readonly all: readonly FoundBackup[];
  readonly keys: TrustedKeys;
  readonly ledger: Ledger;
}

export interface Room {
  readonly deps: BackupDeps;
  readonly folders: Folders;
  readonly runs: RunDesk;
  dateOf(at: EpochMs): string;
  found(): Promise<Found>;
  /** Any folder that is named like a backup, genuine or not. */
  any(which: string): Promise<DeskResult<FoundBackup>>;
  /** For `latest`: the newest that was not found damaged. */
  usable(which: string): Promise<DeskResult<StoredBackup>>;
  note(kind: 'intent' | 'outcome', by: Actor | null, text: string): Promise<void>;
  /** Records and tells that there is no new backup; never throws. */
  failed(reason: string): Promise<void>;
  /** What was said of a backup does not hold for what lies there now. */
  forgetVerdict(id: string): Promise<void>;
  /** A run, or a restore that waits for a person: half of the files are of another time. */
  underWay(): string | null;
  setWaiting(isWaiting: boolean): void;
}

export function createRoom(deps: BackupDeps): Room {
  const folders = foldersOf(deps);
  let isWaiting = false;
  const runs = createRunDesk({
    ...deps,
    folder: folders.own,
    timeLimit: () => deps.config.current().timeLimit,
  });

  async function found(): Promise<Found> {
    const keys = await readTrustedKeys({ secret: folders.own, backups: folders.backups });
    return { keys, all: await findBackups(folders.backups, keys), ledger: await readLedger(folders.own) };
  }

  return {
    deps,
    folders,
    found,
    runs,
    dateOf: (at) => localTime(at, deps.timezone).date,
    async any(which) {
      return meant(which, (await found()).all, deps.timezone);
    },
    async usable(which) {
      const { all, ledger } = await found();
      const offered = which === 'latest' ? usable(all, ledger) : all;
      if (offered.length === 0 && all.length > 0) return noneGood(all);
      const result = meant(which, offered, deps.timezone);
      return result.kind === 'done' ? onlyGenuine(result.value) : result;
    },
    async note(kind, by, text) {
      const actor = by === null ? 'nightshift' : `${by.surface}:${by.id}`;
      await deps.audit.append({ kind, actor, text });
    },
    async forgetVerdict(id) {
      await updateLedger(folders.own, (ledger) => ({
        ...ledger,
        verdicts: Object.fromEntries(Object.entries(ledger.verdicts).filter(([known]) => known !== id)),
      }));
    },
    underWay: () => runs.underWay ?? (isWaiting ? 'a restore' : null),
    setWaiting(waiting) {
      isWaiting = waiting;
    },
    failed: (reason) => recordFailure(reason, folders.own, deps),
  };
}

function meant(which: string, all: readonly FoundBackup[], zone: string): DeskResult<FoundBackup> {
  const found = findMeant(which, all, (at) => localTime(at, zone).date);
  if (found.kind === 'unknown') return { kind: 'not_found', reason: found.reason };
  return { kind: 'done', value: found.found };
}

function onlyGenuine(found: FoundBackup): DeskResult<StoredBackup> {
  if (found.kind === 'genuine') return { kind: 'done', value: found.backup };
  return { kind: 'failed', reason: `The backup ${found.id} is refused: ${found.reason}.` };
}

function noneGood(all: readonly FoundBackup[]): DeskResult<never> {
  const newest = all[0];
  const why = newest?.kind === 'refused' ? newest.reason : 'it was found damaged';
  return { kind: 'failed', reason: `No backup can be used. The newest, ${newest?.id}: ${why}.` };
}

async function recordFailure(reason: string, folder: string, { clock, bus, log }: BackupDeps): Promise<void> {
  const at = clock.now();
  try {
    await updateLedger(folder, (ledger) => ({ ...ledger, failure: { at, reason } }));
  } catch (error) {
    log.error('the failure of a backup could not be recorded', { error });
  }
  bus?.publish({ type: 'backup.failed', reason });
}
