/** How long what is short will last at the pace of the last minutes, in words; nothing where it is not getting less. Pure. */
import { familyOf, type MetricName, type Sample } from '../domain/metric.ts';
import { type EpochMs, elapsed, hours, type Ms, minutes } from '../domain/units.ts';
import { fitTrend, reach } from '../platform/trend.ts';
import { spanText } from './sentences.ts';

const LOOK_BACK: Ms = minutes(3);
/** Farther ahead than this the last minutes say nothing. */
const FARTHEST: Ms = hours(12);
const ENDS: Readonly<Record<string, string>> = {
  disk: 'full',
  inodes: 'full',
  memory: 'used up',
  swap: 'used up',
};

/** " At this pace it is full in about 4 min (3 min to 6 min)." or nothing. */
export function paceSentence(metric: MetricName, samples: readonly Sample[], now: EpochMs): string {
  const end = ENDS[familyOf(metric)];
  if (end === undefined) return '';
  const trend = fitTrend(samples.filter(({ at }) => elapsed(at, now) <= LOOK_BACK));
  if (trend === null || trend.slopeLow <= 0 || trend.level >= 1) return '';
  const when = reach(trend, 1);
  if (when === null || when.likely > FARTHEST) return '';
  const latest = when.latest === null ? 'at the soonest' : `to ${spanText(when.latest)}`;
  return ` At this pace it is ${end} in about ${spanText(when.likely)} (${spanText(when.soonest)} ${latest}).`;
}
