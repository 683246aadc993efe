/** Why the limits of a metric are what they are, in the order in which they decide. Pure. */
import type { MetricUnit } from '../../domain/metric.ts';
import type { LearntBand, LimitExplanation, LimitOverride, LimitPair } from '../../domain/tuning.ts';
import { type EpochMs, type Ms, toIso } from '../../domain/units.ts';
import { figure, localTime, metricWords, rangeWords, spanWords } from '../figures.ts';

export function explanationText(one: LimitExplanation, timezone: string, now: EpochMs): string {
  const { unit, configured, override, inForce, learnt } = one;
  return [
    `${metricWords(one.metric)} is ${figure(one.value, unit)} now. ${appliesWords(one)}`,
    `Fixed limit: ${configured === null ? 'none is configured' : configuredWords(configured, one)}.`,
    `Override: ${override === null ? 'none' : overrideWords(override, unit, timezone, now)}.`,
    `Learnt band: ${learnt === null ? 'not learnt yet' : bandWords(learnt, unit)}.`,
    `Optimizer: ${offsetWords(learnt)}.`,
    ...(inForce === null ? [] : [`In force: ${pairWords(inForce, unit)}.`]),
  ].join('\n');
}

export function pairWords(pair: Pick<LimitPair, 'warn' | 'critical'>, unit: MetricUnit): string {
  return `${oneWords('warn', pair.warn, unit)}, ${oneWords('critical', pair.critical, unit)}`;
}

export function overrideWords(
  { warn, critical, by, until }: LimitOverride,
  unit: MetricUnit,
  timezone: string,
  now: EpochMs,
): string {
  const end = until === null ? 'until it is reset' : `until ${localTime(until, timezone, now)}`;
  return `${pairWords({ warn, critical }, unit)}, set by ${by}, ${end}`;
}

/** The explanation as plain JSON. */
export function explanationData({ override, ...rest }: LimitExplanation): object {
  return {
    ...rest,
    override:
      override === null
        ? null
        : {
            ...override,
            until: override.until === null ? null : toIso(override.until),
            at: toIso(override.at),
          },
  };
}

function appliesWords({ applies }: LimitExplanation): string {
  switch (applies) {
    case 'override':
      return 'What a person set decides.';
    case 'fixed limit':
      return 'The fixed limit decides; the learnt band stands beside it as a second witness.';
    case 'learnt band':
      return 'It has no fixed limit, so the learnt band decides; alone it is never more than info.';
    case 'up or down':
      return 'It is up or down: it has no limit.';
    case 'nothing yet':
      return 'Nothing decides yet: it has no fixed limit, and too little is learnt.';
  }
}

function configuredWords(pair: LimitPair & { readonly entry: string }, one: LimitExplanation): string {
  const from = pair.entry === one.metric ? '' : `, from the entry for ${pair.entry}`;
  return `${pairWords(pair, one.unit)}${heldWords(pair)}${from}`;
}

function heldWords({ warn, critical, warnAfter, criticalAfter }: LimitPair): string {
  const held = (name: string, limit: number | null, span: Ms): readonly string[] =>
    limit === null || span === 0 ? [] : [`${name} after ${spanWords(span)}`];
  const parts = [...held('warn', warn, warnAfter), ...held('critical', critical, criticalAfter)];
  return parts.length === 0 ? '' : ` (${parts.join(', ')})`;
}

function bandWords({ low, high, centre, rows, byHour, sigmas }: LearntBand, unit: MetricUnit): string {
  const how = byHour ? 'by hour of the day' : 'over the whole day';
  const from = spanWords((rows * 60_000) as Ms);
  return `${rangeWords(low, high, unit)}, centre ${figure(centre, unit)}, ${sigmas} deviations wide on each side, ${how}, from ${from} of samples`;
}

function offsetWords(learnt: LearntBand | null): string {
  if (learnt === null || learnt.offsetSigmas === null) return 'no offset';
  return `asks for ${learnt.offsetSigmas} deviations instead of ${learnt.configuredSigmas}`;
}

function oneWords(name: string, value: number | null, unit: MetricUnit): string {
  return value === null ? `no ${name} limit` : `${name} ${figure(value, unit)}`;
}
