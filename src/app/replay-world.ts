/** The rooms of a replay, built as compose.ts builds them, over ports that reach nothing. */
import { type Anomaly, compareSeverity, type Severity } from '../domain/anomaly.ts';
import type { OpsEvent } from '../domain/events.ts';
import { type Incident, isLive } from '../domain/incident.ts';
import type { MetricName } from '../domain/metric.ts';
import type { EventBus } from '../domain/ports.ts';
import { createHealer, type Healer, type HealerDeps } from '../healing/healer.ts';
import { createTargets } from '../healing/targets/registry.ts';
import { createReplayMonitor, type ReplayMonitor } from '../monitor/replay-monitor.ts';
import type { StoredHistory } from '../monitor/stored-history.ts';
import { createEventBus } from '../platform/event-bus.ts';
import type { VirtualClock } from '../platform/virtual-clock.ts';
import type { Config } from './config-shape.ts';
import { metricTarget } from './metric-targets.ts';
import {
  createForgetfulAudit,
  createMemoryStates,
  createPastWorkers,
  createReplayRandom,
  NO_COMMANDS,
  NO_HTTP,
  SILENT,
} from './replay-ports.ts';

/** What an action could reach, and what stands in for the host as it was: nothing of it is known. */
const HEALER_DOORS = {
  commands: NO_COMMANDS,
  dataFolder: '',
  mode: () => 'production',
  selfState: () => ({ freeDiskBytes: null, forkFailing: false, pidsRatio: null }),
  interlocks: () => [],
  githubToken: () => null,
  redact: (text: string) => text,
  hasProgram: () => true,
  rehearsal: true,
  errands: {
    hashOf: () => ({ kind: 'gone', reason: 'nothing is carried out in a replay' }),
    run: async () => ({ kind: 'failed', reason: 'nothing is carried out in a replay' }),
    settled: async () => ({ kind: 'failed', reason: 'nothing is carried out in a replay' }),
  },
} as const satisfies Partial<HealerDeps>;

export interface WorldInput {
  readonly config: Config;
  readonly configHash: string;
  readonly host: string;
  readonly timezone: string;
  readonly people: number;
}

export interface ReplayWorld {
  readonly monitor: ReplayMonitor;
  readonly healer: Healer;
  /** Every anomaly that was told, with the most severe it became. */
  readonly told: ReadonlyMap<string, string>;
  isBusy(): boolean;
  /** Whether an anomaly was told, changed or over since it was asked last. */
  hasNews(): boolean;
  incidents(): readonly Incident[];
}

export function buildReplayWorld(input: WorldInput, clock: VirtualClock, stored: StoredHistory): ReplayWorld {
  const { config, host, timezone } = input;
  const bus = createEventBus(SILENT);
  const audit = createForgetfulAudit(clock);
  const workers = config.workers.workers.map(({ name }) => name);
  const past: { monitor?: ReplayMonitor } = {};
  const pool = createPastWorkers(workers, (name) => upOf(past.monitor, name), clock);
  const doors = {
    clock,
    bus,
    log: SILENT,
    audit,
    states: createMemoryStates(),
    http: NO_HTTP,
    host,
    timezone,
  };
  const targets = createTargets({
    ...doors,
    commands: NO_COMMANDS,
    pool,
    config: { current: () => config.targets },
    workers: { current: () => config.workers },
  });
  const monitor = createReplayMonitor({
    ...doors,
    stored,
    config: { current: () => config.monitor },
    targetOf: remembered((metric) => metricTarget(metric, config)),
    targets,
    needs: (target) => [...targets.graph().needsOf(target)],
  });
  past.monitor = monitor;
  const healer = createHealer({
    ...doors,
    ...HEALER_DOORS,
    metrics: monitor.reader,
    random: createReplayRandom(),
    config: { current: () => config.healing },
    targets,
    pool,
    people: () => input.people,
    configHash: () => input.configHash,
  });
  const seen = watch(bus, healer);
  return {
    monitor,
    healer,
    told: seen.told,
    isBusy: () => seen.live.size > 0,
    hasNews: seen.hasNews,
    incidents: () => [...seen.incidents.values()],
  };
}

/** The same three lines as in wiring.ts, and what is kept of what is told. */
function watch(
  bus: EventBus,
  healer: Healer,
): {
  readonly told: Map<string, Severity>;
  readonly incidents: Map<string, Incident>;
  /** The ids of those that go on. */
  readonly live: ReadonlySet<string>;
  readonly hasNews: () => boolean;
} {
  let news = false;
  const told = new Map<string, Severity>();
  const incidents = new Map<string, Incident>();
  const live = new Set<string>();
  bus.on('anomaly.detected', ({ anomaly }) => healer.consider(anomaly));
  bus.on('anomaly.updated', ({ anomaly }) => healer.updated(anomaly));
  bus.on('anomaly.cleared', ({ fingerprint, text }) => healer.cleared(fingerprint, text));
  const hasNews = (): boolean => {
    const had = news;
    news = false;
    return had;
  };
  bus.onAny((event: OpsEvent) => {
    if (event.type.startsWith('anomaly.')) news = true;
    if ('anomaly' in event) keepGravest(told, event.anomaly);
    if (!('incident' in event)) return;
    const { incident } = event;
    incidents.set(incident.id, incident);
    if (isLive(incident)) live.add(incident.id);
    else live.delete(incident.id);
  });
  return { told, incidents, live, hasNews };
}

function keepGravest(told: Map<string, Severity>, { fingerprint, since, severity }: Anomaly): void {
  const key = `${fingerprint}@${since}`;
  const known = told.get(key) ?? severity;
  told.set(key, compareSeverity(severity, known) > 0 ? severity : known);
}

/** The configuration of a replay never changes, so neither does an answer. */
function remembered<T>(ask: (metric: MetricName) => T): (metric: MetricName) => T {
  const answers = new Map<MetricName, { readonly value: T }>();
  return (metric) => {
    const known = answers.get(metric) ?? { value: ask(metric) };
    answers.set(metric, known);
    return known.value;
  };
}

function upOf(monitor: ReplayMonitor | undefined, worker: string): boolean | null {
  const value = monitor?.reader.latest(`target_up:${worker}`)?.value ?? null;
  return value === null ? null : value >= 0.5;
}
