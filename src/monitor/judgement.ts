/**
 * One sample against the band that holds now: good, bad or unknown. Fresh evidence is judged by this.
 *
 * Pure. A metric that has limits is judged by them alone; only one without limits by its own past.
 */
import { type Band, type MetricName, type Sample, unitOf } from '../domain/metric.ts';
import { isOutOfBand } from './baseline-detector.ts';
import type { MonitorConfig } from './config.ts';
import type { StreamVerdict } from './flapping.ts';
import { limitKey } from './limit-detector.ts';
import type { Normal } from './normals.ts';
import { isBeyond, thresholdFor } from './thresholds.ts';

/** Below this a target is down. */
const HALF_UP = 0.5;

export function judgeSample(
  sample: Sample,
  config: MonitorConfig,
  normal: Normal | null,
  isRaised: (key: string) => boolean,
): StreamVerdict {
  const { metric, value } = sample;
  if (value === null) return 'unknown';
  if (unitOf(metric) === 'up') return value < HALF_UP ? 'bad' : 'good';

  const threshold = thresholdFor(metric, config.thresholds);
  const limit = threshold?.warn ?? threshold?.critical ?? null;
  if (threshold !== undefined && limit !== null) {
    const crossed = isRaised(limitKey(metric, threshold.warn === null ? 'critical' : 'warning'));
    const { hysteresis } = config.confirmation;
    return isBeyond(value, limit, threshold.direction, hysteresis, crossed) ? 'bad' : 'good';
  }
  return normal === null ? 'good' : isOutOfBand(sample, normal);
}

export function bandOf(metric: MetricName, config: MonitorConfig, normal: Normal | null): Band {
  const threshold = thresholdFor(metric, config.thresholds);
  const isUp = unitOf(metric) === 'up';
  return {
    centre: normal?.centre ?? null,
    low: normal?.low ?? null,
    high: normal?.high ?? null,
    warn: threshold?.warn ?? null,
    critical: isUp ? HALF_UP : (threshold?.critical ?? null),
  };
}
