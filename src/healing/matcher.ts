/**
 * Which strategy answers an anomaly? Pure. The most specific match wins, then the one listed first, so that a
 * strategy for one target may stand anywhere in the file.
 */
import { type Anomaly, compareSeverity } from '../domain/anomaly.ts';
import { familyOf } from '../domain/metric.ts';
import type { Strategy } from '../domain/strategy.ts';

/**
 * @param isEnabled An operator may have switched a strategy on or off since the file was read.
 */
export function matchStrategy(
  anomaly: Anomaly,
  strategies: readonly Strategy[],
  isEnabled: (strategy: Strategy) => boolean = (strategy) => strategy.enabled,
): Strategy | null {
  const fitting = strategies.filter((strategy) => isEnabled(strategy) && fits(strategy, anomaly));
  return fitting.reduce<Strategy | null>(
    (best, next) => (best === null || specificity(next) > specificity(best) ? next : best),
    null,
  );
}

/** What one model finds alone is `info`: it never starts an action, whatever a strategy says. */
function fits(strategy: Strategy, anomaly: Anomaly): boolean {
  const { match } = strategy;
  const { metric } = anomaly.evidence;
  return (
    anomaly.severity !== 'info' &&
    compareSeverity(anomaly.severity, match.minSeverity) >= 0 &&
    match.kinds.includes(anomaly.kind) &&
    (match.targets.length === 0 || (anomaly.target !== null && match.targets.includes(anomaly.target))) &&
    (match.metrics.length === 0 || match.metrics.includes(metric) || match.metrics.includes(familyOf(metric)))
  );
}

/** A named target says more than a named metric, and either more than a raised severity. */
function specificity(strategy: Strategy): number {
  const { match } = strategy;
  return (
    (match.targets.length > 0 ? 4 : 0) +
    (match.metrics.length > 0 ? 2 : 0) +
    (match.minSeverity === 'critical' ? 1 : 0)
  );
}
