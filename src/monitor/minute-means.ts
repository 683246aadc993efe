/** Samples of any spacing to one mean a minute, for learning. Holds only minutes that have a value. */
import type { MetricName } from '../domain/metric.ts';
import type { MinuteRows } from '../domain/rollup.ts';
import { type EpochMs, epochMs, type Ms } from '../domain/units.ts';

const MINUTE = 60_000;

export interface MinuteMeans {
  add(metric: MetricName, at: EpochMs, value: number | null): void;
  metrics(): readonly MetricName[];
  /** The last `span` before the newest sample of all. */
  rows(metric: MetricName, span: Ms): MinuteRows;
}

export function createMinuteMeans(): MinuteMeans {
  const byMetric = new Map<MetricName, Map<number, { sum: number; count: number }>>();
  let newest = Number.NEGATIVE_INFINITY;

  return {
    add(metric, at, value) {
      const minutes = byMetric.get(metric) ?? new Map<number, { sum: number; count: number }>();
      byMetric.set(metric, minutes);
      if (value === null) return;
      const minute = Math.floor(at / MINUTE);
      newest = Math.max(newest, minute);
      const known = minutes.get(minute);
      if (known === undefined) minutes.set(minute, { sum: value, count: 1 });
      else {
        known.sum += value;
        known.count += 1;
      }
    },
    metrics: () => [...byMetric.keys()],
    rows(metric, span) {
      const length = Math.ceil(span / MINUTE);
      const first = newest - length + 1;
      const values = new Float32Array(length).fill(Number.NaN);
      for (const [minute, { sum, count }] of byMetric.get(metric) ?? []) {
        if (minute >= first) values[minute - first] = sum / count;
      }
      return { first: epochMs(first * MINUTE), values };
    },
  };
}
