/**
 * What was found about the width of bands, held against what is in force and what people have said to it. Pure.
 *
 * An id stands for exactly one width at exactly these hours: what is accepted is what was read. A suggestion that was
 * rejected is not made again for a while; one that is in force already is said, but asks for nothing.
 */
import { createHash } from 'node:crypto';
import type { Suggestion } from '../domain/optimizer.ts';
import { type EpochMs, elapsed, fromIso, type Ms, toIso } from '../domain/units.ts';
import type { KeptSuggestion } from './state-shapes.ts';
import type { Tuned } from './threshold-tuner.ts';

/** Less than this is the same width. */
const SAME_SIGMAS = 0.05;
/** So many hours of the week may change sides before it is another split. */
const SAME_HOURS = 8;

export interface MergeRules {
  readonly configured: number;
  readonly rejectedFor: Ms;
  readonly now: EpochMs;
}

/** The list as it stands after a look at the history: what people decided stays, what was only open is made anew. */
export function mergeSuggestions(
  kept: readonly KeptSuggestion[],
  found: readonly Tuned[],
  rules: MergeRules,
): readonly KeptSuggestion[] {
  const decided = kept.filter((one) => one.state === 'accepted' || isStillRejected(one, rules));
  const fresh = found.flatMap((tuned) => {
    const inForce = decided.find((one) => one.state === 'accepted' && isSamePlace(one, tuned));
    const next = suggestionOf(tuned, inForce?.sigmas ?? rules.configured, rules.now);
    if (decided.some((one) => one.id === next.id || (one.state === 'rejected' && isSame(one, tuned))))
      return [];
    if (inForce !== undefined) return isSame(inForce, tuned) ? [] : [next];
    return [next.from === next.sigmas ? { ...next, state: 'holds' as const } : next];
  });
  return [...decided, ...fresh].sort(
    (a, b) => a.metric.localeCompare(b.metric) || b.when.localeCompare(a.when),
  );
}

/** Accepts these; what was accepted for the same metric and hours before is replaced. */
export function accept(
  kept: readonly KeptSuggestion[],
  ids: readonly string[],
  by: string,
  now: EpochMs,
): readonly KeptSuggestion[] {
  const chosen = kept.filter((one) => ids.includes(one.id));
  return kept
    .filter(
      (one) =>
        ids.includes(one.id) || one.state !== 'accepted' || !chosen.some((new_) => isSamePlace(one, new_)),
    )
    .map((one) => (ids.includes(one.id) ? decide(one, 'accepted', by, now) : one));
}

export function reject(
  kept: readonly KeptSuggestion[],
  id: string,
  by: string,
  now: EpochMs,
): readonly KeptSuggestion[] {
  return kept.map((one) => (one.id === id ? decide(one, 'rejected', by, now) : one));
}

/** k at an hour of the week, or `null` where nothing was accepted. */
export function acceptedAt(
  kept: readonly KeptSuggestion[],
  metric: string,
  hour: number,
): KeptSuggestion | null {
  const when = (one: KeptSuggestion): string => (one.peak[hour] === '1' ? 'peak' : 'off_peak');
  return (
    kept.find((one) => one.state === 'accepted' && one.metric === metric && one.when === when(one)) ?? null
  );
}

/** `cpu, Mon–Fri 09–18 h: 3.0σ, because …` */
export function sentenceOf({ metric, hours, sigmas, reason }: KeptSuggestion | Suggestion): string {
  return `${metric}, ${hours}: ${sigmas.toFixed(1)}σ, because ${reason}.`;
}

export function viewOf({ peak: _, ...kept }: KeptSuggestion): Suggestion {
  const at = (text: string | null): EpochMs | null => (text === null ? null : (fromIso(text) ?? null));
  return { ...kept, madeAt: at(kept.madeAt) ?? (0 as EpochMs), decidedAt: at(kept.decidedAt) };
}

function suggestionOf(tuned: Tuned, from: number, now: EpochMs): KeptSuggestion {
  const { metric, when, hours, sigmas, reason } = tuned;
  const peak = tuned.peak.map((is) => (is ? '1' : '0')).join('');
  const same = Math.abs(from - sigmas) < SAME_SIGMAS;
  return {
    id: idOf(metric, when, sigmas, peak),
    metric,
    when,
    hours,
    peak,
    from: same ? sigmas : from,
    sigmas,
    reason,
    state: 'open',
    madeAt: toIso(now),
    decidedAt: null,
    by: null,
  };
}

function idOf(...parts: readonly (string | number)[]): string {
  return `sug-${createHash('sha256').update(parts.join('|')).digest('hex').slice(0, 6)}`;
}

function decide(
  one: KeptSuggestion,
  state: 'accepted' | 'rejected',
  by: string,
  now: EpochMs,
): KeptSuggestion {
  return { ...one, state, by, decidedAt: toIso(now) };
}

function isStillRejected(one: KeptSuggestion, { now, rejectedFor }: MergeRules): boolean {
  const at = one.decidedAt === null ? undefined : fromIso(one.decidedAt);
  return one.state === 'rejected' && at !== undefined && elapsed(at, now) < rejectedFor;
}

function isSamePlace(one: KeptSuggestion, other: Pick<Tuned, 'metric' | 'when'>): boolean {
  return one.metric === other.metric && one.when === other.when;
}

function isSame(one: KeptSuggestion, tuned: Tuned): boolean {
  if (!isSamePlace(one, tuned) || Math.abs(one.sigmas - tuned.sigmas) >= SAME_SIGMAS) return false;
  const moved = tuned.peak.filter((is, hour) => is !== (one.peak[hour] === '1')).length;
  return moved <= SAME_HOURS;
}
