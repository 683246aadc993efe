/** From what the models say of a row to what the open incident needs to know. Pure; costly parts are lazy. */
import type { Severity } from '../../domain/anomaly.ts';
import type { MetricName } from '../../domain/metric.ts';
import type { Ms } from '../../domain/units.ts';
import type { HostReading } from './host-score.ts';
import type { MetricStep } from './metric-alarms.ts';
import type { RowFindings } from './open-incident.ts';
import type { AlarmParameters } from './parameters.ts';
import { graver } from './severity.ts';

/** Metrics named with an incident, and the share of the distance that names one. */
const MOST_NAMED = 5;
const NAMED_SHARE = 0.1;
const NAMED_AT_LEAST = 3;

interface Limit {
  readonly metric: MetricName;
  readonly severity: Severity;
}

export function findingsOf(
  metric: MetricStep,
  reading: HostReading | null,
  limits: readonly Limit[] | undefined,
  parameters: AlarmParameters,
  time: { readonly own: Ms; readonly step: Ms },
): RowFindings {
  const pulling = once(() => (reading === null ? null : pullingMetrics(reading)));
  return {
    ...time,
    host: reading === null ? null : reading.alarm / parameters.hostLimit,
    hostHolds: reading === null ? null : Math.max(reading.alarm, reading.level) / parameters.hostLimit,
    isTrusted: reading !== null && reading.knows >= parameters.trustedAfter,
    metric: metric.ratio,
    metricRaised: metric.raised[0]?.ratio ?? null,
    limit: gravest(limits),
    hasMetricWitness: () => metric.standing.some((one) => pulling()?.includes(one.metric) ?? true),
    forest: () => (reading?.forest() ?? 0) >= 1,
    contributors: () => {
      const sure = [...(limits ?? []), ...metric.raised].map((one) => one.metric);
      const rest = pulling() ?? metric.standing.map((one) => one.metric);
      return [...new Set([...sure, ...rest])].slice(0, MOST_NAMED);
    },
  };
}

function pullingMetrics(reading: HostReading): readonly MetricName[] {
  const all = reading.contributions();
  const clear = all.filter((one) => one.share >= NAMED_SHARE);
  return (clear.length === 0 ? all.slice(0, NAMED_AT_LEAST) : clear).map((one) => one.metric);
}

function gravest(limits: readonly Limit[] | undefined): Severity | null | undefined {
  if (limits === undefined) return undefined;
  const [first, ...rest] = limits.map((limit) => limit.severity);
  return first === undefined ? null : rest.reduce(graver, first);
}

function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | null = null;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}
