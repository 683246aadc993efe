/**
 * What incidents, plans and approvals look like in a state document. A document that does not fit is treated as
 * unreadable by the state store: better paused and said than healed from garbage.
 */
import { z } from 'zod';
import { ANOMALY_KINDS, type Anomaly } from '../domain/anomaly.ts';
import type { Incident, IncidentState, TimelineEntry } from '../domain/incident.ts';
import type { Band, Sample } from '../domain/metric.ts';
import {
  ACTION_KINDS,
  type Action,
  type ActionPlan,
  type Attempt,
  type Errand,
  GATES,
  type Outcome,
  type Verification,
  type WorkPlan,
} from '../domain/strategy.ts';
import type { ActionId, ApprovalId, EpochMs, IncidentId, Ms } from '../domain/units.ts';

const isNumber = (value: unknown): boolean => typeof value === 'number' && Number.isFinite(value);
const isText = (value: unknown): boolean => typeof value === 'string' && value.length > 0;

export const Moment: z.ZodType<EpochMs> = z.custom<EpochMs>(isNumber, 'a moment in ISO 8601');
const Span: z.ZodType<Ms> = z.custom<Ms>(isNumber, 'a number of milliseconds');
export const ActionIdShape: z.ZodType<ActionId> = z.custom<ActionId>(isText, 'an action id');
export const IncidentIdShape: z.ZodType<IncidentId> = z.custom<IncidentId>(isText, 'an incident id');
export const ApprovalIdShape: z.ZodType<ApprovalId> = z.custom<ApprovalId>(isText, 'an approval id');

const Severity = z.enum(['info', 'warning', 'critical']);

const SampleShape: z.ZodType<Sample> = z.object({
  metric: z.string(),
  at: Moment,
  value: z.number().nullable(),
});

const BandShape: z.ZodType<Band> = z.object({
  centre: z.number().nullable(),
  low: z.number().nullable(),
  high: z.number().nullable(),
  warn: z.number().nullable(),
  critical: z.number().nullable(),
});

export const AnomalyShape: z.ZodType<Anomaly> = z.object({
  fingerprint: z.string().min(1),
  host: z.string(),
  target: z.string().nullable(),
  kind: z.enum(ANOMALY_KINDS),
  severity: Severity,
  witnesses: z.array(
    z.enum(['limit', 'probe', 'baseline', 'forest', 'host_score', 'shape', 'supervisor', 'external']),
  ),
  confirmed: z.boolean(),
  since: Moment,
  detectedAt: Moment,
  summary: z.string(),
  evidence: z.object({
    metric: z.string(),
    value: z.number().nullable(),
    band: BandShape,
    score: z.number(),
    lasted: Span,
    chart: z.array(SampleShape),
    topProcesses: z.array(
      z.object({
        pid: z.number(),
        name: z.string(),
        cpu: z.number().nullable(),
        memoryBytes: z.number().nullable(),
      }),
    ),
    causes: z.array(z.object({ text: z.string(), at: Moment.nullable() })),
  }),
});

const base = { target: z.string().nullable(), timeLimit: Span, needsApproval: z.boolean() };
const plain = <K extends string>(kind: K) => z.object({ ...base, kind: z.literal(kind) });
/** Plans of before this was known stay as they are until a person takes them back. */
const passing = { goBackAfter: Span.nullable().default(null) };

export const ActionShape: z.ZodType<Action> = z.discriminatedUnion('kind', [
  z.object({ ...base, kind: z.literal('rate_limit'), perSecond: z.number(), span: Span }),
  plain('restart_process'),
  plain('clear_cache'),
  plain('restart_worker'),
  z.object({ ...base, ...passing, kind: z.literal('llm_fallback') }),
  plain('restart_service'),
  z.object({ ...base, kind: z.literal('alert'), message: z.string() }),
  z.object({ ...base, ...passing, kind: z.literal('enable_cache') }),
  z.object({ ...base, ...passing, kind: z.literal('scale_up_workers'), by: z.number() }),
  z.object({ ...base, kind: z.literal('redistribute_tasks'), to: z.string().nullable() }),
  plain('save_snapshot'),
  z.object({ ...base, kind: z.literal('run_command'), command: z.string() }),
  z.object({
    ...base,
    kind: z.literal('http_call'),
    url: z.string(),
    method: z.enum(['POST', 'PUT', 'GET']),
  }),
  z.object({ ...base, kind: z.literal('trigger_workflow'), workflow: z.string() }),
]);

