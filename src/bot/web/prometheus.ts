/**
 * `GET /metrics`: everything countable as Prometheus text, all names `nightshift_*`. A value that is unknown is left
 * out and `nightshift_metric_known` says 0 for it; it is never told as 0.
 */
import type { Ready, Status } from '../../domain/controls.ts';
import type { IncidentStateKind } from '../../domain/incident.ts';
import { familyOf, type MetricUnit, subjectOf } from '../../domain/metric.ts';
import type { Cancel, EventBus } from '../../domain/ports.ts';
import { elapsed } from '../../domain/units.ts';
import {
  counted,
  counter,
  type Family,
  gauge,
  gauges,
  renderFamilies,
  type Sampled,
} from './prometheus-text.ts';
import { type WorkInput, workFamilies } from './prometheus-work.ts';

/** What this process costs, as Node tells it. */
export interface ProcessUse {
  readonly residentBytes: number;
  readonly heapBytes: number;
  readonly cpuSeconds: number;
}

/** Counted since the process began, as Prometheus expects of counters. */
export interface EventCounters {
  readonly incidentsOpened: ReadonlyMap<string, number>;
  readonly actionsFinished: ReadonlyMap<string, number>;
  readonly actionsVerified: ReadonlyMap<string, number>;
  readonly workerExits: ReadonlyMap<string, number>;
  readonly approvals: ReadonlyMap<string, number>;
  stop(): void;
}

export interface PrometheusInput {
  readonly status: Status;
  readonly counters: EventCounters;
  readonly process: ProcessUse;
  /** Lines in the audit log, or `null` when it could not be asked. */
  readonly auditLines: number | null;
  readonly feedClients: number;
  readonly ready: Ready;
  readonly work: WorkInput;
}

const STATES: readonly IncidentStateKind[] = [
  'open',
  'healing',
  'awaiting_approval',
  'held',
  'verifying',
  'escalated',
];

/** Base units, as Prometheus asks for. */
const SUFFIXES: Readonly<Record<MetricUnit, string>> = {
  ratio: 'ratio',
  ms: 'seconds',
  s: 'seconds',
  'bytes/s': 'bytes_per_second',
  count: 'items',
  'per-core': 'per_core',
  'per-min': 'per_minute',
  up: 'up',
  bytes: 'bytes',
};

export function createEventCounters(bus: EventBus): EventCounters {
  const counters = {
    incidentsOpened: new Map<string, number>(),
    actionsFinished: new Map<string, number>(),
    actionsVerified: new Map<string, number>(),
    workerExits: new Map<string, number>(),
    approvals: new Map<string, number>(),
  };
  const stops: readonly Cancel[] = [
    bus.on('incident.opened', ({ incident }) => count(counters.incidentsOpened, incident.severity)),
    bus.on('action.finished', ({ outcome }) => count(counters.actionsFinished, outcome.kind)),
    bus.on('action.verified', ({ verification }) => count(counters.actionsVerified, verification)),
    bus.on('worker.exited', ({ worker }) => count(counters.workerExits, worker)),
    bus.on('action.proposed', () => count(counters.approvals, 'asked')),
    bus.on('action.approved', () => count(counters.approvals, 'approved')),
    bus.on('action.denied', () => count(counters.approvals, 'denied')),
    bus.on('action.expired', () => count(counters.approvals, 'expired')),
  ];
  return { ...counters, stop: () => stops.forEach((stop) => void stop()) };
}

export function renderPrometheus(input: PrometheusInput): string {
  return renderFamilies([
    ...ownFamilies(input),
    ...stateFamilies(input),
    ...countedFamilies(input.counters),
    ...workFamilies(input.work, input.status.now),
    ...metricFamilies(input.status),
  ]);
}

