/**
 * What needs a dependency is sick with it, and the rate of its last minute says so for a while longer. So after the
 * dependency has recovered, only evidence newer than that counts against what needs it. Pure.
 *
 * It ends as soon as fresh samples are bad, and after two minutes whatever they are: nothing hides behind it.
 */
import type { Anomaly } from '../domain/anomaly.ts';
import type { JudgedSample, MetricName } from '../domain/metric.ts';
import { type EpochMs, elapsed, type Ms, seconds } from '../domain/units.ts';
import type { DependencyGraph } from './dependencies.ts';
import type { IncidentRecord } from './incident-record.ts';
import { isBadAgain } from './verifier.ts';

/** The rate of a minute is without the old answers by then, and what was confirmed on it has cleared. */
export const SETTLING: Ms = seconds(120);

export interface SettlingContext {
  readonly now: EpochMs;
  readonly graph: DependencyGraph;
  readonly judgedSince: (metric: MetricName, since: EpochMs) => readonly JudgedSample[];
}

/** The dependency that explains `anomaly` still, though it has recovered; `null` = it stands for itself. */
export function settlingRootOf(
  { target, since, witnesses, evidence }: Anomaly,
  records: readonly IncidentRecord[],
  { now, graph, judgedSince }: SettlingContext,
): string | null {
  if (target === null) return null;
  const needs = graph.needsOf(target);
  if (needs.size === 0) return null;
  const recovered = records.reduce<Recovered | null>((last, record) => {
    const found = recoveryOf(record, needs);
    return found !== null && (last === null || found.at > last.at) ? found : last;
  }, null);
  if (recovered === null || elapsed(recovered.at, now) > SETTLING) return null;
  // A process that ended after that is a fact of its own, not what is left of an old one.
  if (witnesses.includes('supervisor') && since > recovered.at) return null;
  return isBadAgain(judgedSince(evidence.metric, recovered.at), recovered.at) ? null : recovered.name;
}

interface Recovered {
  readonly name: string;
  readonly at: EpochMs;
}

function recoveryOf({ incident }: IncidentRecord, needs: ReadonlySet<string>): Recovered | null {
  const { state, anomalies } = incident;
  if (state.kind !== 'resolved' || (state.how !== 'healed' && state.how !== 'recovered')) return null;
  const root = anomalies.find((anomaly) => anomaly.target !== null && needs.has(anomaly.target));
  return root === undefined || root.target === null ? null : { name: root.target, at: state.at };
}
