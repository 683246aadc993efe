/**
 * Can the evidence be trusted at this moment? Pure. A metric that is silent or stale starts nothing; where a metric
 * was never ours (an alert from outside), the target itself must be known to be down.
 */
import type { Anomaly } from '../domain/anomaly.ts';
import type { Sample } from '../domain/metric.ts';
import { type EpochMs, elapsed, type Ms } from '../domain/units.ts';

/** Why it cannot be trusted, or `null`. */
export function whyUnknown(
  anomaly: Anomaly,
  latest: Sample | undefined,
  targetUp: boolean | null,
  now: EpochMs,
  staleAfter: Ms,
): string | null {
  const { metric } = anomaly.evidence;
  if (latest === undefined) return targetUp === false ? null : `nothing is known of ${metric}`;
  if (latest.value === null) return `${metric} is unknown now`;
  if (elapsed(latest.at, now) > staleAfter) return `the last sample of ${metric} is too old`;
  return null;
}
