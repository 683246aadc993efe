/** A chart as a sentence: the text beside every picture, and in its place wherever a picture cannot go. Pure. */
import type { Anomaly } from '../domain/anomaly.ts';
import { unitOf } from '../domain/metric.ts';
import { elapsed } from '../domain/units.ts';
import { figure, metricWords, normalWords, spanWords, zonedTime } from './figures.ts';

/** `Latency of billing-api, last 1 h: normal 80–190 ms, out of it since 02:06 UTC, now 2,340 ms.` */
export function chartText(anomaly: Anomaly, timezone: string, isOver = false): string {
  const { chart, metric, band, value } = anomaly.evidence;
  const unit = unitOf(metric);
  const [first, last] = [chart[0], chart.at(-1)];
  const span =
    first === undefined || last === undefined ? '' : `, last ${spanWords(elapsed(first.at, last.at))}`;
  const normal = normalWords(band, unit);
  const since = zonedTime(anomaly.since, timezone, anomaly.detectedAt);
  return `${metricWords(metric)}${span}: ${normal === '' ? '' : `${normal}, `}out of it ${isOver ? 'from' : 'since'} ${since}, ${isOver ? 'was' : 'now'} ${figure(value, unit)}.`;
}
