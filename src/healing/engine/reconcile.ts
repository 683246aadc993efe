/**
 * Events can be lost in a restart; what is true is not. Now and then the open incidents are held against what the
 * monitor knows: a confirmed anomaly without an incident is taken in, one that is gone is cleared, but only by
 * fresh good samples: that the monitor has forgotten it proves nothing.
 */
import type { Anomaly } from '../../domain/anomaly.ts';
import { isLive } from '../../domain/incident.ts';
import type { JudgedSample } from '../../domain/metric.ts';
import { before, type EpochMs, elapsed, type Ms, seconds } from '../../domain/units.ts';
import { activeAnomalies, type IncidentRecord } from '../incident-record.ts';
import type { Arrival } from '../intake.ts';
import type { Core } from './core.ts';

const FRESH: Ms = seconds(120);
const GOOD_TO_CLEAR = 3;
const BAD_TO_REOPEN = 2;

/** What the monitor's own events should have said. */
export function findMissed({ deps, incidents }: Pick<Core, 'deps' | 'incidents'>): readonly Arrival[] {
  const now = deps.clock.now();
  const active = deps.metrics.activeAnomalies();
  const records = incidents.records();
  return [
    ...active
      .filter((anomaly) => isMissing(anomaly, records, deps, now))
      .map((anomaly) => ({ kind: 'detected' as const, anomaly })),
    ...records
      .filter(({ incident }) => isLive(incident))
      .flatMap((record) => activeAnomalies(record))
      .filter((anomaly) => !active.some((other) => other.fingerprint === anomaly.fingerprint))
      .filter((anomaly) => isWell(anomaly, deps, now))
      .map(({ fingerprint, evidence }) => ({
        kind: 'cleared' as const,
        fingerprint,
        text: `${evidence.metric} is back to normal.`,
      })),
  ];
}

function isMissing(
  anomaly: Anomaly,
  records: readonly IncidentRecord[],
  deps: Core['deps'],
  now: EpochMs,
): boolean {
  const knowing = records.filter(({ incident }) =>
    incident.anomalies.some((known) => known.fingerprint === anomaly.fingerprint),
  );
  const live = knowing.filter(({ incident }) => isLive(incident));
  if (live.some(({ active }) => active.includes(anomaly.fingerprint))) return false;
  if (live.length > 0) return isBad(deps, anomaly, before(now, FRESH));
  const past = knowing
    .map(({ incident }) => incident.state)
    .find(
      (state) => state.kind === 'resolved' && elapsed(state.at, now) <= deps.config.current().reopenWithin,
    );
  if (past?.kind !== 'resolved') return true;
  // The monitor clears later than a verified action resolves; only bad samples since then bring it back.
  if (past.how === 'by_hand' || past.how === 'joined') return false;
  return isBad(deps, anomaly, past.at);
}

function isBad(deps: Core['deps'], anomaly: Anomaly, since: EpochMs): boolean {
  return lastOf(deps, anomaly, since).filter(({ verdict }) => verdict === 'bad').length >= BAD_TO_REOPEN;
}

/** At least three fresh samples, and the last three all good. */
function isWell(anomaly: Anomaly, deps: Core['deps'], now: EpochMs): boolean {
  const from = Math.max(before(now, FRESH), anomaly.detectedAt) as EpochMs;
  const last = lastOf(deps, anomaly, from);
  return last.length === GOOD_TO_CLEAR && last.every(({ verdict }) => verdict === 'good');
}

function lastOf({ metrics }: Core['deps'], { evidence }: Anomaly, since: EpochMs): readonly JudgedSample[] {
  return metrics.judgedSince(evidence.metric, since).slice(-GOOD_TO_CLEAR);
}