function ownFamilies({
  status,
  process,
  feedClients,
  auditLines,
  ready,
}: PrometheusInput): readonly Family[] {
  const uptime = elapsed(status.startedAt, status.now) / 1_000;
  return [
    gauge('build_info', 'Version, host and mode in labels.', 1, {
      version: status.version,
      host: status.host,
      mode: status.mode,
    }),
    gauge('uptime_seconds', 'Since the process began.', uptime),
    gauge('ready', '1 while every needed part is up, as /readyz says.', ready.ready ? 1 : 0),
    gauges(
      'part_up',
      '1 for each part of Nightshift that is well.',
      Object.entries(ready.parts).map(([part, { ok }]) => ({ labels: { part }, value: ok ? 1 : 0 })),
    ),
    gauge(
      'process_start_time_seconds',
      'When the process began, since 1970.',
      Math.round(status.startedAt / 1_000),
    ),
    gauge('process_heap_bytes', 'JavaScript heap in use.', process.heapBytes),
    gauge('process_resident_memory_bytes', 'Resident memory of Nightshift.', process.residentBytes),
    counter('process_cpu_seconds_total', 'CPU time of Nightshift.', [
      { labels: {}, value: process.cpuSeconds },
    ]),
    gauge('feed_clients', 'Open live feeds.', feedClients),
    counter(
      'audit_lines_total',
      'Lines in the audit log.',
      auditLines === null ? [] : [{ labels: {}, value: auditLines }],
    ),
  ];
}

function stateFamilies({ status }: PrometheusInput): readonly Family[] {
  const inState = (state: string): number =>
    status.incidents.filter((incident) => incident.state.kind === state).length;
  return [
    gauges(
      'incidents',
      'Live incidents by state.',
      STATES.map((state) => ({ labels: { state }, value: inState(state) })),
    ),
    gauge('approvals_pending', 'Decisions that wait for a person.', status.pendingApprovals.length),
    gauge('frozen', '1 while a freeze holds.', status.freeze === null ? 0 : 1),
    gauge('complaints', 'What is wrong with Nightshift itself.', status.complaints.length),
    gauges(
      'surface_up',
      '1 for a surface that is up, 0 for one that is not; absent while off.',
      surfaceSamples(status),
    ),
  ];
}

function countedFamilies(counters: EventCounters): readonly Family[] {
  return [
    counter(
      'incidents_opened_total',
      'Incidents opened, by severity.',
      counted(counters.incidentsOpened, 'severity'),
    ),
    counter('actions_total', 'Actions finished, by outcome.', counted(counters.actionsFinished, 'outcome')),
    counter(
      'verifications_total',
      'Verified actions, by verdict.',
      counted(counters.actionsVerified, 'verdict'),
    ),
    counter('approvals_total', 'Approvals, by what became of them.', counted(counters.approvals, 'verdict')),
    counter('worker_exits_total', 'Exits of supervised workers.', counted(counters.workerExits, 'worker')),
  ];
}

function surfaceSamples(status: Status): readonly Sampled[] {
  return Object.entries(status.surfaces)
    .filter(([, health]) => health.state !== 'off')
    .map(([surface, health]) => ({ labels: { surface }, value: health.state === 'up' ? 1 : 0 }));
}

/** One family a metric family and unit: `nightshift_latency_seconds{metric="latency:web",subject="web"}`. */
function metricFamilies(status: Status): readonly Family[] {
  const families = new Map<string, Sampled[]>();
  for (const { metric, unit, value } of status.metrics) {
    if (value === null || !Number.isFinite(value)) continue;
    const name = familyName(familyOf(metric), unit);
    const subject = subjectOf(metric);
    const labels = subject === undefined ? { metric } : { metric, subject };
    const sampled = { labels, value: unit === 'ms' ? value / 1_000 : value };
    families.set(name, [...(families.get(name) ?? []), sampled]);
  }
  const known = status.metrics.map(({ metric, value }) => ({
    labels: { metric },
    value: value === null ? 0 : 1,
  }));
  return [
    gauges('metric_known', '1 where the metric is known now, 0 where it is unknown.', known),
    ...[...families].map(([name, samples]) => gauges(name, 'Latest value.', samples)),
  ];
}

/** `latency_seconds`, `net_rx_bytes_per_second`, `target_up`: the unit once, and always, so that no metric takes a name of ours. */
function familyName(family: string, unit: MetricUnit): string {
  const name = family.toLowerCase().replace(/[^a-z0-9]+/g, '_');
  const suffix = SUFFIXES[unit];
  return name.endsWith(`_${suffix}`) ? name : `${name}_${suffix}`;
}

function count(counts: Map<string, number>, key: string): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}
