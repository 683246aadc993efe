/**
 * A heal that does not last was none. When what an action was seen to help comes back in the same incident, trust is
 * lost, and after three of them the breaker opens: what flaps is not healed again and again.
 */
import type { IncidentRecord } from '../incident-record.ts';
import { activeAnomalies } from '../incident-record.ts';
import type { Core } from './core.ts';

/** Counted once for each action, however often it is looked at. */
export async function countRelapse({ ledger }: Core, record: IncidentRecord): Promise<void> {
  const last = record.incident.attempts.at(-1);
  if (record.incident.reopened === 0 || last?.verification !== 'helped') return;
  const isBack = activeAnomalies(record).some(({ target }) => target === last.target);
  if (isBack && last.startedAt < record.episodeAt) await ledger.relapse(last.actionId);
}
