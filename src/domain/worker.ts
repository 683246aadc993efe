/** Supervised workers: what is known of each. */
import type { EpochMs } from './units.ts';

export type WorkerState =
  | { readonly kind: 'starting'; readonly pid: number; readonly since: EpochMs }
  | { readonly kind: 'running'; readonly pid: number; readonly since: EpochMs; readonly adopted: boolean }
  | { readonly kind: 'unhealthy'; readonly pid: number; readonly since: EpochMs; readonly reason: string }
  | { readonly kind: 'backing_off'; readonly until: EpochMs; readonly reason: string }
  | { readonly kind: 'stopping'; readonly pid: number }
  /** Stopped by a person; respected until a person starts it. */
  | { readonly kind: 'stopped'; readonly by: string; readonly at: EpochMs }
  /** Exited too often: kept stopped, handed to a person, over restarts of the bot too. */
  | { readonly kind: 'gave_up'; readonly at: EpochMs; readonly reason: string }
  | { readonly kind: 'not_started'; readonly reason: string };

export interface WorkerStatus {
  readonly worker: string;
  /** 0-based; a scaled worker has several. */
  readonly instance: number;
  readonly state: WorkerState;
  readonly exitsInTenMinutes: number;
  readonly exitsInDay: number;
  readonly lastExit: string | null;
}

export type WorkerChange =
  | { readonly kind: 'done'; readonly text: string }
  | { readonly kind: 'refused'; readonly reason: string }
  | { readonly kind: 'failed'; readonly reason: string }
  | { readonly kind: 'not_found' };

/** The supervisor as others see it. Every call is audited by the supervisor itself. */
export interface WorkerPool {
  list(): readonly WorkerStatus[];
  start(worker: string, by: string): Promise<WorkerChange>;
  stop(worker: string, by: string): Promise<WorkerChange>;
  restart(worker: string, by: string, signal?: AbortSignal): Promise<WorkerChange>;
  scale(worker: string, count: number, by: string): Promise<WorkerChange>;
  /** Last lines of its output, redacted; `undefined` for an unknown worker. */
  logs(worker: string, lines: number): Promise<readonly string[] | undefined>;
}
