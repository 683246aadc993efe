/**
 * What forbids acting for reasons that have nothing to do with the trouble itself: maintenance, a deploy, a backup
 * or restore under way, a person's stop, a supervisor that is already at it. Pure; the first that holds is said.
 */
import type { MaintenanceWindow } from '../domain/controls.ts';
import type { TargetHold } from '../domain/target.ts';
import type { EpochMs } from '../domain/units.ts';
import type { WorkerStatus } from '../domain/worker.ts';
import type { WeeklyWindow } from './config.ts';
import { openUntil } from './maintenance-window.ts';

export interface Interlock {
  readonly kind: 'maintenance' | 'deploy' | 'backup' | 'restore' | 'manual_stop' | 'supervisor' | 'foreign';
  /** `null` = the whole host. */
  readonly target: string | null;
  readonly reason: string;
  /** When it ends, as far as is known. */
  readonly until: EpochMs | null;
}

export interface InterlockInput {
  readonly target: string | null;
  readonly now: EpochMs;
  readonly timezone: string;
  readonly weekly: readonly WeeklyWindow[];
  readonly windows: readonly MaintenanceWindow[];
  /** Deploys, backups and restores, as their rooms report them. */
  readonly others: readonly Interlock[];
  /** The instances of the worker behind the target; empty for other targets. */
  readonly workers: readonly WorkerStatus[];
  /** What the target's own machinery says: stopped by a person, or somebody else restarts it. */
  readonly hold: TargetHold | null;
}

export function findInterlock(input: InterlockInput): Interlock | null {
  return (
    findMaintenance(input) ??
    input.others.find((lock) => covers(lock.target, input.target)) ??
    input.workers.map((worker) => workerLock(worker)).find((lock) => lock !== null) ??
    held(input)
  );
}

function held({ hold, target }: InterlockInput): Interlock | null {
  return hold === null ? null : { ...hold, target };
}

/** Maintenance also keeps people asleep, so it is asked for on its own too. */
export function findMaintenance(
  input: Pick<InterlockInput, 'target' | 'now' | 'timezone' | 'weekly' | 'windows'>,
): Interlock | null {
  const asked = input.windows.find(
    (window) => window.until > input.now && covers(window.target, input.target),
  );
  if (asked !== undefined) {
    return maintenance(asked.target, `${asked.reason} (${asked.by})`, asked.until);
  }
  for (const window of input.weekly) {
    if (!covers(window.target, input.target)) continue;
    const until = openUntil(window, input.now, input.timezone);
    if (until !== null) return maintenance(window.target, window.reason, until);
  }
  return null;
}

function maintenance(target: string | null, why: string, until: EpochMs): Interlock {
  return { kind: 'maintenance', target, reason: `maintenance of ${target ?? 'this host'}: ${why}`, until };
}

/** A lock on the whole host covers every target; a lock on a target covers that target alone. */
function covers(locked: string | null, target: string | null): boolean {
  return locked === null || locked === target;
}

function workerLock({ worker, state }: WorkerStatus): Interlock | null {
  const lock = (kind: Interlock['kind'], reason: string, until: EpochMs | null): Interlock => ({
    kind,
    target: worker,
    reason,
    until,
  });
  switch (state.kind) {
    case 'stopped':
      return lock(
        'manual_stop',
        `${worker} was stopped by ${state.by}; it stays so until a person starts it`,
        null,
      );
    case 'gave_up':
      return lock('manual_stop', `${worker} was handed to a person after too many exits`, null);
    case 'backing_off':
      return lock('supervisor', `the supervisor of ${worker} is about to start it again`, state.until);
    case 'stopping':
    case 'starting':
      return lock('supervisor', `the supervisor of ${worker} is restarting it`, null);
    case 'running':
    case 'unhealthy':
    case 'not_started':
      return null;
  }
}
