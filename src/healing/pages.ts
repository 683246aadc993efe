/**
 * When are people called? Pure. Info never, a warning only when healing tried and it lasts, a critical at once
 * unless healing is allowed and under way, and then after the hold at the latest. One that keeps coming back is no
 * longer under way, however well each heal looked.
 */
import type { Incident } from '../domain/incident.ts';
import type { Gate } from '../domain/strategy.ts';
import type { EpochMs } from '../domain/units.ts';

/** Gates that open by themselves within moments, as a rule. */
const WAITING_GATES: readonly Gate[] = ['interlock', 'dependency', 'grace_period', 'blast_radius'];

/** The fourth time within half an hour is what the monitor calls flapping, too. */
export const KEEPS_COMING_BACK = 3;

export interface PageInput {
  readonly incident: Incident;
  /** Attempts were made in this episode. */
  readonly isTried: boolean;
  /** The longest time people may be kept out of it is over. */
  readonly isHoldOver: boolean;
  /** When the hold ends. */
  readonly holdUntil: EpochMs;
  /** Silenced, or under maintenance. */
  readonly isQuiet: boolean;
  readonly isCommonCause: boolean;
}

/** Why people are called now, or `null`. */
export function whyPage(input: PageInput): string | null {
  const { incident, isTried, isHoldOver, isQuiet } = input;
  const { state, severity } = incident;
  if (incident.pagedAt !== null || incident.ack !== null || isQuiet || severity === 'info') return null;
  if (state.kind === 'resolved') return null;
  if (state.kind === 'escalated') return state.reason;
  if (severity === 'critical') return whyPageCritical(input);
  return isHoldOver && isTried ? 'healing tried, and it is not over yet' : null;
}

/** Held for a moment is still under way; held for longer than the hold, or because nothing may be done, is not. */
function whyPageCritical({
  incident: { state, reopened },
  isCommonCause,
  isHoldOver,
  holdUntil,
}: PageInput): string | null {
  if (state.kind === 'awaiting_approval') return 'it needs a yes';
  if (reopened >= KEEPS_COMING_BACK) return `it has come back ${reopened} times`;
  if (state.kind === 'held') {
    const isWaiting = WAITING_GATES.includes(state.gate) && !isCommonCause;
    if (!isWaiting || state.retryAt === null || state.retryAt > holdUntil) return state.reason;
  }
  return isHoldOver ? 'it is not over yet' : null;
}
