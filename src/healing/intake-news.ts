/**
 * What arrives and is no news: it says what was, not what is. Pure. Nothing is lost by passing it over: reconciling
 * offers whatever is still confirmed again, and fresh samples decide (engine/reconcile.ts, settling.ts).
 */
import type { Anomaly } from '../domain/anomaly.ts';
import { isLive } from '../domain/incident.ts';
import { type EpochMs, elapsed, type Ms } from '../domain/units.ts';
import type { IncidentRecord } from './incident-record.ts';

export interface NewsContext {
  readonly now: EpochMs;
  readonly reopenWithin: Ms;
  /** Only what was left of a dependency's trouble that is over; see settling.ts. */
  readonly isSettling: (anomaly: Anomaly) => boolean;
}

export function isOldNews(
  records: readonly IncidentRecord[],
  { kind, anomaly }: { readonly kind: 'detected' | 'updated'; readonly anomaly: Anomaly },
  context: NewsContext,
): boolean {
  const knowing = records.filter(({ incident }) =>
    incident.anomalies.some(({ fingerprint }) => fingerprint === anomaly.fingerprint),
  );
  if (kind === 'updated' && isBelievedOver(knowing, anomaly, context)) return true;
  return !knowing.some(({ incident }) => isLive(incident)) && context.isSettling(anomaly);
}

/** The monitor clears later than a verified action ends an anomaly; until then its updates are no news. */
function isBelievedOver(
  knowing: readonly IncidentRecord[],
  { fingerprint }: Anomaly,
  { now, reopenWithin }: NewsContext,
): boolean {
  const live = knowing.filter(({ incident }) => isLive(incident));
  if (live.length > 0) return live.every(({ active }) => !active.includes(fingerprint));
  return knowing.some(
    ({ incident: { state } }) => state.kind === 'resolved' && elapsed(state.at, now) <= reopenWithin,
  );
}
