/** The one-minute roll-ups row by row, as the streaming detector learns from them. */
import type { MetricName } from '../../domain/metric.ts';
import type { RollupReader } from '../../domain/rollup.ts';
import { after, type EpochMs, minutes } from '../../domain/units.ts';

/** One minute of all metrics. */
export interface RollupRow {
  /** When the minute began. */
  readonly at: EpochMs;
  /** Mean of the minute; a metric that was unknown all minute long is not there. */
  readonly values: ReadonlyMap<MetricName, number>;
  /** False for minutes of incidents, maintenance and drills: they do not teach what is normal. */
  readonly teaches: boolean;
}

/** Rows of minutes that began at `from` or later and before `to`, oldest first. Empty minutes are left out. */
export function* rollupRows(rollups: RollupReader, from: EpochMs, to: EpochMs): Generator<RollupRow> {
  const columns = rollups.metrics().map((metric) => ({
    metric,
    all: rollups.minutes(metric, from, to, 'all'),
    taught: rollups.minutes(metric, from, to, 'teaching'),
  }));
  const [first] = columns;
  if (first === undefined) return;
  for (let index = 0; index < first.all.values.length; index += 1) {
    const values = new Map<MetricName, number>();
    let teaches = false;
    for (const { metric, all, taught } of columns) {
      const value = all.values[index];
      if (value === undefined || Number.isNaN(value)) continue;
      values.set(metric, value);
      teaches ||= !Number.isNaN(taught.values[index] ?? Number.NaN);
    }
    if (values.size > 0) yield { at: after(first.all.first, minutes(index)), values, teaches };
  }
}
