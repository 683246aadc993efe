/**
 * The load of each hour of the week, and the busy hours among them: found in the data, never assumed. Pure.
 *
 * Any numbers can be cut into two groups, so a split counts only when it holds on weeks it was not made from: each
 * week is held against the split of the others. Where that fails, or the difference is too small to matter, the
 * profile says that there are no peaks; with too little history it says that and nothing else.
 */
import { type MetricName, type MetricUnit, unitOf } from '../domain/metric.ts';
import { HOURS_A_WEEK, type LoadProfile, type LoadSplit } from '../domain/optimizer.ts';
import type { MinuteRows } from '../domain/rollup.ts';
import { type Ratio, ratio } from '../domain/units.ts';
import { median, splitInTwo } from './split.ts';
import { type HourMean, type HourOfWeek, hourMeans, hoursWords } from './week.ts';

/** Shares of the hours of a held-out week that must fall on the side the split says, of peaks and of the rest. */
const SURE_ENOUGH = 0.75;
/** A busy hour differs from a quiet one by at least this much, by unit or as a share of the quiet level. */
const LEAST_GAP_RATIO = 0.05;
const LEAST_GAP_SHARE = 0.25;
/** A few gaps in the history do not matter. */
const NEARLY_ALL = 0.95;

export interface ProfileRules {
  readonly minDays: number;
  readonly hourOfWeek: HourOfWeek;
}

export function learnProfile(metric: MetricName, rows: MinuteRows, rules: ProfileRules): LoadProfile {
  const unit = unitOf(metric);
  const means = hourMeans(rows, rules.hourOfWeek);
  const days = Math.floor(means.length / 24);
  const hours = medians(means);
  const known = hours.filter((value) => value !== null).length;
  if (days < Math.floor(rules.minDays * NEARLY_ALL) || known < HOURS_A_WEEK * NEARLY_ALL) {
    return { metric, unit, split: { kind: 'not_enough', days, needed: rules.minDays }, hours: [] };
  }
  return { metric, unit, split: splitHours(hours, means, days, unit), hours };
}

function splitHours(
  hours: readonly (number | null)[],
  means: readonly HourMean[],
  days: number,
  unit: MetricUnit,
): LoadSplit {
  const found = cut(hours);
  const sure = found === null ? ratio(0) : heldOut(means);
  if (found === null || sure < SURE_ENOUGH || found.gap < leastGap(unit, found.offPeakLevel)) {
    return { kind: 'flat', days, sure };
  }
  const { peak, peakLevel, offPeakLevel } = found;
  return { kind: 'split', days, peak, words: hoursWords(peak), peakLevel, offPeakLevel, sure };
}

interface Cut {
  readonly peak: readonly boolean[];
  readonly threshold: number;
  readonly peakLevel: number;
  readonly offPeakLevel: number;
  readonly gap: number;
}

function cut(hours: readonly (number | null)[]): Cut | null {
  const split = splitInTwo(hours.filter((value) => value !== null));
  if (split === null) return null;
  const peak = withoutLoners(hours.map((value) => value !== null && value >= split.threshold));
  const levelOf = (side: boolean): number =>
    median(hours.filter((value, index): value is number => value !== null && peak[index] === side));
  const [peakLevel, offPeakLevel] = [levelOf(true), levelOf(false)];
  if (Number.isNaN(peakLevel) || Number.isNaN(offPeakLevel)) return null;
  return { peak, threshold: split.threshold, peakLevel, offPeakLevel, gap: peakLevel - offPeakLevel };
}

/** One hour unlike both of its neighbours is chance; the week is a ring. */
function withoutLoners(peak: readonly boolean[]): readonly boolean[] {
  const at = (index: number): boolean => peak[(index + peak.length) % peak.length] ?? false;
  return peak.map((is, index) => (at(index - 1) === at(index + 1) ? at(index - 1) : is));
}

/** Each week against the split of the other weeks: the mean of the shares that agree among peaks and among the rest. */
function heldOut(means: readonly HourMean[]): Ratio {
  const weeks = [...new Set(means.map(({ week }) => week))];
  const right = { peak: 0, rest: 0 };
  const all = { peak: 0, rest: 0 };
  for (const week of weeks) {
    const found = cut(medians(means.filter((one) => one.week !== week)));
    if (found === null) continue;
    for (const { hour, mean } of means.filter((one) => one.week === week)) {
      const side = found.peak[hour] === true ? 'peak' : 'rest';
      all[side] += 1;
      if (mean >= found.threshold === (side === 'peak')) right[side] += 1;
    }
  }
  return ratio((right.peak / Math.max(1, all.peak) + right.rest / Math.max(1, all.rest)) / 2);
}

function medians(means: readonly HourMean[]): readonly (number | null)[] {
  const hours: number[][] = Array.from({ length: HOURS_A_WEEK }, () => []);
  for (const { hour, mean } of means) hours[hour]?.push(mean);
  return hours.map((values) => (values.length === 0 ? null : median(values)));
}

function leastGap(unit: MetricUnit, quiet: number): number {
  return unit === 'ratio' ? LEAST_GAP_RATIO : LEAST_GAP_SHARE * Math.abs(quiet);
}
