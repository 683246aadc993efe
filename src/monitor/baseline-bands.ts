/** What was learnt, hour by hour, as bands. Pure. */
import { type MetricName, unitOf } from '../domain/metric.ts';
import type { HourBand } from '../domain/tuning.ts';
import { type Learnt, normalRange } from './baseline.ts';

export function hoursOf(learnt: Learnt, metric: MetricName, sigmas: number): readonly HourBand[] {
  return (learnt.hours ?? []).flatMap((baseline, hour) =>
    baseline === null
      ? []
      : [
          {
            hour,
            centre: baseline.centre,
            rows: baseline.rows,
            ...normalRange(baseline, sigmas, unitOf(metric)),
          },
        ],
  );
}
