/** Builds the parts of the monitor once, by hand, and joins them. Nothing runs yet. */
import { localTime } from '../platform/local-time.ts';
import { type BaselineBook, createBaselineBook } from './baseline-book.ts';
import { createBaselineDetector } from './baseline-detector.ts';
import { type BeatBook, createBeatBook } from './beat-book.ts';
import { createHttpCollector, type HttpCollector } from './collectors/http.ts';
import { createPrometheusCollector, type PrometheusCollector } from './collectors/prometheus.ts';
import { createPushedCollector, type PushedCollector } from './collectors/pushed.ts';
import { createQueueCollector } from './collectors/queue.ts';
import { createTargetCollector, type TargetCollector } from './collectors/targets.ts';
import { type Combiner, createCombiner } from './detector.ts';
import { CHART_SPAN, type EvidenceSource } from './evidence.ts';
import type { History } from './history.ts';
import { createLimitDetector } from './limit-detector.ts';
import { createLiveSamples } from './live-samples.ts';
import type { MonitorDeps } from './monitor-deps.ts';
import { createNormals, type Normals } from './normals.ts';
import { createNotes, type Notes } from './notes.ts';
import { createReader, type Reader } from './reader.ts';
import type { Rollups } from './rollups.ts';
import { createSampler, type Sampler } from './sampler.ts';
import { createSilenceDetector } from './silence-detector.ts';
import { createStoredHistory } from './stored-history.ts';

export interface MonitorParts {
  readonly history: History;
  readonly rollups: Rollups;
  readonly baselines: BaselineBook;
  readonly normals: Normals;
  readonly probes: HttpCollector;
  readonly prometheus: PrometheusCollector;
  readonly pushed: PushedCollector;
  readonly notes: Notes;
  readonly reader: Reader;
  readonly book: BeatBook;
  readonly sampler: Sampler;
}

export function assembleMonitor(deps: MonitorDeps): MonitorParts {
  const { clock, log, config } = deps;
  const step = config.current().storeInterval;
  const { history, rollups } = deps.stored ?? createStoredHistory(deps);
  const live = createLiveSamples();
  const notes = createNotes();
  const baselines = createBaselineBook();
  const normals = createNormals({
    config,
    rollups,
    book: baselines,
    offsets: deps.offsets ?? { current: () => null },
    hourOf: (at) => localTime(at, deps.timezone).hour,
  });
  const probes = createHttpCollector({ clock, http: deps.http, names: deps.names, config });
  const targets = createTargetCollector(deps.targets, deps.sources.readProcess);
  const prometheus = createPrometheusCollector(deps);
  const queues = deps.queues === undefined ? [] : [createQueueCollector(deps.queues)];
  const pushed = createPushedCollector((metric) =>
    [prometheus, ...queues].some((collector) => collector.metrics().includes(metric)),
  );
  const reader = createReader({ clock, config, live, history, normals, active: () => combiner.active() });
  const evidence = evidenceFrom(deps, { reader, notes, probes, targets });
  const combiner = combinerOf(deps, normals, evidence);
  const teaching = deps.teaching ?? (() => true);
  const book = createBeatBook({
    config,
    bus: deps.bus,
    log,
    live,
    store(at, values, taught) {
      history.record(at, values, taught);
      rollups.add(at, values, taught);
    },
    storeStep: step,
    normals,
    combiner,
    teaching,
  });
  const sampler = createSampler({
    clock,
    log,
    interval: () => config.current().interval,
    collectors: [...deps.sources.collectors, probes, targets, prometheus, ...queues, pushed],
    onBeat: book.take,
  });
  return { history, rollups, baselines, normals, probes, prometheus, pushed, notes, reader, book, sampler };
}

/** The order is the order in which claims are made; it decides nothing else. */
function combinerOf(deps: MonitorDeps, normals: Normals, evidence: EvidenceSource): Combiner {
  const { config, targetOf } = deps;
  return createCombiner({
    host: deps.host,
    config,
    evidence,
    detectors: [
      createLimitDetector({ config, targetOf }),
      createBaselineDetector({ config, targetOf, normals }),
      createSilenceDetector(config),
      ...(deps.detectors ?? []),
    ],
  });
}

interface EvidenceParts {
  readonly reader: Reader;
  readonly notes: Notes;
  readonly probes: HttpCollector;
  readonly targets: TargetCollector;
}

function evidenceFrom(deps: MonitorDeps, { reader, notes, probes, targets }: EvidenceParts): EvidenceSource {
  return {
    band: reader.band,
    metrics: reader.metrics,
    needs: deps.needs ?? (() => []),
    targetOf: (metric) => deps.targetOf(metric)?.name ?? null,
    chart: (metric) => reader.recent(metric, CHART_SPAN),
    topProcesses: deps.sources.processes.top,
    notes: notes.all,
    reason: (metric) => (metric.startsWith('probe_up:') ? probes.reason(metric) : targets.reason(metric)),
  };
}
