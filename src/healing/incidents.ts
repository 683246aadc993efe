/**
 * The incidents, kept over restarts. Saved first, announced after, each announcement once.
 *
 * What is still to be said stands in the same document as the change itself, so a crash between saving and saying
 * loses nothing; it is struck out as soon as it was said. A crash in that last moment repeats an announcement with
 * the same version, which every surface ignores. Resolved incidents move to a history of their own once they can
 * no longer reopen.
 */
import { z } from 'zod';
import type { Incident } from '../domain/incident.ts';
import type { Clock, StateStore } from '../domain/ports.ts';
import { days, type EpochMs, elapsed, type IncidentId, incidentId, type Ms } from '../domain/units.ts';
import { type AnnouncerDeps, announcementsOf, createAnnouncer } from './announcements.ts';
import { type IncidentRecord, RecordShape, type Undoable, waitOf } from './incident-record.ts';
import { IncidentShape } from './shapes.ts';
import { openStored, type Stored } from './stored.ts';

/** A change that nobody took back in that time is how they want it. */
const STANDING_KEPT: Ms = days(7);
const CLOSED_KEPT = 500;
const CHARTS_KEPT = 50;

export interface IncidentsDeps extends AnnouncerDeps {
  readonly states: StateStore;
  readonly clock: Clock;
}

export interface Incidents {
  /** Live ones, and resolved ones that may still reopen. */
  records(): readonly IncidentRecord[];
  get(id: string): IncidentRecord | undefined;
  /** Resolved for good, newest first. */
  closed(): readonly Incident[];
  /** Changes one record; saved, then announced. `undefined` when there is no such record. */
  change(id: string, change: (record: IncidentRecord) => IncidentRecord): Promise<IncidentRecord | undefined>;
  /** Changes all records in one write. */
  changeAll(change: (records: readonly IncidentRecord[]) => readonly IncidentRecord[]): Promise<void>;
  /** Says what a crash kept from being said. */
  announce(): Promise<void>;
  /** Moves what was resolved longer ago than `span` into history. */
  archive(span: Ms): Promise<void>;
  readonly warnings: readonly string[];
  /** True when a document could not be read: then healing must pause. */
  readonly isLost: boolean;
}

const OpenDocument: z.ZodType<OpenData> = z.object({
  records: z.array(RecordShape),
});
const ClosedDocument: z.ZodType<ClosedData> = z.object({
  incidents: z.array(IncidentShape),
});

/** @throws OpsError `STATE_UNWRITABLE` from every change; then nothing was changed and nothing announced. */
export async function openIncidents(deps: IncidentsDeps): Promise<Incidents> {
  const { states, clock } = deps;
  const open = await openStored(states, 'incidents', OpenDocument, { records: [] });
  const past = await openStored(states, 'incidents-closed', ClosedDocument, { incidents: [] });
  const announce = createAnnouncer(open, deps);
  const get = (id: string): IncidentRecord | undefined =>
    open.value.records.find((record) => record.incident.id === id);

  async function changeAll(
    change: (records: readonly IncidentRecord[]) => readonly IncidentRecord[],
  ): Promise<void> {
    const now = clock.now();
    await open.update((data) => {
      const next = change(data.records);
      return next === data.records ? data : { records: stamp(data.records, next, now) };
    });
    await announce();
  }

  return {
    records: () => open.value.records,
    get,
    closed: () => past.value.incidents,
    changeAll,
    announce,
    async change(id, change) {
      await changeAll((records) => {
        const at = records.findIndex((record) => record.incident.id === id);
        const before = records[at];
        const next = before === undefined ? undefined : change(before);
        return next === undefined || next === before ? records : records.with(at, next);
      });
      return get(id);
    },
    archive: (span) => archive(open, past, clock.now(), span),
    warnings: [open.warning, past.warning].filter((warning) => warning !== ''),
    isLost: open.origin === 'defaults',
  };
}

interface OpenData {
  readonly records: readonly IncidentRecord[];
}
interface ClosedData {
  readonly incidents: readonly Incident[];
}

/** Into history first: a crash in between leaves it in both, and the open one wins. */
async function archive(
  open: Stored<OpenData>,
  past: Stored<ClosedData>,
  now: EpochMs,
  span: Ms,
): Promise<void> {
  const done = open.value.records.filter((record) => isDone(record, now, span));
  if (done.length === 0) return;
  const ids = new Set(done.map((record) => record.incident.id));
  await past.update((data) => ({
    incidents: keep([...done.map((record) => record.incident), ...data.incidents]),
  }));
  await open.update((data) => ({ records: data.records.filter((record) => !ids.has(record.incident.id)) }));
}

/** A short id that no known incident has. */
export function newIncidentId(hex: (bytes: number) => string, isTaken: (id: string) => boolean): IncidentId {
  for (let tries = 0; tries < 20; tries += 1) {
    const id = `inc-${hex(2)}`;
    if (!isTaken(id)) return incidentId(id);
  }
  return incidentId(`inc-${hex(8)}`);
}

/** Counts the version up and notes what is to be said, wherever an incident changed. */
function stamp(
  before: readonly IncidentRecord[],
  after: readonly IncidentRecord[],
  now: EpochMs,
): readonly IncidentRecord[] {
  const known = new Map(before.map((record) => [record.incident.id, record]));
  return after.map((record) => {
    const was = known.get(record.incident.id);
    if (was?.incident === record.incident) return record;
    const incident = { ...record.incident, updatedAt: now, version: (was?.incident.version ?? 0) + 1 };
    const news = announcementsOf(was?.incident, incident);
    return {
      ...record,
      incident,
      said: record.said + news.length,
      pending: [...record.pending, ...news.map((item, index) => ({ ...item, seq: record.said + index + 1 }))],
    };
  });
}

/** Nothing more can happen to it: too old to reopen, all said, nothing left to take back by itself. */
function isDone({ incident, pending, undoable }: IncidentRecord, now: EpochMs, span: Ms): boolean {
  return (
    incident.state.kind === 'resolved' &&
    elapsed(incident.state.at, now) > span &&
    pending.length === 0 &&
    undoable.every((item) => !goesBack(item) && !isStanding(item, elapsed(incident.updatedAt, now)))
  );
}

function goesBack({ plan, dueAt }: Undoable): boolean {
  return dueAt !== null || waitOf(plan) !== null;
}

/** It holds until a person takes it back, who finds it in the status; for so long, not for ever. */
function isStanding({ plan }: Undoable, age: Ms): boolean {
  return 'goBackAfter' in plan.action && age <= STANDING_KEPT;
}

/** One entry an id, newest first; only the newest keep their charts, which are the bulk. */
function keep(incidents: readonly Incident[]): readonly Incident[] {
  const seen = new Set<string>();
  const unique = incidents.filter(({ id }) => !seen.has(id) && seen.add(id));
  return unique
    .slice(0, CLOSED_KEPT)
    .map((incident, index) => (index < CHARTS_KEPT ? incident : withoutCharts(incident)));
}

function withoutCharts(incident: Incident): Incident {
  if (incident.anomalies.every((anomaly) => anomaly.evidence.chart.length === 0)) return incident;
  return {
    ...incident,
    anomalies: incident.anomalies.map((anomaly) => ({
      ...anomaly,
      evidence: { ...anomaly.evidence, chart: [] },
    })),
  };
}
