/** Builds the parts of the monitor once, by hand, and joins them. Nothing runs yet. */
import type { Anomaly } from '../domain/anomaly.ts';
import { type MetricName, subjectOf } from '../domain/metric.ts';
import type { Ms } from '../domain/units.ts';
import { localTime } from '../platform/local-time.ts';
import type { BandLog } from './band-log.ts';
import { type BaselineBook, createBaselineBook } from './baseline-book.ts';
import { createBaselineDetector } from './baseline-detector.ts';
import { type BeatBook, createBeatBook } from './beat-book.ts';
import type { Detector } from './claim.ts';
import type { Collector } from './collector.ts';
import { createHttpCollector, type HttpCollector } from './collectors/http.ts';
import { createOutsideCollector } from './collectors/outside.ts';
import { createPrometheusCollector, type PrometheusCollector } from './collectors/prometheus.ts';
import { createPushedCollector, type PushedCollector } from './collectors/pushed.ts';
import { createQueueCollector, type QueueCollector } from './collectors/queue.ts';
import { createTargetCollector, type TargetCollector } from './collectors/targets.ts';
import { type Combiner, createCombiner } from './detector.ts';
import { CHART_SPAN, COURSE_SPAN, type EvidenceSource } from './evidence.ts';
import { createFailingDetector } from './failing-detector.ts';
import type { History } from './history.ts';
import { createLimitDetector } from './limit-detector.ts';
import type { ModelKeeper } from './live/model-keeper.ts';
import { createStreamParts } from './live/stream-parts.ts';
import { createLiveSamples } from './live-samples.ts';
import type { MonitorDeps } from './monitor-deps.ts';
import { createNormals, type Normals } from './normals.ts';
import { createNotes, type Notes } from './notes.ts';
import { createOutsideDetector } from './outside-detector.ts';
import { createReader, type Reader } from './reader.ts';
import type { Rollups } from './rollups.ts';
import { createSampler, type Sampler } from './sampler.ts';
import { createSilenceDetector } from './silence-detector.ts';
import { createStoredHistory } from './stored-history.ts';
import { mayTeach } from './teaching.ts';

export interface MonitorParts {
  readonly history: History;
  readonly rollups: Rollups;
  readonly bands: BandLog;
  readonly baselines: BaselineBook;
  readonly normals: Normals;
  readonly probes: HttpCollector;
  readonly prometheus: PrometheusCollector;
  readonly pushed: PushedCollector;
  readonly notes: Notes;
  readonly reader: Reader;
  readonly book: BeatBook;
  readonly sampler: Sampler;
  readonly keeper: ModelKeeper;
}

/** Judging needs neither the audit log nor state documents. */
export type AssemblyDeps = Omit<MonitorDeps, 'audit' | 'states'>;

/** @param memoryBytes all the memory of this host; `null` while it is not known. */
export function assembleMonitor(deps: AssemblyDeps, memoryBytes: () => number | null): MonitorParts {
  const { clock, log, config } = deps;
  const { history, rollups, bands } = deps.stored ?? createStoredHistory(deps);
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
  const { collectors, ...read } = collectorsOf(deps);
  const { answersSince, failing } = read.probes;
  const active = (): readonly Anomaly[] => combiner.active();
  const reader = createReader({ clock, config, live, history, normals, active, answersSince });
  const evidence = evidenceFrom(deps, { reader, notes, ...read });
  const teaching = deps.teaching ?? (() => true);
  const { keeper, detectors } = createStreamParts(deps, {
    live,
    history,
    rollups,
    teaching: (now) => mayTeach(teaching, active(), now),
    memoryBytes,
    normal: (metric) => reader.band(metric).centre,
    idleOf: (queue) => read.queues?.idle(queue) ?? null,
  });
  const failingDetector = createFailingDetector({ config, targetOf: deps.targetOf, failing });
  const combiner: Combiner = combinerOf(deps, normals, evidence, [failingDetector, ...detectors]);
  const book = createBeatBook({
    ...deps,
    live,
    store(at, values, taught) {
      history.record(at, values, taught);
      rollups.add(at, values, taught);
      bands.record(at, values.keys(), (metric) => normals.at(metric, at));
    },
    storeStep: config.current().storeInterval,
    normals,
    combiner,
    teaching,
  });
  const interval = (): Ms => config.current().interval;
  const sampler = createSampler({ clock, log, interval, collectors, onBeat: book.take });
  return { history, rollups, bands, baselines, normals, ...read, notes, reader, book, sampler, keeper };
}

interface Collectors {
  readonly probes: HttpCollector;
  readonly targets: TargetCollector;
  readonly queues: QueueCollector | null;
  readonly prometheus: PrometheusCollector;
  readonly pushed: PushedCollector;
  readonly collectors: readonly Collector[];
}

/** Everything that is read on a beat. What is read here may not be pushed under the same name. */
function collectorsOf(deps: AssemblyDeps): Collectors {
  const { clock, config } = deps;
  const probes = createHttpCollector({ clock, http: deps.http, names: deps.names, config });
  const targets = createTargetCollector(deps.targets, deps.sources.readProcess);
  const prometheus = createPrometheusCollector(deps);
  const queueCollector = deps.queues === undefined ? null : createQueueCollector(deps.queues);
  const queues = queueCollector === null ? [] : [queueCollector];
  const outside = deps.outside === undefined ? [] : [createOutsideCollector(deps.outside, clock)];
  const pushed = createPushedCollector((metric) =>
    [prometheus, ...queues].some((collector) => collector.metrics().includes(metric)),
  );
  const own = [...deps.sources.collectors, probes, targets, prometheus, ...queues];
  return {
    probes,
    targets,
    queues: queueCollector,
    prometheus,
    pushed,
    collectors: [...own, pushed, ...outside],
  };
}

/** The order is the order in which claims are made; it decides nothing else. */
function combinerOf(
  deps: AssemblyDeps,
  normals: Normals,
  evidence: EvidenceSource,
  streaming: readonly Detector[],
): Combiner {
  const { config, targetOf } = deps;
  return createCombiner({
    host: deps.host,
    config,
    evidence,
    detectors: [
      createLimitDetector({ config, targetOf }),
      createBaselineDetector({ config, targetOf, normals }),
      createSilenceDetector(config),
      ...(deps.outside === undefined ? [] : [createOutsideDetector(deps.outside)]),
      ...streaming,
      ...(deps.detectors ?? []),
    ],
  });
}

interface EvidenceParts {
  readonly reader: Reader;
  readonly notes: Notes;
  readonly probes: HttpCollector;
  readonly targets: TargetCollector;
  readonly queues: QueueCollector | null;
}

function evidenceFrom(
  deps: AssemblyDeps,
  { reader, notes, probes, targets, queues }: EvidenceParts,
): EvidenceSource {
  const reason = (metric: MetricName): string => {
    if (metric.startsWith('probe_up:')) return probes.reason(metric);
    if (metric.startsWith('success_rate:')) return probes.failing(subjectOf(metric) ?? '')?.reason ?? '';
    return metric.startsWith('queue_') ? (queues?.heldUpBy(metric) ?? '') : targets.reason(metric);
  };
  return {
    band: reader.band,
    metrics: reader.metrics,
    needs: deps.needs ?? (() => []),
    targetOf: (metric) => deps.targetOf(metric)?.name ?? null,
    chart: (metric) => (deps.withoutCharts === true ? [] : reader.recent(metric, CHART_SPAN)),
    course: (metric) => reader.recent(metric, COURSE_SPAN),
    topProcesses: deps.sources.processes.top,
    notes: notes.all,
    reason,
  };
}
