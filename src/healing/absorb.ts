/** Two incidents turn out to be one. Pure. */
import type { EpochMs } from '../domain/units.ts';
import type { DependencyGraph } from './dependencies.ts';
import { type IncidentRecord, resolved, withLine, withSeverity } from './incident-record.ts';
import { withShortChart } from './intake.ts';
import { withLead } from './leads.ts';

/**
 * Moves the anomalies of `child` into `root` and ends the child: it is part of the same trouble. Both in one
 * change, so that no crash can lose an anomaly or keep it twice.
 */
export function absorb(
  records: readonly IncidentRecord[],
  child: IncidentRecord,
  root: IncidentRecord,
  context: { readonly now: EpochMs; readonly graph: DependencyGraph },
): readonly IncidentRecord[] {
  const moved = child.incident.anomalies.filter((anomaly) => child.active.includes(anomaly.fingerprint));
  const { now } = context;
  const anomalies = [
    ...root.incident.anomalies.filter(
      (known) => !moved.some((other) => other.fingerprint === known.fingerprint),
    ),
    ...moved.map(withShortChart),
  ];
  const grown: IncidentRecord = {
    ...withLine(root, now, 'note', `${child.incident.title} (${child.incident.id}) is part of this.`),
    active: [...new Set([...root.active, ...child.active])],
    arrivedAt: now,
    criticalSince: root.criticalSince ?? child.criticalSince,
  };
  const withAll = withSeverity({ ...grown, incident: { ...grown.incident, anomalies } }, now);
  const ended = resolved(
    { ...child, active: [] },
    'joined',
    `${root.incident.title} (${root.incident.id})`,
    now,
  );
  return records.map((record) =>
    record === root ? withLead(withAll, context.graph) : record === child ? ended : record,
  );
}
