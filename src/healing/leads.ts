/**
 * Which of the anomalies of an incident is the one to heal? Pure. What others depend on comes first, then the
 * worst, then the oldest; what is only *info* leads nothing that is worse.
 */
import { type Anomaly, compareSeverity } from '../domain/anomaly.ts';
import type { DependencyGraph } from './dependencies.ts';
import { activeAnomalies, type IncidentRecord, withIncident } from './incident-record.ts';
import { titleOf } from './titles.ts';

/** Best first; all that are active, or all there were when none is. */
export function leadsOf(record: IncidentRecord, graph: DependencyGraph): readonly Anomaly[] {
  const active = activeAnomalies(record);
  const all = active.length > 0 ? active : record.incident.anomalies;
  const serious = all.filter(({ severity }) => severity !== 'info');
  const candidates = serious.length > 0 ? serious : all;
  const sick = new Set(candidates.flatMap(({ target }) => (target === null ? [] : [target])));
  /** How many of the sick ones it needs itself: the root of the trouble needs none. */
  const rank = ({ target }: Anomaly): number =>
    target === null ? 0 : [...graph.needsOf(target)].filter((name) => sick.has(name)).length;
  const led = candidates.toSorted((a, b) => rank(a) - rank(b) || compareSeverity(b.severity, a.severity));
  return [...led, ...all.filter((one) => !candidates.includes(one))];
}

/**
 * Title, target and kind follow the lead, and it stands first, so that everybody who shows the incident shows its
 * figure and its causes. An incident of many targets keeps the name that says so.
 */
export function withLead(record: IncidentRecord, graph: DependencyGraph): IncidentRecord {
  const lead = leadsOf(record, graph)[0];
  if (lead === undefined || record.commonCause || record.byHand) return record;
  const { incident } = record;
  const { target, kind } = lead;
  const isNamed = incident.target === target && incident.kind === kind;
  if (isNamed && incident.anomalies[0] === lead) return record;
  const anomalies = [lead, ...incident.anomalies.filter((other) => other !== lead)];
  return withIncident(record, isNamed ? { anomalies } : { anomalies, target, kind, title: titleOf(lead) });
}
