/**
 * Suggestions and what was accepted: kept over restarts, every change in the audit log before it holds.
 *
 * What is in force is read on every beat, so it is answered from memory.
 */
import type { ControlResult } from '../domain/controls.ts';
import type { MetricName } from '../domain/metric.ts';
import type { LoadProfile, Suggestion } from '../domain/optimizer.ts';
import type { AuditEntry, AuditLog, Clock, Document, Live } from '../domain/ports.ts';
import { type EpochMs, fromIso, toIso } from '../domain/units.ts';
import { done, notFound, refused, would } from './audited.ts';
import type { OptimizerConfig } from './config.ts';
import type { KeptSuggestion, LearningData } from './state-shapes.ts';
import { accept, acceptedAt, mergeSuggestions, reject, sentenceOf, viewOf } from './suggestions.ts';
import type { Tuned } from './threshold-tuner.ts';
import type { HourOfWeek } from './week.ts';

export const ALL = 'all';
export const AUTO = 'nightshift';

export interface TuningDeps {
  readonly config: Live<OptimizerConfig>;
  readonly clock: Clock;
  readonly audit: AuditLog;
  readonly document: Document<LearningData>;
  /** The width as configured, without us. */
  readonly configuredSigmas: () => number;
  readonly hourOfWeek: HourOfWeek;
  /** Why nothing may be applied now; `null` = it may. */
  readonly frozen: () => string | null;
}

export interface TuningDesk {
  suggestions(): readonly Suggestion[];
  lastRun(): EpochMs | null;
  /** k of a metric at a moment; `null` = as configured. */
  sigmasAt(metric: MetricName, now: EpochMs): number | null;
  explain(metric: MetricName, profile: LoadProfile | undefined, now: EpochMs): readonly string[];
  /** What the list would be after this look. */
  preview(found: readonly Tuned[]): readonly Suggestion[];
  keep(found: readonly Tuned[]): Promise<void>;
  accept(id: string, by: string, dryRun: boolean): Promise<ControlResult>;
  reject(id: string, by: string, dryRun: boolean): Promise<ControlResult>;
}

export function createTuningDesk(deps: TuningDeps): TuningDesk {
  const { clock, document } = deps;
  const kept = (): readonly KeptSuggestion[] => document.value.suggestions;
  const merged = (found: readonly Tuned[], before: readonly KeptSuggestion[]): readonly KeptSuggestion[] =>
    mergeSuggestions(before, found, {
      configured: deps.configuredSigmas(),
      rejectedFor: deps.config.current().learning.rejectedFor,
      now: clock.now(),
    });

  return {
    suggestions: () => kept().map(viewOf),
    lastRun: () => (document.value.lastRun === null ? null : (fromIso(document.value.lastRun) ?? null)),
    sigmasAt(metric, now) {
      const found = acceptedAt(kept(), metric, deps.hourOfWeek(now));
      if (found === null) return null;
      const { leastSigmas, mostSigmas } = deps.config.current().learning;
      return Math.min(mostSigmas, Math.max(leastSigmas, found.sigmas));
    },
    explain: (metric, profile, now) => [
      ...inForce(metric, acceptedAt(kept(), metric, deps.hourOfWeek(now)), deps.configuredSigmas()),
      ...(profile === undefined ? [] : [profileSentence(profile)]),
      ...kept()
        .filter((one) => one.metric === metric && one.state === 'open')
        .map((one) => `Suggested (${one.id}): ${sentenceOf(one)}`),
    ],
    preview: (found) => merged(found, kept()).map(viewOf),
    async keep(found) {
      await document.update((data) => ({
        lastRun: toIso(clock.now()),
        suggestions: merged(found, data.suggestions),
      }));
    },
    accept: (id, by, dryRun) => acceptThese(deps, id, by, dryRun),
    reject: (id, by, dryRun) => rejectOne(deps, id, by, dryRun),
  };
}

async function acceptThese(
  deps: TuningDeps,
  id: string,
  by: string,
  dryRun: boolean,
): Promise<ControlResult> {
  const { document, audit, clock } = deps;
  const kept = document.value.suggestions;
  const chosen = kept.filter((one) => one.state === 'open' && (id === ALL || one.id === id));
  if (chosen.length === 0) return notFound(nothingOpen(id, kept));
  const frozen = deps.frozen();
  if (frozen !== null) return refused(frozen);
  const text = chosen.map((one) => `${sentenceOf(one)} Was ${one.from.toFixed(1)}σ.`).join('\n');
  if (dryRun) return would(`Would apply:\n${text}`);
  for (const one of chosen) await audit.append(entryOf(one, by, `Band accepted: ${sentenceOf(one)}`));
  const ids = chosen.map((one) => one.id);
  await document.update((data) => ({ ...data, suggestions: accept(data.suggestions, ids, by, clock.now()) }));
  return done(`Applied:\n${text}`);
}

/** Drops an open one; takes an accepted one back. */
async function rejectOne(deps: TuningDeps, id: string, by: string, dryRun: boolean): Promise<ControlResult> {
  const { document, audit, clock } = deps;
  const kept = document.value.suggestions;
  const one = kept.find((other) => other.id === id);
  if (one === undefined || one.state === 'rejected' || one.state === 'holds') {
    return notFound(nothingOpen(id, kept));
  }
  const isBack = one.state === 'accepted';
  const frozen = isBack ? deps.frozen() : null;
  if (frozen !== null) return refused(frozen);
  const place = `${one.metric}, ${one.hours}`;
  const text = isBack
    ? `Taken back: ${place} has ${deps.configuredSigmas().toFixed(1)}σ again, as configured`
    : `Rejected: ${place}: ${one.sigmas.toFixed(1)}σ`;
  if (dryRun) return would(`${text}.`);
  await audit.append(entryOf(one, by, text));
  await document.update((data) => ({ ...data, suggestions: reject(data.suggestions, id, by, clock.now()) }));
  return done(`${text}.`);
}

function entryOf(one: KeptSuggestion, by: string, text: string): AuditEntry {
  const { id, metric, when, from, sigmas } = one;
  return {
    kind: 'config',
    actor: by,
    text,
    data: { suggestion: { id, metric, when, from, sigmas } },
  };
}

function nothingOpen(id: string, kept: readonly KeptSuggestion[]): string {
  if (id === ALL) return 'There is no open suggestion.';
  const found = kept.find((one) => one.id === id);
  return found === undefined
    ? `There is no suggestion ${id}.`
    : `Suggestion ${id} is ${found.state} already.`;
}

function inForce(metric: MetricName, accepted: KeptSuggestion | null, configured: number): readonly string[] {
  if (accepted === null) return [`The band of ${metric} is ${configured.toFixed(1)}σ wide, as configured.`];
  const day = accepted.decidedAt?.slice(0, 10) ?? '';
  const who = `accepted by ${accepted.by ?? ''} on ${day}; optimize reject ${accepted.id} takes it back`;
  return [`The band of ${metric} is ${accepted.sigmas.toFixed(1)}σ wide now (${who}).`, sentenceOf(accepted)];
}

export function profileSentence({ metric, split }: LoadProfile): string {
  switch (split.kind) {
    case 'not_enough':
      return `Not enough history yet to know the busy hours of ${metric}: ${split.days} of ${split.needed} days.`;
    case 'flat':
      return `No hour of the week is reliably busier than another for ${metric} (${split.days} days).`;
    case 'split':
      return `Busy hours of ${metric}: ${split.words}; ${Math.round(split.sure * 100)} % of the hours of other weeks agree.`;
  }
}
