/** What a look at the history came to, in lines for a person. Pure. */
import type { Suggestion } from '../domain/optimizer.ts';
import type { Look } from './learner.ts';
import { sentenceOf } from './suggestions.ts';
import { profileSentence } from './tuning-desk.ts';

export function lookWords(
  { profiles, forecasts }: Omit<Look, 'tuned'>,
  suggestions: readonly Suggestion[],
): string {
  const open = suggestions.filter(({ state }) => state === 'open');
  const rest = suggestions.filter(({ state }) => state === 'holds');
  return [
    ...profileLines(profiles),
    ...open.map((one) => `Would change (${one.id}): ${sentenceOf(one)} Now ${one.from.toFixed(1)}σ.`),
    ...rest.map((one) => `Right as it is: ${sentenceOf(one)}`),
    ...(open.length === 0 ? ['No band would be changed.'] : []),
    ...forecasts.filter(({ warns }) => warns).map(({ text }) => text),
  ].join('\n');
}

/** One line for all that have too little history, one for each of the others. */
function profileLines(profiles: Look['profiles']): readonly string[] {
  const early = profiles.filter(({ split }) => split.kind === 'not_enough');
  const known = profiles.filter(({ split }) => split.kind !== 'not_enough').map(profileSentence);
  if (profiles.length === 0) return ['Not enough history yet: nothing is stored.'];
  const most = early.reduce(
    (best, { split }) => (split.kind === 'not_enough' ? Math.max(best, split.days) : best),
    0,
  );
  const needed = early[0]?.split.kind === 'not_enough' ? early[0].split.needed : 0;
  const count = early.length === profiles.length ? 'any metric' : `${early.length} more metrics`;
  const line = `Not enough history yet to know the busy hours of ${count}: ${most} of ${needed} days.`;
  return early.length === 0 ? known : [...known, line];
}
