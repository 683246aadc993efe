/** Reading routes: everything a viewer may see, as plain JSON. */
import { z } from 'zod';
import type { OpsControls } from '../../../domain/controls.ts';
import { INCIDENT_STATES } from '../../../domain/incident.ts';
import { AUDIT_KINDS } from '../../../domain/ports.ts';
import { problem } from '../../../platform/http-problem.ts';
import { approvalView } from '../../approval-views.ts';
import { budgetPageView } from '../../budget-views.ts';
import { momentOf, since } from '../../commands/options.ts';
import { healPlanView, maintenanceView, silenceView, statusView, workerView } from '../../status-views.ts';
import { attemptView, incidentView } from '../../views.ts';
import type { WebDeps } from '../deps.ts';
import { ok, type Route, route } from '../route.ts';
import { metricRoutes } from './metrics.ts';

const limit = (usual: number): z.ZodType<number> => z.coerce.number().int().min(1).max(1_000).default(usual);
const sinceWhen = since('Only what is newer.').optional();
const text = z.string().min(1).max(200).optional();

export function lookRoutes(deps: Pick<WebDeps, 'controls' | 'clock'>): readonly Route[] {
  return [...statusRoutes(deps), ...incidentRoutes(deps), ...metricRoutes(deps), ...auditRoutes(deps)];
}

function statusRoutes({ controls }: Pick<WebDeps, 'controls'>): readonly Route[] {
  return [
    route({
      method: 'GET',
      path: '/api/status',
      summary: 'Mode, live incidents, decisions that wait, current metrics, surfaces.',
      role: 'viewer',
      answer: () => ok(statusView(controls.status())),
    }),
    route({
      method: 'GET',
      path: '/api/approvals',
      summary: 'Decisions that wait, or all that are kept.',
      role: 'viewer',
      query: z.strictObject({ state: z.enum(['pending', 'all']).default('pending') }),
      answer: ({ query }) => ok({ approvals: controls.approvals(query.state).map(approvalView) }),
    }),
    route({
      method: 'GET',
      path: '/api/workers',
      summary: 'Supervised workers and their states.',
      role: 'viewer',
      answer: () => ok({ workers: controls.workers.list().map(workerView) }),
    }),
    route({
      method: 'GET',
      path: '/api/budget',
      summary: 'Use against budget, the throttle, load profiles, suggestions and forecasts.',
      role: 'viewer',
      answer: () => ok(budgetPageView(controls.optimizer)),
    }),
    route({
      method: 'GET',
      path: '/api/healing',
      summary: 'Strategies, what was done lately, what each rung can do here, silences, maintenance.',
      role: 'viewer',
      query: z.strictObject({ target: text, limit: limit(100) }),
      answer: async ({ query }) => ok(await healingBody(controls, query)),
    }),
  ];
}

async function healingBody(
  controls: OpsControls,
  query: { readonly target?: string | undefined; readonly limit: number },
): Promise<unknown> {
  const filter = { limit: query.limit, ...(query.target !== undefined && { target: query.target }) };
  return {
    strategies: controls.strategies(),
    history: controls
      .healHistory(filter)
      .toSorted((a, b) => b.startedAt - a.startedAt)
      .map(({ incidentId, ...attempt }) => ({ incidentId, ...attemptView(attempt) })),
    checks: await controls.validateStrategies(),
    silences: controls.silences().map(silenceView),
    maintenance: controls.maintenance().map(maintenanceView),
  };
}

function incidentRoutes({ controls, clock }: Pick<WebDeps, 'controls' | 'clock'>): readonly Route[] {
  return [
    route({
      method: 'GET',
      path: '/api/incidents',
      summary: 'Incidents, newest first.',
      role: 'viewer',
      query: z.strictObject({
        state: z.enum(INCIDENT_STATES).optional(),
        severity: z.enum(['info', 'warning', 'critical']).optional(),
        target: text,
        since: sinceWhen,
        limit: limit(100),
      }),
      answer: ({ query }) => {
        const { since: from, ...rest } = query;
        const filter = definedOnly({ ...rest, since: from && momentOf(from, clock.now()) });
        return ok({
          incidents: controls.incidents(filter).map((one) => incidentView(one, { chart: false })),
        });
      },
    }),
    route({
      method: 'GET',
      path: '/api/incidents/:id',
      summary: 'One incident with its evidence, and what each rung of its ladder may do now.',
      role: 'viewer',
      answer: ({ params }) => {
        const id = params['id'] ?? '';
        const incident = controls.incident(id);
        if (incident === undefined) return problem('NOT_FOUND', `There is no incident ${id}.`);
        const plan = controls.healPlan(id);
        const approvals = controls.approvals('all').filter((approval) => approval.incidentId === id);
        return ok({
          incident: incidentView(incident, { chart: true }),
          plan: plan === undefined ? null : healPlanView(plan),
          approvals: approvals.map(approvalView),
        });
      },
    }),
  ];
}

function auditRoutes({ controls, clock }: Pick<WebDeps, 'controls' | 'clock'>): readonly Route[] {
  return [
    route({
      method: 'GET',
      path: '/api/audit',
      summary: 'Lines of the audit log, newest last.',
      role: 'viewer',
      query: z.strictObject({
        actor: text,
        incident: text,
        kind: z.enum(AUDIT_KINDS).optional(),
        since: sinceWhen,
        text,
        limit: limit(100),
      }),
      answer: async ({ query }) => {
        const { since: from, incident, ...rest } = query;
        const at = from && momentOf(from, clock.now());
        return ok({ lines: await controls.audit(definedOnly({ ...rest, incidentId: incident, since: at })) });
      },
    }),
    route({
      method: 'GET',
      path: '/api/audit/verify',
      summary: 'Checks the whole chain; names the first bad line.',
      role: 'viewer',
      perMinute: 12,
      answer: async () => ok(await controls.verifyAudit()),
    }),
  ];
}

type Defined<T> = { [K in keyof T as undefined extends T[K] ? never : K]: T[K] } & {
  [K in keyof T as undefined extends T[K] ? K : never]?: Exclude<T[K], undefined>;
};

/** Leaves out what was not given: `undefined` is not the same as absent. */
function definedOnly<T extends object>(value: T): Defined<T> {
  return Object.fromEntries(Object.entries(value).filter(([, item]) => item !== undefined)) as Defined<T>;
}
