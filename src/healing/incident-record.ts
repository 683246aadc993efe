/**
 * An incident as it is kept: what people see, and beside it what the state machine needs to go on after a crash.
 * Pure changes only; saving and announcing is incidents.ts.
 */
import { z } from 'zod';
import { type Anomaly, compareSeverity, type Severity } from '../domain/anomaly.ts';
import {
  gravest,
  type Incident,
  type IncidentState,
  isLive,
  stateWord,
  type TimelineEntry,
} from '../domain/incident.ts';
import type { ActionPlan } from '../domain/strategy.ts';
import type { EpochMs, IncidentId, Ms } from '../domain/units.ts';
import { IncidentShape, Moment, PlanShape, TimelineShape } from './shapes.ts';

/** How the fingerprint of an errand begins: no anomaly ever has one like it. */
export const ERRAND_PREFIX = 'errand/';

const LONGEST_TIMELINE = 200;
const KEPT_FROM_START = 20;
const LONGEST_LINE = 1_500;

/** What has been said of it, or is still to be said. */
export interface Announcement {
  readonly seq: number;
  readonly kind: 'opened' | 'updated' | 'escalated' | 'resolved';
  readonly line: TimelineEntry | null;
}

/** The action whose result is looked for. */
export interface Acting {
  readonly plan: ActionPlan;
  /** The anomaly it was meant to end, with what it looked like before. */
  readonly fingerprint: string;
  readonly metric: string;
  readonly severity: Severity;
  readonly startedAt: EpochMs;
  /** Only samples after this are fresh evidence. */
  readonly endedAt: EpochMs | null;
  /** A person asked for it: what comes of it is theirs to judge, the ladder does not go on by itself. */
  readonly byHand: boolean;
}

/** A deed that can be taken back; its plan names an undo. */
export interface Undoable {
  readonly plan: ActionPlan;
  /** Taken back by itself then; `null` = only when it made things worse, or by a person. */
  readonly dueAt: EpochMs | null;
}

export interface IncidentRecord {
  readonly incident: Incident;
  /** Fingerprints that are confirmed and not cleared. */
  readonly active: readonly string[];
  /** When it was opened, or opened again. */
  readonly episodeAt: EpochMs;
  readonly criticalSince: EpochMs | null;
  /** When the last anomaly came to it, and when its evidence was last renewed. */
  readonly arrivedAt: EpochMs;
  readonly evidenceAt: EpochMs;
  /** Must go to a person at once, and why. */
  readonly handOver: string | null;
  /** Opened by a person's `heal run`, not by an anomaly. */
  readonly byHand: boolean;
  readonly commonCause: boolean;
  readonly acting: Acting | null;
  readonly undoable: readonly Undoable[];
  /** Announcements made so far. */
  readonly said: number;
  readonly pending: readonly Announcement[];
}

const SeverityShape = z.enum(['info', 'warning', 'critical']);

export const RecordShape: z.ZodType<IncidentRecord> = z.object({
  incident: IncidentShape,
  active: z.array(z.string()),
  episodeAt: Moment,
  criticalSince: Moment.nullable(),
  arrivedAt: Moment,
  evidenceAt: Moment,
  handOver: z.string().nullable(),
  byHand: z.boolean(),
  commonCause: z.boolean(),
  acting: z
    .object({
      plan: PlanShape,
      fingerprint: z.string(),
      metric: z.string(),
      severity: SeverityShape,
      startedAt: Moment,
      endedAt: Moment.nullable(),
      byHand: z.boolean(),
    })
    .nullable(),
  undoable: z.array(z.object({ plan: PlanShape, dueAt: Moment.nullable() })),
  said: z.number().int(),
  pending: z.array(
    z.object({
      seq: z.number().int(),
      kind: z.enum(['opened', 'updated', 'escalated', 'resolved']),
      line: TimelineShape.nullable(),
    }),
  ),
});

/** A record of its own for an anomaly; version and announcements are counted when it is saved. */
export function newRecord(
  id: IncidentId,
  anomaly: Anomaly,
  now: EpochMs,
  over: { readonly title: string; readonly target: string | null },
): IncidentRecord {
  return {
    incident: {
      id,
      fingerprint: anomaly.fingerprint,
      host: anomaly.host,
      target: over.target,
      kind: anomaly.kind,
      severity: anomaly.severity,
      title: over.title,
      state: { kind: 'open' },
      since: anomaly.since,
      openedAt: now,
      updatedAt: now,
      version: 0,
      anomalies: [anomaly],
      strategy: null,
      rung: 0,
      attempts: [],
      timeline: [],
      ack: null,
      pagedAt: null,
      reopened: 0,
    },
    active: [anomaly.fingerprint],
    episodeAt: now,
    criticalSince: anomaly.severity === 'critical' ? now : null,
    arrivedAt: now,
    evidenceAt: now,
    handOver: null,
    byHand: false,
    commonCause: false,
    acting: null,
    undoable: [],
    said: 0,
    pending: [],
  };
}

