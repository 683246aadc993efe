/** Calls people when it is time, and hands incidents to them when healing has come to its end. */
import { isLive } from '../../domain/incident.ts';
import { familyOf } from '../../domain/metric.ts';
import { after, type EpochMs } from '../../domain/units.ts';
import { type IncidentRecord, withIncident, withLine, withState } from '../incident-record.ts';
import { findMaintenance } from '../interlocks.ts';
import { whyPage } from '../pages.ts';
import type { Core } from './core.ts';

/** Called after every step, and once a second for everything live. */
export async function pageIfDue(core: Core, id: string): Promise<void> {
  const record = core.incidents.get(id);
  if (record === undefined || whyNow(core, record) === null) return;
  const now = core.deps.clock.now();
  await core.incidents.change(id, (latest) => {
    const why = whyNow(core, latest);
    return why === null
      ? latest
      : withIncident(withLine(latest, now, 'bad', `People were called: ${why}.`), { pagedAt: now });
  });
}

/** Ends healing for this incident: a person leads from here. */
export async function escalate(core: Core, id: string, reason: string): Promise<void> {
  const now = core.deps.clock.now();
  await core.incidents.change(id, (record) => withEscalation(core, record, reason, now));
}

/** The change alone, for steps that save it together with other things. */
export function withEscalation(
  core: Core,
  record: IncidentRecord,
  reason: string,
  now: EpochMs,
): IncidentRecord {
  if (!isLive(record.incident) || record.incident.state.kind === 'escalated') return record;
  const handed = withState(
    { ...record, acting: null, handOver: null },
    { kind: 'escalated', at: now, reason },
  );
  const isCalled = !isQuiet(core, record) && record.incident.severity !== 'info';
  const pagedAt = record.incident.pagedAt ?? (isCalled ? now : null);
  return withIncident(withLine(handed, now, 'bad', `Handed to a person: ${reason.replace(/\.$/, '')}.`), {
    pagedAt,
  });
}

function whyNow(core: Core, record: IncidentRecord): string | null {
  const { deps, deadlines } = core;
  const { incident } = record;
  const hold = deps.config.current().pageHold;
  const from = record.criticalSince ?? record.episodeAt;
  const holdUntil = after(from, hold);
  return whyPage({
    incident,
    isTried: isTried(record),
    isHoldOver: deadlines.isOver(`page:${incident.id}`, holdUntil, hold),
    holdUntil,
    isQuiet: isQuiet(core, record),
    isCommonCause: record.commonCause,
  });
}

/** Did healing do anything in this episode that could have helped? */
export function isTried({ incident, episodeAt }: IncidentRecord): boolean {
  return incident.attempts.some(
    ({ kind, startedAt }) => startedAt >= episodeAt && kind !== 'save_snapshot' && kind !== 'alert',
  );
}

/** Somebody said that nobody should be woken for this. */
export function isQuiet(core: Core, { incident }: IncidentRecord): boolean {
  const { deps, switches } = core;
  const metrics = incident.anomalies.flatMap(({ evidence }) => [evidence.metric, familyOf(evidence.metric)]);
  const isSilenced = switches
    .silences()
    .some(({ subject }) => subject === incident.target || metrics.includes(subject));
  return (
    isSilenced ||
    findMaintenance({
      target: incident.target,
      now: deps.clock.now(),
      timezone: deps.timezone,
      weekly: deps.config.current().maintenance,
      windows: switches.maintenance(),
    }) !== null
  );
}
