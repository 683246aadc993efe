/**
 * To which incident does an anomaly belong? Pure. In this order: the one that knows it, the one of the dependency
 * that explains it, the one it was resolved in a short while ago, the one of the same target within a minute, the
 * one common cause. `null` = an incident of its own.
 */
import type { Anomaly } from '../domain/anomaly.ts';
import { isLive } from '../domain/incident.ts';
import { type EpochMs, elapsed, type Ms } from '../domain/units.ts';
import type { CommonCause } from './blast-radius.ts';
import { type DependencyGraph, sickRootOf, type Wellness } from './dependencies.ts';
import { activeAnomalies, type IncidentRecord } from './incident-record.ts';

/** More than this at once is one trouble, whatever it looks like; each further anomaly joins the last incident. */
export const MOST_LIVE = 200;

export interface HomeContext {
  readonly now: EpochMs;
  readonly joinWithin: Ms;
  readonly reopenWithin: Ms;
  readonly graph: DependencyGraph;
  readonly wellness: (target: string) => Wellness;
  readonly commonCause: CommonCause | null;
}

export interface Home {
  readonly record: IncidentRecord;
  readonly how: 'known' | 'reopens' | 'joins';
}

export function findHome(
  records: readonly IncidentRecord[],
  anomaly: Anomaly,
  context: HomeContext,
): Home | null {
  const live = records.filter(({ incident }) => isLive(incident));
  const knows = ({ incident }: IncidentRecord): boolean =>
    incident.anomalies.some((known) => known.fingerprint === anomaly.fingerprint);

  const known = live.find(knows);
  if (known !== undefined) return { record: known, how: 'known' };

  const related = live.find((record) => sharesRoot(record, anomaly, context));
  if (related !== undefined) return { record: related, how: 'joins' };

  const past = records.find((record) => knows(record) && mayReopen(record, context));
  if (past !== undefined) return { record: past, how: 'reopens' };

  const same = live.find(
    (record) =>
      elapsed(record.arrivedAt, context.now) <= context.joinWithin &&
      activeAnomalies(record).some((other) => other.host === anomaly.host && other.target === anomaly.target),
  );
  if (same !== undefined) return { record: same, how: 'joins' };

  const isMuch = live.length >= MOST_LIVE;
  const common = live.find(
    (record) => record.commonCause && (isMuch || isPartOf(context.commonCause, anomaly)),
  );
  return common === undefined ? null : { record: common, how: 'joins' };
}

/** Resolved a short while ago; what was only joined to another incident does not come back on its own. */
function mayReopen({ incident }: IncidentRecord, { now, reopenWithin }: HomeContext): boolean {
  const { state } = incident;
  return state.kind === 'resolved' && state.how !== 'joined' && elapsed(state.at, now) <= reopenWithin;
}

/**
 * One depends on the other, or both on a third that is not well. Siblings of a healthy dependency join only when
 * they fell sick within the same minute: then the dependency may be found sick a moment later.
 */
function sharesRoot(record: IncidentRecord, anomaly: Anomaly, context: HomeContext): boolean {
  const { graph } = context;
  const { target } = anomaly;
  if (target === null) return false;
  const needs = graph.needsOf(target);
  const isAlone = needs.size === 0 && graph.dependantsOf(target).length === 0;
  if (isAlone) return false;
  const root = sickRootOf(target, graph, context.wellness)?.name;
  const isFresh = elapsed(record.arrivedAt, context.now) <= context.joinWithin;
  return activeAnomalies(record).some((other) => {
    if (other.target === null || other.target === target) return false;
    const otherNeeds = graph.needsOf(other.target);
    if (needs.has(other.target) || otherNeeds.has(target)) return true;
    if (root !== undefined && otherNeeds.has(root)) return true;
    return isFresh && [...needs].some((name) => otherNeeds.has(name));
  });
}

function isPartOf(cause: CommonCause | null, { target }: Anomaly): boolean {
  return cause !== null && target !== null && cause.sick.includes(target);
}
