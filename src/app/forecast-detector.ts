/**
 * What the optimizer says ahead, as claims like any other: confirmed, told with evidence, cleared when it is no longer
 * said. Nothing is claimed of a metric that is not part of the beat.
 */
import type { AnomalyKind } from '../domain/anomaly.ts';
import { familyOf } from '../domain/metric.ts';
import type { Forecast, Forecasts } from '../domain/optimizer.ts';
import { ms } from '../domain/units.ts';
import type { Claim, Detector } from '../monitor/claim.ts';

/** The forecast itself is made of hours: its first row is sure. */
const CONFIRM = { badOf: 1, outOf: 1, clearAfterGood: 3, sayFirst: true } as const;
const SCORE = 0.6;

export function createForecastDetector(forecasts: Forecasts): Detector {
  const told = new Map<string, Forecast>();
  return {
    judge(beat) {
      const now = new Map(
        forecasts.current().flatMap((one) => (one.warns ? [[one.subject, one] as const] : [])),
      );
      for (const [subject, one] of now) told.set(subject, one);
      return [...told].flatMap(([subject, one]) => {
        const sample = beat.samples.find(({ metric }) => metric === one.metric);
        return sample === undefined ? [] : [claimOf(one, now.has(subject), sample.value)];
      });
    },
    // A forecast is made from hours of minutes; a jump of the clock does not unmake it.
    discardWindow: () => {},
  };
}

function claimOf(forecast: Forecast, holds: boolean, value: number | null): Claim {
  return {
    key: `forecast:${forecast.subject}`,
    metric: forecast.metric,
    kind: kindOf(forecast),
    target: forecast.target,
    witness: 'shape',
    severity: 'warning',
    hold: ms(0),
    verdict: value === null ? 'unknown' : holds ? 'bad' : 'good',
    value,
    score: SCORE,
    confirm: CONFIRM,
    text: forecast.text,
  };
}

/** Only a disk has a ladder that helps ahead of time; the rest is for a person to plan. */
function kindOf({ subject, metric }: Forecast): AnomalyKind {
  return !subject.startsWith('budget:') && familyOf(metric) === 'disk' ? 'disk_filling' : 'running_out';
}
