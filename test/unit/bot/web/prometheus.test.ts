import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import {
  createEventCounters,
  type PrometheusInput,
  renderPrometheus,
} from '../../../../src/bot/web/prometheus.ts';
import type { MetricNow, Status } from '../../../../src/domain/controls.ts';
import { unitOf } from '../../../../src/domain/metric.ts';
import { createEventBus } from '../../../../src/platform/event-bus.ts';
import { isThere, skips } from '../../../hosts/available.ts';
import { incident, START } from '../../../support/builders.ts';
import { createMemoryLogger } from '../../../support/memory-ports.ts';
import { createNight } from '../../../support/night.ts';
import { WORK } from '../../../support/work-figures.ts';

const PROMTOOL = '/usr/bin/promtool';
const withoutPromtool = skips('promtool', isThere(PROMTOOL) ? '' : `not installed: ${PROMTOOL}`);

const bus = createEventBus(createMemoryLogger());
const status: Status = createNight({ now: () => START, bus }).controls.status();

/** Every family that can be told. */
function renderAll(): string {
  const once = new Map([['x', 1]]);
  const counters = {
    incidentsOpened: once,
    actionsFinished: once,
    actionsVerified: once,
    workerExits: once,
    approvals: once,
    stop: () => {},
  };
  const names = [
    'cpu',
    'memory',
    'disk:/',
    'loop_lag',
    'queue_oldest:default',
    'queue_depth:default',
    'net_rx',
  ];
  const metrics = names.map((metric) => ({ ...now(metric, 0.5), unit: unitOf(metric) }));
  return render({ counters, status: { ...status, metrics: [...status.metrics, ...metrics] } });
}

function render(over: Partial<PrometheusInput> = {}): string {
  return renderPrometheus({
    status,
    counters: createEventCounters(bus),
    process: { residentBytes: 70_000_000, heapBytes: 30_000_000, cpuSeconds: 1.5 },
    ready: { ready: true, parts: { audit: { ok: true, needed: true, text: '' } } },
    work: WORK,
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
    expect(text).toContain('nightshift_latency_seconds{metric="latency:billing-api",subject="billing-api"} ');
  });

  it('leaves an unknown value out and says that it is unknown', () => {
    const text = render({
      status: { ...status, metrics: [now('latency:a', null), now('latency:b', 4)] },
      auditLines: null,
    });

    expect(text).toContain('nightshift_metric_known{metric="latency:a"} 0');
    expect(text).not.toContain('nightshift_latency_seconds{metric="latency:a"');
    expect(text).not.toContain('audit_lines_total');
  });

  it('escapes names that come from outside', () => {
    const text = render({ status: { ...status, metrics: [now('latency:a"b\\c\nd', 1)] } });

    expect(text).toContain('subject="a\\"b\\\\c\\nd"');
  });
});

describe('what Prometheus and Grafana are given', () => {
  it.skipIf(withoutPromtool)('passes the parser and the lint of Prometheus', () => {
    const done = spawnSync(PROMTOOL, ['check', 'metrics'], { input: renderAll(), encoding: 'utf8' });

    expect(`${done.stdout}${done.stderr}`).toBe('');
    expect(done.status).toBe(0);
  });

  it.skipIf(withoutPromtool)('are alert rules that Prometheus accepts', () => {
    const done = spawnSync(PROMTOOL, ['check', 'rules', docs('prometheus-rules.yml')], { encoding: 'utf8' });

    expect(done.status, `${done.stdout}${done.stderr}`).toBe(0);
  });

  it.each(['prometheus-rules.yml', 'grafana-dashboard.json'])('%s names only metrics that exist', (name) => {
    const told = new Set([...renderAll().matchAll(/^# TYPE (\S+)/gm)].map(([, family]) => family));
    const used = new Set(readFileSync(docs(name), 'utf8').match(/\bnightshift_[a-z0-9_]+/g));

    expect(used.size).toBeGreaterThan(10);
    expect([...used].filter((family) => !told.has(family))).toEqual([]);
  });

  it('is a dashboard whose every panel asks something, on places that do not overlap', () => {
    const { panels } = JSON.parse(readFileSync(docs('grafana-dashboard.json'), 'utf8')) as {
      panels: { gridPos: Record<'x' | 'y' | 'w' | 'h', number>; targets: { expr: string }[] }[];
    };
    const cells = panels.flatMap(({ gridPos: { x, y, w, h } }) =>
      Array.from({ length: w * h }, (_, cell) => `${x + (cell % w)},${y + Math.floor(cell / w)}`),
    );

    expect(
      panels.every(({ targets }) => targets.length > 0 && targets.every(({ expr }) => expr !== '')),
    ).toBe(true);
    expect(new Set(cells).size).toBe(cells.length);
  });
});

describe('queues, budgets and backups', () => {
  it('are told in base units, and what is unknown is absent', () => {
    const text = render();

    expect(text).toContain('nightshift_task_queue_oldest_seconds{queue="default",engine="embedded"} 90');
    expect(text).toContain('nightshift_budget_over{resource="cpu"} 1');
    expect(text).not.toContain('nightshift_budget_used_ratio{resource="memory"');
    expect(text).not.toContain('nightshift_task_queue_stuck');
    expect(text).toContain('nightshift_throttle_rung 2');
    expect(text).toContain(`nightshift_backup_age_seconds ${(status.now - START) / 1_000}`);
  });

  it('that did not answer leave no figure behind', () => {
    const text = render({ work: { queues: null, budgets: [], throttle: [], backup: null } });

    expect(text).not.toMatch(/nightshift_(task_queue|backup|budget)/);
  });
});

function docs(name: string): string {
  return new URL(`../../../../docs/${name}`, import.meta.url).pathname;
}

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
