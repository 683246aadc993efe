/**
 * How wide the normal band of a metric should be in its busy hours and in the others, with the reason in words.
 *
 * Pure. The narrowest k of the safe band is taken with which the past would have left the band no more often than is
 * forgiven; busy hours are never held tighter than quiet ones. Nothing is said of a metric without a sure split.
 */
import type { MetricName } from '../domain/metric.ts';
import type { Deviation, LoadProfile, Suggestion } from '../domain/optimizer.ts';
import type { MinuteRows } from '../domain/rollup.ts';
import { epochMs } from '../domain/units.ts';
import { type HourOfWeek, hoursWords } from './week.ts';

const MINUTE = 60_000;
const STEP = 0.1;
const WEEK_MINUTES = 10_080;

export interface TunerRules {
  readonly leastSigmas: number;
  readonly mostSigmas: number;
  readonly exitsPerWeek: number;
  readonly hourOfWeek: HourOfWeek;
  /** True where low values are as bad as high ones. */
  readonly bothSides: boolean;
}

/** What the past says of one class of hours. */
export interface Tuned {
  readonly metric: MetricName;
  readonly when: Suggestion['when'];
  readonly hours: string;
  /** One entry an hour of the week. */
  readonly peak: readonly boolean[];
  readonly sigmas: number;
  readonly reason: string;
}

/** Empty where the profile has no sure split, or nothing of the past can be judged. */
export function tune(
  profile: LoadProfile,
  rows: MinuteRows,
  deviation: Deviation,
  rules: TunerRules,
): readonly Tuned[] {
  const { split, metric } = profile;
  if (split.kind !== 'split') return [];
  const exits = countExits(rows, deviation, split.peak, rules);
  if (exits.peak.minutes === 0 || exits.off_peak.minutes === 0) return [];
  const weeks = (exits.peak.minutes + exits.off_peak.minutes) / WEEK_MINUTES;
  const quiet = narrowest(exits.off_peak, weeks, rules);
  const busy = Math.max(quiet, narrowest(exits.peak, weeks, rules));
  const say = (when: Suggestion['when'], sigmas: number): Tuned => ({
    metric,
    when,
    hours: when === 'peak' ? split.words : hoursWords(split.peak.map((is) => !is)),
    peak: split.peak,
    sigmas,
    reason: reasonOf(sigmas, exits[when], weeks, rules),
  });
  return [say('peak', busy), say('off_peak', quiet)];
}

interface Exits {
  readonly minutes: number;
  /** Times the band was left, for each k of the safe band, narrowest first. */
  readonly counts: readonly number[];
}

function countExits(
  rows: MinuteRows,
  deviation: Deviation,
  peak: readonly boolean[],
  rules: TunerRules,
): Readonly<Record<Suggestion['when'], Exits>> {
  const widths = widthsOf(rules);
  const classes = { peak: emptyClass(widths), off_peak: emptyClass(widths) };
  const outside = widths.map(() => false);
  let hour = 0;
  for (const [index, value] of rows.values.entries()) {
    const at = epochMs(rows.first + index * MINUTE);
    if (index === 0 || at % (15 * MINUTE) === 0) hour = rules.hourOfWeek(at);
    const z = Number.isNaN(value) ? null : deviation(value, at);
    if (z === null) continue;
    const height = rules.bothSides ? Math.abs(z) : z;
    countMinute(height, classes[peak[hour] === true ? 'peak' : 'off_peak'], outside, widths);
  }
  return classes;
}

/** An exit is counted where the band is left, not for every minute outside. */
function countMinute(
  height: number,
  one: { minutes: number; counts: number[] },
  outside: boolean[],
  widths: readonly number[],
): void {
  one.minutes += 1;
  for (const [place, width] of widths.entries()) {
    const isOut = height > width;
    if (isOut && outside[place] !== true) one.counts[place] = (one.counts[place] ?? 0) + 1;
    outside[place] = isOut;
  }
}

function emptyClass(widths: readonly number[]): { minutes: number; counts: number[] } {
  return { minutes: 0, counts: widths.map(() => 0) };
}

/** The first that is forgiven, else the widest there is. */
function narrowest(exits: Exits, weeks: number, rules: TunerRules): number {
  const widths = widthsOf(rules);
  const fitting = widths.find((_, place) => (exits.counts[place] ?? 0) <= rules.exitsPerWeek * weeks);
  return fitting ?? rules.mostSigmas;
}

function widthsOf({ leastSigmas, mostSigmas }: TunerRules): readonly number[] {
  const count = Math.round((mostSigmas - leastSigmas) / STEP);
  return Array.from({ length: count + 1 }, (_, index) => Number((leastSigmas + index * STEP).toFixed(1)));
}

function reasonOf(sigmas: number, exits: Exits, weeks: number, rules: TunerRules): string {
  const widths = widthsOf(rules);
  const at = (width: number): number => exits.counts[widths.indexOf(width)] ?? 0;
  const days = Math.round(weeks * 7);
  const here = at(sigmas);
  const past = `at ${sigmas.toFixed(1)}σ it would have left its band ${times(here)} in ${days} days`;
  if (here > rules.exitsPerWeek * weeks) return `${past}, and the safe band ends there`;
  return sigmas > rules.leastSigmas
    ? `${past}, at ${rules.leastSigmas.toFixed(1)}σ ${times(at(rules.leastSigmas))}`
    : `${past}, so even small trouble can be seen`;
}

function times(count: number): string {
  return count === 1 ? 'once' : `${count} times`;
}
