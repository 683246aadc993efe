/**
 * What is said about an incident, and that it is said once.
 *
 * Announcements are numbered within their incident. One that was published is struck out of the document; in this
 * process the number alone keeps it from being published again.
 */
import { describeError } from '../domain/errors.ts';
import type { OpsEvent } from '../domain/events.ts';
import { type Incident, isLive, type TimelineEntry } from '../domain/incident.ts';
import type { AuditLog, Document, EventBus, Logger } from '../domain/ports.ts';
import { type IncidentId, toIso } from '../domain/units.ts';
import { NIGHTSHIFT } from './actors.ts';
import { type Announcement, ERRAND_PREFIX, type IncidentRecord } from './incident-record.ts';

export interface AnnouncerDeps {
  readonly bus: EventBus;
  readonly log: Logger;
  readonly audit: AuditLog;
}

interface Records {
  readonly records: readonly IncidentRecord[];
}

/** Publishes what is pending, each announcement once in this process, and strikes it out. */
export function createAnnouncer(open: Document<Records>, deps: AnnouncerDeps): () => Promise<void> {
  const { bus, log } = deps;
  /** The highest announcement that was published, by incident. */
  let said = new Map<IncidentId, number>();
  let tail: Promise<void> = Promise.resolve();

  async function publish({ incident, pending }: IncidentRecord): Promise<void> {
    for (const item of pending) {
      if (item.seq <= (said.get(incident.id) ?? 0)) continue;
      said.set(incident.id, item.seq);
      await writeDown(incident, item, deps);
      bus.publish(toEvent(incident, item));
    }
  }

  function strikeOut(record: IncidentRecord): IncidentRecord {
    const last = said.get(record.incident.id) ?? 0;
    const pending = record.pending.filter((item) => item.seq > last);
    return pending.length === record.pending.length ? record : { ...record, pending };
  }

  async function announce(): Promise<void> {
    const waiting = open.value.records.filter((record) => record.pending.length > 0);
    if (waiting.length === 0) return;
    const known = new Set(open.value.records.map((record) => record.incident.id));
    said = new Map([...said].filter(([id]) => known.has(id)));
    for (const record of waiting) await publish(record);
    try {
      await open.update((data) => ({ records: data.records.map(strikeOut) }));
    } catch (cause) {
      // The change itself is saved; at worst it is announced again after a restart, with the same version.
      log.error('announcements could not be struck out', { error: describeError(cause) });
    }
  }

  // One after the other, so that everybody hears of things in the order in which they were saved.
  return () => {
    tail = tail.then(announce);
    return tail;
  };
}

/** The log tells when an incident was opened, handed over and resolved; its figures come from there. */
async function writeDown(
  incident: Incident,
  item: Announcement,
  { audit, log }: AnnouncerDeps,
): Promise<void> {
  if (item.kind === 'updated') return;
  const text = item.line === null ? incident.title : `${incident.title}: ${item.line.text}`;
  try {
    await audit.append({
      kind: 'incident',
      actor: NIGHTSHIFT,
      text: `${item.kind}: ${text}`,
      incidentId: incident.id,
      ...(incident.target === null ? {} : { target: incident.target }),
      ...(incident.strategy === null ? {} : { strategy: incident.strategy }),
      data: {
        change: item.kind,
        title: incident.title,
        state: incident.state.kind,
        ...(incident.state.kind === 'resolved' ? { how: incident.state.how } : {}),
        severity: incident.severity,
        since: toIso(incident.since),
        ...(incident.fingerprint.startsWith(ERRAND_PREFIX) ? { errand: true } : {}),
      },
    });
  } catch (cause) {
    log.error('incident could not be logged', { incidentId: incident.id, error: describeError(cause) });
  }
}

/** One announcement a new line, so that a thread shows each; the last one tells what the change was. */
export function announcementsOf(
  before: Incident | undefined,
  after: Incident,
): readonly Omit<Announcement, 'seq'>[] {
  const known = before?.timeline ?? [];
  const lines = after.timeline.filter((line) => !known.includes(line));
  const last = lines.at(-1) ?? null;
  const kind = kindOf(before, after);
  if (kind === 'opened') return [{ kind, line: last }];
  const earlier = lines.slice(0, -1).map((line) => ({ kind: 'updated' as const, line }));
  return [...earlier, { kind, line: last }];
}

function kindOf(before: Incident | undefined, after: Incident): Announcement['kind'] {
  if (before === undefined) return 'opened';
  if (!isLive(after) && isLive(before)) return 'resolved';
  const wasPaged = after.pagedAt !== null && after.pagedAt !== before.pagedAt;
  const wasEscalated = after.state.kind === 'escalated' && before.state.kind !== 'escalated';
  return wasPaged || wasEscalated ? 'escalated' : 'updated';
}

function toEvent(incident: Incident, { kind, line }: Announcement): OpsEvent {
  switch (kind) {
    case 'opened':
      return { type: 'incident.opened', incident };
    case 'updated':
      return { type: 'incident.updated', incident, line };
    case 'escalated':
      return { type: 'incident.escalated', incident, line: line ?? lastLine(incident) };
    case 'resolved':
      return { type: 'incident.resolved', incident, line: line ?? lastLine(incident) };
  }
}

function lastLine(incident: Incident): TimelineEntry {
  return incident.timeline.at(-1) ?? { at: incident.updatedAt, tone: 'note', text: incident.title };
}
