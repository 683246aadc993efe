/** Histories as the incident chart draws them: its points, and the stretches of what was normal. Pure. */
import { type Band, familyOf } from '../../../domain/metric.ts';
import type { BandView, SeriesView } from '../series.ts';
import type { Point } from './chart-geometry.ts';
import { momentOf } from './time.ts';

const LOW_IS_BAD: ReadonlySet<string> = new Set(['target_up', 'probe_up', 'success_rate', 'queue_rate']);

export interface Stretch {
  readonly from: number;
  readonly to: number;
  readonly low: number;
  readonly high: number;
}

/** What was normal from `from` to `to`; where it is no longer known, the band it was found against. */
export function stretchesOf(
  bands: readonly BandView[],
  found: Pick<Band, 'low' | 'high'> | null,
  from: number,
  to: number,
): readonly Stretch[] {
  const within = bands
    .map((one) => ({
      ...one,
      from: Math.max(from, momentOf(one.from)),
      to: Math.min(to, momentOf(one.to)),
    }))
    .filter((one) => one.to > one.from);
  if (within.length > 0 || found === null) return within;
  const { low, high } = found;
  return low === null || high === null ? [] : [{ from, to, low, high }];
}

/** The worst of each step, at its middle: a short outage must not be averaged away. */
export function pointsOf(series: SeriesView): readonly Point[] {
  const start = momentOf(series.from);
  const lowIsBad = LOW_IS_BAD.has(familyOf(series.metric));
  const worst = lowIsBad ? series.low : series.high;
  return worst.map((value, index) => ({ at: start + (index + 0.5) * series.stepSeconds * 1_000, value }));
}
