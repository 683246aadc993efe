/** Routes for machines: is it alive, is it ready, what does it count. They tell no secret and need no token. */
import { elapsed, seconds } from '../../../domain/units.ts';
import { withDeadline } from '../../../platform/deadline.ts';
import type { WebDeps } from '../deps.ts';
import { type EventCounters, renderPrometheus } from '../prometheus.ts';
import { ok, type Route, route } from '../route.ts';

export interface SystemDeps extends Pick<WebDeps, 'controls' | 'clock' | 'log'> {
  readonly counters: EventCounters;
  readonly feedClients: () => number;
}

export function systemRoutes(deps: SystemDeps): readonly Route[] {
  const { controls } = deps;
  return [
    route({
      method: 'GET',
      path: '/healthz',
      summary: 'The process answers.',
      role: 'public',
      anyHost: true,
      answer: () => {
        const { startedAt, now, version } = controls.status();
        return ok({ ok: true, version, uptimeSeconds: Math.round(elapsed(startedAt, now) / 1_000) });
      },
    }),
    route({
      method: 'GET',
      path: '/readyz',
      summary: 'Every part with its state; 503 when a needed one is down.',
      role: 'public',
      anyHost: true,
      answer: () => {
        const ready = controls.ready();
        return { status: ready.ready ? 200 : 503, body: ready };
      },
    }),
    route({
      method: 'GET',
      path: '/metrics',
      summary: 'Prometheus text.',
      role: 'public',
      answer: async ({ reply }) => {
        const text = await prometheusText(deps);
        reply.type('text/plain; version=0.0.4; charset=utf-8');
        return ok(text);
      },
    }),
  ];
}

async function prometheusText(deps: SystemDeps): Promise<string> {
  const { controls } = deps;
  const { user, system } = process.cpuUsage();
  const { rss, heapUsed } = process.memoryUsage();
  const [newest, queues, backup] = await Promise.all([
    orNull(deps, 'the audit log', () => controls.audit({ limit: 1 })),
    orNull(deps, 'the task queues', () => controls.tasks.views()),
    orNull(deps, 'the backups', () => controls.backups.status()),
  ]);
  return renderPrometheus({
    status: controls.status(),
    ready: controls.ready(),
    counters: deps.counters,
    process: { residentBytes: rss, heapBytes: heapUsed, cpuSeconds: (user + system) / 1_000_000 },
    // The sequence number of the newest line.
    auditLines: newest === null ? null : (newest.at(-1)?.seq ?? 0),
    feedClients: deps.feedClients(),
    work: {
      queues,
      backup,
      budgets: controls.optimizer.budgets(),
      throttle: controls.optimizer.status().throttle,
    },
  });
}

/** What does not answer in time is told by /readyz; here its figures are simply absent. */
async function orNull<T>(
  { clock }: Pick<SystemDeps, 'clock'>,
  what: string,
  ask: () => Promise<T>,
): Promise<T | null> {
  try {
    return await withDeadline(clock, { what, span: seconds(2) }, ask);
  } catch {
    // See above: absent is the answer.
    return null;
  }
}
