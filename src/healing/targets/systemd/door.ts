/** What the systemd driver asks of a manager, by whichever way: D-Bus, or systemctl where that is not to be had. */
import type { Cancel } from '../../../domain/ports.ts';
import type { EpochMs } from '../../../domain/units.ts';
import type { UnitView } from './unit.ts';
import type { LimitsAnswer, SetLimitEnd, UnitLimitName } from './unit-limits.ts';

export type UnitAnswer =
  | { readonly kind: 'unit'; readonly view: UnitView }
  /** Nothing is known then. `lasting` = it will not go away by itself. */
  | { readonly kind: 'silent'; readonly reason: string; readonly lasting: boolean };

/** How a job ended. `done` only says that systemd is through with it. */
export type JobEnd =
  | { readonly kind: 'ended'; readonly result: string }
  | { readonly kind: 'refused'; readonly reason: string }
  | { readonly kind: 'lost'; readonly reason: string };

export interface UnitListener {
  /** A job of the unit that we did not ask for began; `stop`, `start`, `restart`, `unknown` … */
  job(type: string): void;
  /** Something about the unit changed: worth a look. */
  changed(): void;
}

export interface SystemdDoor {
  look(unit: string): Promise<UnitAnswer>;
  /** Clears its failures first, so that our restart does not meet the start limit of systemd. */
  restart(unit: string, signal: AbortSignal): Promise<JobEnd>;
  limits(unit: string): Promise<LimitsAnswer>;
  /** At run time only. `null` = no limit. */
  setLimit(unit: string, name: UnitLimitName, value: number | null): Promise<SetLimitEnd>;
  watch(unit: string, listener: UnitListener): Cancel;
  /** Since when no job can have been missed; `null` = jobs are not seen. */
  watchedSince(): EpochMs | null;
  /** Acting through it starts a child process. */
  readonly forks: boolean;
  close(): void;
}

/** Properties that are read, by their names in systemd. */
export const UNIT_PROPERTIES = [
  'LoadState',
  'ActiveState',
  'SubState',
  'Result',
  'Type',
  'MainPID',
  'InvocationID',
  'ExecMainStatus',
  'Restart',
  'RestartUSec',
  'TimeoutStartUSec',
  'ControlGroup',
] as const;
export type UnitProperty = (typeof UNIT_PROPERTIES)[number];

export const NOT_ALLOWED =
  'this user may not do that to the unit; docs/targets.md has the polkit rule that allows it';