const planBase = {
  actionId: ActionIdShape,
  incidentId: IncidentIdShape,
  strategy: z.string(),
  rung: z.number(),
  target: z.string().nullable(),
  effect: z.string(),
  undo: z.string().nullable(),
  idempotent: z.boolean(),
  critical: z.boolean(),
  attempt: z.number(),
  attemptsAllowed: z.number(),
  hash: z.string(),
};

export const PlanShape: z.ZodType<ActionPlan> = z.object({ ...planBase, action: ActionShape });

const ErrandShape: z.ZodType<Errand> = z.discriminatedUnion('kind', [
  z.object({
    ...base,
    kind: z.literal('restore'),
    backup: z.string(),
    sections: z.array(z.string()),
    path: z.string().nullable(),
  }),
  z.object({ ...base, kind: z.literal('prune'), backups: z.array(z.string()) }),
]);

export const WorkPlanShape: z.ZodType<WorkPlan> = z.union([
  PlanShape,
  z.object({ ...planBase, action: ErrandShape }),
]);

export const OutcomeShape: z.ZodType<Outcome> = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('succeeded'), note: z.string() }),
  z.object({ kind: z.literal('dry-run') }),
  z.object({ kind: z.literal('failed'), reason: z.string() }),
  z.object({ kind: z.literal('unknown'), reason: z.string() }),
]);

export const VerificationShape: z.ZodType<Verification> = z.enum(['helped', 'no_effect', 'worse', 'unknown']);

const AttemptShape: z.ZodType<Attempt> = z.object({
  actionId: ActionIdShape,
  strategy: z.string(),
  rung: z.number(),
  kind: z.enum(ACTION_KINDS),
  target: z.string().nullable(),
  effect: z.string(),
  startedAt: Moment,
  finishedAt: Moment.nullable(),
  outcome: OutcomeShape.nullable(),
  verification: VerificationShape.nullable(),
});

const StateShape: z.ZodType<IncidentState> = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('open') }),
  z.object({ kind: z.literal('healing'), actionId: ActionIdShape }),
  z.object({ kind: z.literal('awaiting_approval'), approvalId: ApprovalIdShape }),
  z.object({ kind: z.literal('held'), gate: z.enum(GATES), reason: z.string(), retryAt: Moment.nullable() }),
  z.object({ kind: z.literal('verifying'), actionId: ActionIdShape, until: Moment }),
  z.object({
    kind: z.literal('resolved'),
    at: Moment,
    how: z.enum(['healed', 'recovered', 'by_hand', 'joined']),
    reason: z.string(),
  }),
  z.object({ kind: z.literal('escalated'), at: Moment, reason: z.string() }),
]);

export const TimelineShape: z.ZodType<TimelineEntry> = z.object({
  at: Moment,
  tone: z.enum(['bad', 'act', 'good', 'note']),
  text: z.string(),
});

export const IncidentShape: z.ZodType<Incident> = z.object({
  id: IncidentIdShape,
  fingerprint: z.string(),
  host: z.string(),
  target: z.string().nullable(),
  kind: z.enum(ANOMALY_KINDS),
  severity: Severity,
  worst: Severity.optional(),
  title: z.string(),
  state: StateShape,
  since: Moment,
  openedAt: Moment,
  updatedAt: Moment,
  version: z.number().int(),
  anomalies: z.array(AnomalyShape),
  strategy: z.string().nullable(),
  rung: z.number().int(),
  attempts: z.array(AttemptShape),
  timeline: z.array(TimelineShape),
  ack: z.object({ by: z.string(), at: Moment }).nullable(),
  pagedAt: Moment.nullable(),
  reopened: z.number().int(),
});
