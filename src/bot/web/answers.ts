/**
 * What each route answers when it is done, by method and path: the half of the OpenAPI document that the route table
 * does not hold. Loaded when the document is asked for, and by nobody else. A test holds it against a running server.
 */
import { z } from 'zod';
import type { BudgetPageView } from '../budget-views.ts';
import type { StatusView } from '../status-views.ts';
import {
  Approval,
  Attempt,
  Budget,
  count,
  HealPlan,
  Incident,
  Metric,
  Queue,
  Quiet,
  Task,
  Throttle,
  time,
  Worker,
  word,
  words,
} from './answer-shapes.ts';

export interface Answer {
  readonly status: string;
  readonly type: string;
  readonly schema: z.ZodType;
}

const yes = z.boolean();
const Done = json(z.object({ ok: yes }));
const Reply = json(z.object({ ok: yes, code: word, text: word, data: z.unknown() }));
const Ping = json(z.object({ ok: yes }));
const Suggestion = z.looseObject({ id: word, metric: word, state: word, madeAt: time, reason: word });
const Series = z.array(count.nullable());

const Status: z.ZodType<StatusView> = z.object({
  host: word,
  version: word,
  mode: z.enum(['dry-run', 'production']),
  freeze: z.object({ scope: word, until: time, by: word, reason: word }).nullable(),
  startedAt: time,
  now: time,
  timezone: word,
  incidents: z.array(Incident),
  pendingApprovals: z.array(Approval),
  metrics: z.array(Metric),
  surfaces: z.record(word, z.object({ state: word, since: time, reason: word })),
  tonight: z.object({ since: time, found: count, healed: count, paged: count }),
  standing: z.array(
    z.object({
      incidentId: word,
      kind: word,
      target: word.nullable(),
      text: word,
      effect: word,
      undo: word,
      since: time,
      until: time.nullable(),
      goesBackAfterSeconds: count.nullable(),
    }),
  ),
  throttle: z.array(Throttle),
  complaints: words,
});

const BudgetPage: z.ZodType<Record<keyof BudgetPageView, unknown>> = z.object({
  budgets: z.array(Budget),
  throttle: z.array(Throttle),
  tuning: word,
  lastRun: time.nullable(),
  profiles: z.array(z.looseObject({ metric: word, unit: word, kind: word, days: count, hours: Series })),
  suggestions: z.array(Suggestion),
  forecasts: z.array(z.looseObject({ subject: word, metric: word, likelySeconds: count, text: word })),
});

const Healing = z.object({
  strategies: z.array(
    z.object({
      name: word,
      enabled: yes,
      autonomy: z.enum(['suggest', 'ask', 'auto']),
      locked: yes,
      matches: word,
      rungs: words,
    }),
  ),
  history: z.array(Attempt.extend({ incidentId: word })),
  checks: z.array(
    z.object({ strategy: word, target: word, rung: count, action: word, runnable: yes, reason: word }),
  ),
  silences: z.array(Quiet),
  maintenance: z.array(Quiet),
});

const Progress = z
  .looseObject({
    what: word,
    doneBytes: count,
    totalBytes: count,
    percent: count.nullable(),
    bytesPerSecond: count.nullable(),
    left: count.nullable().describe('milliseconds'),
  })
  .nullable();

const Backups = z.object({
  backups: z.array(z.looseObject({ id: word, at: time, archiveBytes: count })),
  newestVerified: word.nullable(),
  drills: z.array(z.looseObject({ at: time })),
  complaints: words,
  running: Progress,
  restore: z.looseObject({ kind: z.enum(['none', 'running', 'waiting', 'done', 'rolled_back']) }),
});

const AuditLine = z.looseObject({
  seq: count,
  time,
  kind: word,
  actor: word,
  text: word,
  prev: word,
  hash: word,
});

const Session = z.object({
  who: word,
  roles: words,
  csrf: word.nullable(),
  expiresAt: time.nullable(),
  host: word,
  version: word,
  demo: yes,
});

const MetricsNow = z.object({
  now: time,
  metrics: z.array(Metric),
  series: z
    .array(
      z.object({
        metric: word,
        from: time,
        to: time,
        stepSeconds: count,
        mean: Series,
        low: Series,
        high: Series,
      }),
    )
    .optional(),
});

const Verdict = z.union([
  z.object({ kind: z.literal('intact'), lines: count, head: word, files: count }),
  z.object({ kind: z.literal('broken'), file: word, line: count, reason: word, linesBefore: count }),
]);

const Parts = z.record(word, z.object({ ok: yes, needed: yes, text: word }));

export const ANSWERS: Readonly<Record<string, Answer>> = {
  'GET /healthz': json(z.object({ ok: yes, version: word, uptimeSeconds: count })),
  'GET /readyz': json(z.object({ ready: yes, parts: Parts })),
  'GET /metrics': text('text/plain'),
  'GET /login': text('text/html'),
  'POST /api/login': Done,
  'GET /api/session': json(Session),
  'POST /api/logout': Done,
  'POST /api/login-links': json(z.object({ url: word, expiresAt: time })),
  'GET /api/status': json(Status),
  'GET /api/approvals': json(z.object({ approvals: z.array(Approval) })),
  'GET /api/workers': json(z.object({ workers: z.array(Worker) })),
  'GET /api/tasks': json(
    z.object({ queues: z.array(Queue), tasks: z.array(Task), total: count.nullable(), unknown: words }),
  ),
  'GET /api/tasks/:id': json(z.object({ task: Task, log: words })),
  'POST /api/tasks': { ...json(z.looseObject({ task: Task.nullable() })), status: '2XX' },
  'GET /api/budget': json(BudgetPage),
  'GET /api/healing': json(Healing),
  'GET /api/incidents': json(z.object({ incidents: z.array(Incident) })),
  'GET /api/incidents/:id': json(
    z.object({ incident: Incident, plan: HealPlan.nullable(), approvals: z.array(Approval) }),
  ),
  'GET /api/metrics': json(MetricsNow),
  'POST /api/metrics': json(
    z.object({ accepted: count, refused: z.array(z.object({ metric: word, reason: word })) }),
    '202',
  ),
  'GET /api/backups': json(Backups),
  'GET /api/backups/progress': json(z.object({ running: Progress })),
  'GET /api/audit': json(z.object({ lines: z.array(AuditLine) })),
  'GET /api/audit/verify': json(Verdict),
  'GET /api/events': text('text/event-stream'),
  'POST /api/commands': Reply,
  'POST /api/approvals/:id': Reply,
  'GET /api/demo': json(
    z.object({ faults: z.array(z.object({ name: word, label: word, summary: word, active: yes })) }),
  ),
  'POST /api/demo/faults': Reply,
  'GET /api/openapi.json': json(z.looseObject({ openapi: word, paths: z.record(word, z.unknown()) })),
  'POST /hooks/:source/:token': json(z.looseObject({ accepted: count }), '202'),
  'GET /ping/:id': Ping,
  'POST /ping/:id': Ping,
  'GET /ping/:id/:signal': Ping,
  'POST /ping/:id/:signal': Ping,
  'POST /slack/events': { ...text('application/json'), schema: z.unknown() },
};

function json(schema: z.ZodType, status = '200'): Answer {
  return { status, type: 'application/json', schema };
}

function text(type: string): Answer {
  return { status: '200', type, schema: word };
}
