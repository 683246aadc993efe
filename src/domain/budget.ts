/**
 * Budgets: what the host and its targets may use, what they do use, and how far they are slowed while they use more.
 *
 * A share is always a share of the whole host, also for a target. What could not be measured is `null`, never 0.
 */
import type { EpochMs, Ratio } from './units.ts';

export const BUDGET_RESOURCES = ['cpu', 'memory', 'messages'] as const;
/** `cpu` and `memory` are shares of the host; `messages` counts chat messages an hour. */
export type BudgetResource = (typeof BUDGET_RESOURCES)[number];

/** One budget as it holds now, with what was used of it in the last beats. */
export interface BudgetUse {
  /** `null` for the whole host. */
  readonly target: string | null;
  readonly resource: BudgetResource;
  /** A share of the host, or messages an hour. */
  readonly limit: number;
  readonly used: number | null;
  /** Of the last beat alone, where it is known: the throttle weighs beats, people see a mean. */
  readonly latest?: number;
  readonly state: 'within' | 'over' | 'unknown';
  /** Since when it is over; `null` while it is not. */
  readonly overSince: EpochMs | null;
  /** `set` = by a person, over what the file says. */
  readonly source: 'config' | 'set';
  readonly by: string | null;
  /** When a set budget goes back to the file by itself. */
  readonly until: EpochMs | null;
}

/** Part of a budget order; a key left out stays as it is. */
export interface BudgetOrder {
  readonly target: string | null;
  readonly cpu?: Ratio;
  readonly memory?: Ratio;
  readonly messages?: number;
  readonly until: EpochMs | null;
}

/** Which budgets go back to what the file says; all of the host or target where none is named. */
export interface BudgetReset {
  readonly target: string | null;
  readonly resources: readonly BudgetResource[];
}

/** The rungs of the ladder, in their order. */
export const THROTTLE_RUNGS = ['none', 'delay_batch', 'slow_queue', 'slow_targets', 'clear_caches'] as const;
export type ThrottleRung = (typeof THROTTLE_RUNGS)[number];

/** One thing that was slowed and is to be given back. */
export interface ThrottleStep {
  readonly target: string;
  readonly rung: ThrottleRung;
  /** `unknown`: the process died between the intent and the outcome. */
  readonly state: 'applied' | 'proposed' | 'failed' | 'unknown';
  readonly effect: string;
  readonly since: EpochMs;
}

/** How far the host, or one target, is slowed now. */
export interface ThrottleState {
  readonly target: string | null;
  readonly rung: ThrottleRung;
  /** 1 while batch tasks may start, 0 while they wait. */
  readonly batchShare: Ratio;
  /** Share of the configured concurrency and rate that tasks below critical keep. */
  readonly queueShare: Ratio;
  readonly since: EpochMs | null;
  /** False in dry-run and under a freeze: then the rung is only proposed. */
  readonly acting: boolean;
  readonly reason: string;
  readonly steps: readonly ThrottleStep[];
}
