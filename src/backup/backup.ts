/**
 * The backup room: one backup, check, drill or restore at a time. What was asked and what came of it is in the
 * audit log; a backup is read in full right after it was made, and only then counts.
 */
import type { BackupDesk } from '../domain/backup.ts';
import type { ErrandRunner } from '../domain/ports.ts';
import { createMirror } from './mirror.ts';
import { createRestoreDesk, type HandedOver } from './restore-desk.ts';
import { createRoom } from './room.ts';
import { Shelf } from './shelf.ts';
import type { BackupDeps } from './site.ts';
import { prune } from './tidy.ts';
import { createTroubles, type Troubles } from './troubles.ts';

export interface Backup extends BackupDesk, Troubles {
  /**
   * Before anything else reads the files: finishes or takes back what a crash interrupted. Says what it did.
   *
   * @param keepWaiting At a terminal without a bot a guided restore waits from one command to the next.
   */
  recover(keepWaiting?: boolean): Promise<string | null>;
  /** Backup, check, drill, copies, retention, report. @throws OpsError when there is no good backup. */
  nightly(signal: AbortSignal): Promise<void>;
  /** What is under way now: "a backup", "a restore"; `null` = nothing. */
  underWay(): string | null;
  /** Carries out restores and deletes that were approved. */
  readonly errands: ErrandRunner;
  /** Before a bot reads its state: exchanges it where a restore left that to this start. `null` = nothing did. */
  finishHandedOver(): Promise<HandedOver | null>;
  /** Takes a restore back that waited for a person for too long. */
  expireWaiting(): Promise<void>;
  /** Copies key files away that changed. Says what went wrong, `null` = nothing. */
  mirror(signal: AbortSignal): Promise<string | null>;
  /** Gives up what is under way; a restore is taken back. */
  stop(): Promise<void>;
}

export function createBackup(deps: BackupDeps): Backup {
  const room = createRoom(deps);
  const troubles = createTroubles(room);
  const shelf = new Shelf(room, troubles);
  const mirror = createMirror(room);
  const restores = createRestoreDesk(room);
  return {
    status: () => shelf.status(),
    running: () => room.runs.current,
    list: () => shelf.list(),
    show: (which) => shelf.show(which),
    create: (by, sections, options) => shelf.create(by, sections, options ?? {}),
    verify: (which, options) => shelf.verify(which, options ?? {}),
    drill: (which, options) => shelf.drill(which, options ?? {}),
    prune: (by, dryRun) => prune(room, by, dryRun),
    replicate: (which, options) => shelf.replicate(which, options ?? {}),
    async recover(keepWaiting) {
      const done = await shelf.recover(keepWaiting ?? false);
      await restores.rememberShown();
      return done;
    },
    nightly: (signal) => shelf.nightly(signal),
    underWay: () => room.underWay(),
    mirror: (signal) => mirror.look(signal),
    stop: () => room.runs.close(),
    ...troubles,
    ...restores,
  };
}
