/**
 * The shapes that answers are made of, as zod schemas tied to the views by their types: a field that a view gains
 * and no schema knows does not compile. Only the OpenAPI document needs them, so only it loads them.
 */
import { z } from 'zod';
import type { ApprovalView, PlanView } from '../approval-views.ts';
import type { BudgetView, ThrottleView } from '../budget-views.ts';
import type { QueueJson, TaskJson } from '../queue-views.ts';
import type { HealPlanView, MetricView, QuietView, WorkerView } from '../status-views.ts';
import type { AttemptView, IncidentView } from '../views.ts';

/** ISO 8601, UTC. */
export const time: z.ZodString = z.string().describe('ISO 8601, UTC');
export const word: z.ZodString = z.string();
export const count: z.ZodNumber = z.number();
export const words: z.ZodArray<z.ZodString> = z.array(word);
const maybeTime = time.nullable();
const maybeWord = word.nullable();
const maybeCount = count.nullable();
const severity = z.enum(['info', 'warning', 'critical']);
/** Rich evidence whose inside is told by docs/monitor.md. */
const unit = z.enum(['ratio', 'ms', 's', 'bytes/s', 'count', 'per-core', 'per-min', 'up', 'bytes']);

const Band = z.object({
  centre: maybeCount,
  low: maybeCount,
  high: maybeCount,
  warn: maybeCount,
  critical: maybeCount,
});

export const Metric: z.ZodType<MetricView> = z.object({
  metric: word,
  unit,
  value: maybeCount.describe('null = it could not be known'),
  time: maybeTime,
  band: Band,
  verdict: z.enum(['good', 'bad', 'unknown']),
});

const Anomaly = z.object({
  kind: word,
  severity,
  target: maybeWord,
  summary: word,
  witnesses: words,
  since: time,
  detectedAt: time,
  metric: word,
  unit,
  value: maybeCount,
  band: Band,
  score: count,
  lastedSeconds: count,
  causes: z.array(z.object({ text: word, time: maybeTime })),
  topProcesses: z.array(z.object({ pid: count, name: word, cpu: maybeCount, memoryBytes: maybeCount })),
  chart: z.array(z.object({ time, value: maybeCount })),
});

export const Attempt: z.ZodObject<Shape<AttemptView>> = z.object({
  actionId: word,
  strategy: word,
  rung: count,
  action: word,
  target: maybeWord,
  effect: word,
  startedAt: time,
  finishedAt: maybeTime,
  outcome: maybeWord,
  outcomeDetail: word,
  verification: maybeWord,
});

export const Incident: z.ZodType<IncidentView> = z.object({
  id: word,
  state: word,
  stateDetail: z.record(word, maybeWord),
  word,
  severity,
  title: word,
  host: word,
  target: maybeWord,
  kind: word,
  fingerprint: word,
  since: time,
  openedAt: time,
  updatedAt: time,
  resolvedAt: maybeTime,
  pagedAt: maybeTime,
  reopened: count,
  version: count,
  strategy: maybeWord,
  rung: count,
  approvalId: maybeWord,
  acknowledgedBy: maybeWord,
  acknowledgedAt: maybeTime,
  anomalies: z.array(Anomaly),
  attempts: z.array(Attempt),
  timeline: z.array(z.object({ time, tone: z.enum(['bad', 'act', 'good', 'note']), text: word })),
});

const Plan: z.ZodType<PlanView> = z.object({
  actionId: word,
  strategy: word,
  rung: count,
  action: word,
  target: maybeWord,
  effect: word,
  undo: maybeWord,
  critical: z.boolean(),
  idempotent: z.boolean(),
  attempt: count,
  attemptsAllowed: count,
});

export const Approval: z.ZodType<ApprovalView> = z.object({
  id: word,
  incidentId: word,
  state: z.enum(['pending', 'approved', 'denied', 'expired', 'void']),
  decidedAt: maybeTime,
  voidReason: maybeWord,
  plan: Plan,
  why: word,
  tried: word,
  requestedBy: maybeWord,
  requestedAt: time,
  expiresAt: time,
  approversNeeded: count,
  decisions: z.array(z.object({ verdict: word, by: word, surface: word, time, reason: word })),
});

export const HealPlan: z.ZodType<HealPlanView> = z.object({
  incidentId: word,
  strategy: maybeWord,
  note: word,
  rungs: z.array(
    z.object({
      plan: Plan,
      next: z.boolean(),
      refusedBy: maybeWord,
      reason: maybeWord,
      retryAt: maybeTime,
    }),
  ),
});

export const Quiet: z.ZodType<QuietView> = z.object({
  subject: maybeWord,
  until: time,
  by: word,
  reason: word,
});

export const Worker: z.ZodType<WorkerView> = z.object({
  worker: word,
  instance: count,
  state: word,
  pid: maybeCount,
  time: maybeTime,
  detail: word,
  exitsInTenMinutes: count,
  exitsInDay: count,
  lastExit: maybeWord,
});

export const Throttle: z.ZodType<ThrottleView> = z.object({
  target: maybeWord,
  rung: word,
  words: word,
  batchPercent: count,
  queuePercent: count,
  since: maybeTime,
  acting: z.boolean(),
  reason: word,
  steps: z.array(z.object({ target: word, state: word, effect: word, since: time })),
});

export const Budget: z.ZodType<BudgetView> = z.object({
  target: maybeWord,
  resource: word,
  limit: count,
  used: maybeCount,
  state: z.enum(['within', 'over', 'unknown']),
  overSince: maybeTime,
  source: z.enum(['config', 'set']),
  by: maybeWord,
  until: maybeTime,
});

export const Queue: z.ZodType<QueueJson> = z.object({
  queue: word,
  engine: word,
  depth: maybeCount,
  oldestSeconds: maybeCount,
  ratePerMinute: maybeCount,
  waitingByClass: z.record(word, count).nullable(),
  running: maybeCount,
  dead: maybeCount,
  paused: z.boolean().nullable(),
  draining: z.boolean().nullable(),
  concurrency: maybeCount,
  startsPerMinute: maybeCount,
  held: z.array(z.object({ class: word, until: time })),
  workers: maybeCount,
  stuck: maybeCount,
  reason: word,
});

export const Task: z.ZodType<TaskJson> = z.object({
  id: word,
  queue: word,
  task: word,
  class: maybeWord,
  priority: maybeCount,
  variables: z.record(word, word),
  submittedAt: time,
  by: word,
  attempts: count,
  idempotent: z.boolean(),
  key: maybeWord,
  state: z.enum(['waiting', 'delayed', 'running', 'done', 'dead', 'cancelled']),
  time,
  reason: word,
  tookSeconds: maybeCount,
  progress: maybeCount,
});

type Shape<View> = { [Key in keyof View]-?: z.ZodType<View[Key]> };