/** The card of work that a person asks for and that no anomaly led to. */
export function newErrand(id: IncidentId, host: string, title: string, now: EpochMs): IncidentRecord {
  return {
    incident: {
      id,
      fingerprint: `${ERRAND_PREFIX}${id}`,
      host,
      target: null,
      kind: 'self_unhealthy',
      severity: 'warning',
      title,
      state: { kind: 'open' },
      since: now,
      openedAt: now,
      updatedAt: now,
      version: 0,
      anomalies: [],
      strategy: null,
      rung: 0,
      attempts: [],
      timeline: [],
      ack: null,
      pagedAt: null,
      reopened: 0,
    },
    active: [],
    episodeAt: now,
    criticalSince: null,
    arrivedAt: now,
    evidenceAt: now,
    handOver: null,
    byHand: true,
    commonCause: false,
    acting: null,
    undoable: [],
    said: 0,
    pending: [],
  };
}

/** Adds one line; the first lines tell how it began and are never dropped. */
export function withLine(
  record: IncidentRecord,
  at: EpochMs,
  tone: TimelineEntry['tone'],
  text: string,
): IncidentRecord {
  const line: TimelineEntry = { at, tone, text: text.slice(0, LONGEST_LINE) };
  const all = [...record.incident.timeline, line];
  const timeline =
    all.length <= LONGEST_TIMELINE
      ? all
      : [...all.slice(0, KEPT_FROM_START), ...all.slice(KEPT_FROM_START - LONGEST_TIMELINE)];
  return { ...record, incident: { ...record.incident, timeline } };
}

/** Moves to a state. An acknowledgement holds for the state it was given in, as people see that state. */
export function withState(record: IncidentRecord, state: IncidentState): IncidentRecord {
  const { incident } = record;
  const ack = stateWord(incident.state) === stateWord(state) ? incident.ack : null;
  return { ...record, incident: { ...incident, state, ack } };
}

export function withIncident(record: IncidentRecord, over: Partial<Incident>): IncidentRecord {
  return { ...record, incident: { ...record.incident, ...over } };
}

export function activeAnomalies(record: IncidentRecord): readonly Anomaly[] {
  const active = new Set(record.active);
  return record.incident.anomalies.filter((anomaly) => active.has(anomaly.fingerprint));
}

/** The severity of an incident is that of its worst active anomaly; when none is active it stays as it was. */
export function withSeverity(record: IncidentRecord, now: EpochMs): IncidentRecord {
  const worst = activeAnomalies(record).reduce<Severity | null>(
    (most, { severity }) => (most === null || compareSeverity(severity, most) > 0 ? severity : most),
    null,
  );
  if (worst === null || worst === record.incident.severity) return record;
  const known = gravest(record.incident);
  const incident = {
    ...record.incident,
    severity: worst,
    worst: compareSeverity(worst, known) > 0 ? worst : known,
    ack: null,
  };
  const since = worst === 'critical' ? (record.criticalSince ?? now) : null;
  return withLine({ ...record, incident, criticalSince: since }, now, 'bad', `Severity is ${worst} now.`);
}

/** `null` for a deed that stays until somebody takes it back. */
export function waitOf({ action }: ActionPlan): Ms | null {
  return 'goBackAfter' in action ? action.goBackAfter : null;
}

/** Ends it, whatever the state; what only a live incident needs is dropped. */
export function resolved(
  record: IncidentRecord,
  how: 'healed' | 'recovered' | 'by_hand' | 'joined',
  reason: string,
  at: EpochMs,
): IncidentRecord {
  if (!isLive(record.incident)) return record;
  const ended = withState({ ...record, acting: null, handOver: null }, { kind: 'resolved', at, how, reason });
  return withLine(ended, at, how === 'joined' ? 'note' : 'good', sentence(how, reason));
}

function sentence(how: 'healed' | 'recovered' | 'by_hand' | 'joined', reason: string): string {
  switch (how) {
    case 'healed':
      return `Healed: ${reason}.`;
    case 'recovered':
      return `Over: ${reason}.`;
    case 'by_hand':
      return `Closed by hand: ${reason}.`;
    case 'joined':
      return `Part of another incident: ${reason}.`;
  }
}
