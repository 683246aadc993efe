/** What is not as it is configured, in words: what was switched, since when, and how it goes back. Pure. */

import type { ThrottleState } from '../domain/budget.ts';
import type { StandingChange } from '../domain/controls.ts';
import type { EpochMs } from '../domain/units.ts';
import { actionDone } from './action-words.ts';
import { rungWords } from './budget-notices.ts';
import { spanWords } from './figures.ts';

/** `Not as usual: Switched billing-api to its fallback at 02:13 (inc-7f3a); goes back when all was well for 15 min.` */
export function standingSentence(change: StandingChange, at: (moment: EpochMs) => string): string {
  const done = actionDone(change.kind, change.target);
  return `Not as usual: ${done} at ${at(change.since)} (${change.incidentId}); ${backWords(change, at)}.`;
}

export function throttleSentence({ target, rung, reason }: ThrottleState): string {
  return `Not as usual: ${rungWords(rung)} for ${target ?? 'this host'}, because ${reason}.`;
}

function backWords(
  { until, goesBackAfter, incidentId }: StandingChange,
  at: (moment: EpochMs) => string,
): string {
  if (until !== null) return `ends at ${at(until)}`;
  if (goesBackAfter !== null) return `goes back when all was well for ${spanWords(goesBackAfter)}`;
  return `stays until a person takes it back: heal undo ${incidentId}`;
}
