/** Routes for machines: is it alive, is it ready, what does it count. They tell no secret and need no token. */
import type { OpsControls } from '../../../domain/controls.ts';
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
  const { user, system } = process.cpuUsage();
  return renderPrometheus({
    status: deps.controls.status(),
    counters: deps.counters,
    process: { residentBytes: process.memoryUsage.rss(), cpuSeconds: (user + system) / 1_000_000 },
    auditLines: await lastAuditLine(deps),
    feedClients: deps.feedClients(),
  });
}

/** The sequence number of the newest line; `null` when the log does not answer in time. */
async function lastAuditLine(deps: {
  readonly controls: OpsControls;
  readonly clock: WebDeps['clock'];
}): Promise<number | null> {
  try {
    const newest = await withDeadline(deps.clock, { what: 'the audit log', span: seconds(2) }, () =>
      deps.controls.audit({ limit: 1 }),
    );
    return newest.at(-1)?.seq ?? 0;
  } catch {
    // An audit log that cannot be read is told by /readyz; here the figure is simply absent.
    return null;
  }
}
