/** Incidents that turn out to be one: of a dependency that is sick, or of a cause that many targets share. */
import { isLive } from '../../domain/incident.ts';
import type { EpochMs } from '../../domain/units.ts';
import { absorb } from '../absorb.ts';
import { type CommonCause, describeCommonCause } from '../blast-radius.ts';
import { activeAnomalies, type IncidentRecord, withIncident, withLine } from '../incident-record.ts';
import type { Core } from './core.ts';

/** True when this incident is part of the dependency's now. */
export async function joinRoot(core: Core, id: string, root: string | null): Promise<boolean> {
  const record = core.incidents.get(id);
  if (root === null || record === undefined) return false;
  const graph = core.deps.targets.graph();
  const isExplained = activeAnomalies(record).every(
    ({ target }) => target !== null && graph.needsOf(target).has(root),
  );
  const leads = (other: IncidentRecord): boolean =>
    activeAnomalies(other).some((anomaly) => anomaly.target === root);
  return isExplained && joinFirst(core, id, leads);
}

/** True when this incident is part of the common cause now; the first one that asks becomes it. */
export async function joinCommonCause(core: Core, id: string, cause: CommonCause | null): Promise<boolean> {
  const record = core.incidents.get(id);
  const target = record?.incident.target ?? null;
  if (cause === null || record === undefined) return false;
  if (!record.commonCause && (target === null || !cause.sick.includes(target))) return false;
  const isCommon = (other: IncidentRecord): boolean => other.commonCause;
  return joinFirst(core, id, isCommon, (child, now) => asCommonCause(child, cause, now));
}

function asCommonCause(record: IncidentRecord, cause: CommonCause, now: EpochMs): IncidentRecord {
  if (record.commonCause) return record;
  const text = `${describeCommonCause(cause)}. One cause is likely; nothing is restarted.`;
  return withIncident(withLine({ ...record, commonCause: true }, now, 'note', text), {
    target: null,
    title: `${cause.sick.length} of ${cause.total} targets are sick`,
  });
}

/**
 * In one change, so that of many that ask at the same time exactly one is joined by the others.
 *
 * @param otherwise What becomes of the one that finds nobody to join.
 */
async function joinFirst(
  core: Core,
  id: string,
  fits: (record: IncidentRecord) => boolean,
  otherwise: (child: IncidentRecord, now: EpochMs) => IncidentRecord = (child) => child,
): Promise<boolean> {
  const now = core.deps.clock.now();
  let rootId: string | null = null;
  await core.incidents.changeAll((records) => {
    const child = records.find(({ incident }) => incident.id === id);
    if (child === undefined || !mayJoin(child)) return records;
    const root = records.find((record) => record !== child && isLive(record.incident) && fits(record));
    if (root === undefined) {
      const next = otherwise(child, now);
      return next === child ? records : records.map((record) => (record === child ? next : record));
    }
    rootId = root.incident.id;
    return absorb(records, child, root, { now, graph: core.deps.targets.graph() });
  });
  if (rootId === null) return false;
  core.poke(rootId);
  return true;
}

/** Only what waits may be moved: an action that runs is brought to its end where it began. */
function mayJoin({ incident }: IncidentRecord): boolean {
  const { kind } = incident.state;
  return kind === 'open' || kind === 'held';
}
