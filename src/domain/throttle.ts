/**
 * The two things the throttle ladder can turn: the queues, and the targets. Both are ports: the optimizer decides
 * and writes the audit lines, others know how it is done.
 */
import type { Outcome } from './strategy.ts';
import type { Ms, Ratio } from './units.ts';

/** Why a target is slowed: what helps against one need not help against the other. */
export type ThrottleNeed = 'cpu' | 'memory';

/** How hard: what is left of the host for a target that is slowed. */
export interface ThrottleLimits {
  /** Share of the whole host's processor time. */
  readonly cpu: Ratio | null;
  /** Share of the whole host's memory. */
  readonly memory: Ratio | null;
}

/**
 * Exactly what would be done and what takes it back. Plain data: it is saved before the act, so that a process that
 * dies in between can still give back what it took.
 */
export interface ThrottlePlan {
  readonly target: string;
  readonly measure: 'slow' | 'clear_cache';
  /** `nice 10 and idle disk class for 3 processes` */
  readonly effect: string;
  /** `null` where there is nothing to take back. */
  readonly undo: string | null;
  /** For the driver alone. */
  readonly token: Readonly<Record<string, unknown>>;
}

export type ThrottleAnswer =
  | { readonly kind: 'can'; readonly plan: ThrottlePlan }
  | { readonly kind: 'cannot'; readonly reason: string };

/** Targets as the throttle sees them. Never throws for what a target may answer. */
export interface TargetThrottle {
  /** Those that may be slowed: never a critical one. From memory. */
  targets(): readonly string[];
  /** Those whose cache may be cleared: never a critical one. From memory. */
  clearable(): readonly string[];
  /** Looks and answers; changes nothing. */
  slow(target: string, need: ThrottleNeed, limits: ThrottleLimits): Promise<ThrottleAnswer>;
  clearCache(target: string): Promise<ThrottleAnswer>;
  /** False once the target has been started anew since and must be slowed again. From memory. */
  holds(plan: ThrottlePlan): boolean;
  /** Asking again is harmless. */
  apply(plan: ThrottlePlan, signal: AbortSignal): Promise<Outcome>;
  /** Puts back what `plan` found; what a person changed since then stays theirs. */
  release(plan: ThrottlePlan, signal: AbortSignal): Promise<Outcome>;
}

/** How far the queues are to be slowed; critical tasks never are. */
export interface QueueHold {
  /** 1 = batch tasks may start now, 0 = they wait. Changes from beat to beat. */
  readonly batch: Ratio;
  /** Share of the configured concurrency and rate that is left to all that is not critical. */
  readonly others: Ratio;
  /** It is asked for again before this is over. */
  readonly span: Ms;
}

export interface QueueLoad {
  readonly batch: number;
  /** All below critical, batch too. */
  readonly others: number;
}

/** The queues as the throttle sees them. What is held ends with the process. */
export interface QueueBrake {
  /** How many tasks wait or run that could be held now. What is not known counts as one. Never rejects. */
  load(): Promise<QueueLoad>;
  /** Is something lowered, also by the process before this one? */
  isHeld(): Promise<boolean>;
  /** In words, for the audit log; the same while only `batch` changes. */
  describe(hold: QueueHold): string;
  /** `null` gives everything back. Resolves with what could not be done, in words; empty when all was. */
  hold(hold: QueueHold | null): Promise<readonly string[]>;
}
