import { describe, expect, it } from 'vitest';
import {
  createEventCounters,
  type PrometheusInput,
  renderPrometheus,
} from '../../../../src/bot/web/prometheus.ts';
import type { MetricNow, Status } from '../../../../src/domain/controls.ts';
import { createEventBus } from '../../../../src/platform/event-bus.ts';
import { incident, START } from '../../../support/builders.ts';
import { createMemoryLogger } from '../../../support/memory-ports.ts';
import { createNight } from '../../../support/night.ts';

const bus = createEventBus(createMemoryLogger());
const status: Status = createNight({ now: () => START, bus }).controls.status();

function render(over: Partial<PrometheusInput> = {}): string {
  return renderPrometheus({
    status,
    counters: createEventCounters(bus),
    process: { residentBytes: 70_000_000, cpuSeconds: 1.5 },
    auditLines: 6,
    feedClients: 2,
    ...over,
  });
}

const now = (metric: string, value: number | null): MetricNow => ({
  metric,
  unit: 'ms',
  value,
  at: START,
  band: { centre: null, low: null, high: null, warn: null, critical: null },
  verdict: 'good',
});

describe('renderPrometheus', () => {
  it('is text that Prometheus reads: every line a comment or a sample, each family told once', () => {
    const lines = render().trimEnd().split('\n');

    for (const line of lines) {
      expect(line).toMatch(
        /^# (HELP|TYPE) nightshift_[a-z_]+ |^nightshift_[a-z0-9_]+(\{([a-z]+="[^"\n]*",?)+\})? -?[\d.e+-]+$/,
      );
    }
    const types = lines.filter((line) => line.startsWith('# TYPE')).map((line) => line.split(' ')[2]);
    expect(new Set(types).size).toBe(types.length);
  });

  it('tells incidents by state, surfaces and the audit log', () => {
    const text = render();

    expect(text).toContain('nightshift_incidents{state="awaiting_approval"} 1');
    expect(text).toContain('nightshift_incidents{state="open"} 0');
    expect(text).toContain('nightshift_surface_up{surface="discord"} 0');
    expect(text).not.toContain('surface="mail"');
    expect(text).toContain('nightshift_audit_lines_total 6');
    expect(text).toContain('nightshift_latency_ms{metric="latency:billing-api",subject="billing-api"} ');
  });

  it('leaves an unknown value out and says that it is unknown', () => {
    const text = render({
      status: { ...status, metrics: [now('latency:a', null), now('latency:b', 4)] },
      auditLines: null,
    });

    expect(text).toContain('nightshift_metric_known{metric="latency:a"} 0');
    expect(text).not.toContain('nightshift_latency_ms{metric="latency:a"');
    expect(text).not.toContain('audit_lines_total');
  });

  it('escapes names that come from outside', () => {
    const text = render({ status: { ...status, metrics: [now('latency:a"b\\c\nd', 1)] } });

    expect(text).toContain('subject="a\\"b\\\\c\\nd"');
  });
});

describe('createEventCounters', () => {
  it('counts since the process began', () => {
    const own = createEventBus(createMemoryLogger());
    const counters = createEventCounters(own);

    own.publish({ type: 'incident.opened', incident: incident() });
    own.publish({ type: 'incident.opened', incident: incident() });
    own.publish({ type: 'worker.exited', worker: 'rpa-worker', pid: 1, how: 'SIGKILL' });

    const text = render({ counters });
    expect(text).toContain('nightshift_incidents_opened_total{severity="critical"} 2');
    expect(text).toContain('nightshift_worker_exits_total{worker="rpa-worker"} 1');
  });
});
