/**
 * The circuit breaker of one strategy on one target. Pure; the ledger keeps its state over restarts.
 *
 * Failed verifications in a row open it; after a while one try is let through, and what that came to decides.
 * A try whose result stays unknown counts as failed: nobody has seen it help.
 */
import type { Verification } from '../domain/strategy.ts';
import { type ActionId, after, type EpochMs, type Ms } from '../domain/units.ts';

export interface BreakerLimits {
  /** Failed verifications in a row that open it. */
  readonly failures: number;
  readonly openFor: Ms;
}

export interface BreakerState {
  readonly failures: number;
  readonly openedAt: EpochMs | null;
  /** The one try that is under way, once the open time is over. */
  readonly trial: ActionId | null;
}

export type BreakerVerdict =
  | { readonly kind: 'closed' }
  | { readonly kind: 'trial' }
  | { readonly kind: 'open'; readonly failures: number; readonly until: EpochMs };

export const CLOSED: BreakerState = { failures: 0, openedAt: null, trial: null };

export function judgeBreaker(state: BreakerState, limits: BreakerLimits, now: EpochMs): BreakerVerdict {
  if (state.openedAt === null) return { kind: 'closed' };
  const until = after(state.openedAt, limits.openFor);
  if (now < until || state.trial !== null) return { kind: 'open', failures: state.failures, until };
  return { kind: 'trial' };
}

/** An attempt begins: while the breaker is open it can only be the one try. */
export function beginAttempt(state: BreakerState, actionId: ActionId): BreakerState {
  return state.openedAt === null ? state : { ...state, trial: actionId };
}

/** An attempt was verified. */
export function endAttempt(
  state: BreakerState,
  actionId: ActionId,
  verification: Verification,
  limits: BreakerLimits,
  now: EpochMs,
): BreakerState {
  if (verification === 'helped') return CLOSED;
  const wasTrial = state.trial === actionId;
  if (verification === 'unknown' && !wasTrial) return state;
  const failures = state.failures + 1;
  if (wasTrial || failures >= limits.failures) return { failures, openedAt: now, trial: null };
  return { ...state, failures };
}
