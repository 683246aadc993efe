/** Builds the parts of the monitor once, by hand, and joins them. Nothing runs yet. */
import { join } from 'node:path';
import type { Ms } from '../domain/units.ts';
import { localTime } from '../platform/local-time.ts';
import { createBaselineDetector } from './baseline-detector.ts';
import { type BeatBook, createBeatBook } from './beat-book.ts';
import type { Detector } from './claim.ts';
import { createHttpCollector, type HttpCollector } from './collectors/http.ts';
import { createOutsideCollector } from './collectors/outside.ts';
import { createPushedCollector, type PushedCollector } from './collectors/pushed.ts';
import { createTargetCollector, type TargetCollector } from './collectors/targets.ts';
import { type Combiner, createCombiner } from './detector.ts';
import { CHART_SPAN, type EvidenceSource } from './evidence.ts';
import { createFailingDetector } from './failing-detector.ts';
import { createHistory, type History } from './history.ts';
import { createHistoryFiles } from './history-files.ts';
import { createLimitDetector } from './limit-detector.ts';
import type { ModelKeeper } from './live/model-keeper.ts';
import { createStreamParts } from './live/stream-parts.ts';
import { createLiveSamples } from './live-samples.ts';
import type { MonitorDeps } from './monitor-deps.ts';
import { createNormals, type Normals } from './normals.ts';
import { createNotes, type Notes } from './notes.ts';
import { createOutsideDetector } from './outside-detector.ts';
import { createReader, type Reader } from './reader.ts';
import { createSampler, type Sampler } from './sampler.ts';
import { createSilenceDetector } from './silence-detector.ts';
import { mayTeach } from './teaching.ts';

export interface MonitorParts {
  readonly history: History;
  readonly probes: HttpCollector;
  readonly pushed: PushedCollector;
  readonly notes: Notes;
  readonly reader: Reader;
  readonly book: BeatBook;
  readonly sampler: Sampler;
  readonly keeper: ModelKeeper;
}

/** @param memoryBytes all the memory of this host; `null` while it is not known. */
export function assembleMonitor(deps: MonitorDeps, memoryBytes: () => number | null): MonitorParts {
  const { clock, log, config } = deps;
  const step = config.current().storeInterval;
  const history = historyOf(deps, step);
  const live = createLiveSamples();
  const notes = createNotes();
  const normals = createNormals({
    config,
    history,
    offsets: deps.offsets ?? { current: () => null },
    hourOf: (at) => localTime(at, deps.timezone).hour,
  });
  const probes = createHttpCollector({ clock, http: deps.http, names: deps.names, config });
  const targets = createTargetCollector(deps.targets, deps.sources.readProcess);
  const pushed = createPushedCollector();
  const reader = createReader({
    clock,
    config,
    live,
    history,
    normals,
    active: () => combiner.active(),
    answersSince: probes.answersSince,
  });
  const evidence = evidenceFrom(deps, { reader, notes, probes, targets });
  const teaching = deps.teaching ?? (() => true);
  const { keeper, detectors } = createStreamParts(deps, {
    live,
    history,
    teaching: (now) => mayTeach(teaching, combiner.active(), now),
    memoryBytes,
  });
  const failing = createFailingDetector({ config, targetOf: deps.targetOf, failing: probes.failing });
  const combiner: Combiner = combinerOf(deps, normals, evidence, [failing, ...detectors]);
  const book = createBeatBook({
    config,
    bus: deps.bus,
    log,
    live,
    history,
    historyStep: step,
    normals,
    combiner,
    teaching,
  });
  const sampler = createSampler({
    clock,
    log,
    interval: () => config.current().interval,
    collectors: [
      ...deps.sources.collectors,
      probes,
      targets,
      pushed,
      ...(deps.outside === undefined ? [] : [createOutsideCollector(deps.outside, clock)]),
    ],
    onBeat: book.take,
  });
  return { history, probes, pushed, notes, reader, book, sampler, keeper };
}

function historyOf({ config, log, dataFolder }: MonitorDeps, step: Ms): History {
  return createHistory({
    files: createHistoryFiles(join(dataFolder, 'history')),
    log,
    step,
    keepDays: () => config.current().historyDays,
  });
}

/** The order is the order in which claims are made; it decides nothing else. */
function combinerOf(
  deps: MonitorDeps,
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
}

function evidenceFrom(deps: MonitorDeps, { reader, notes, probes, targets }: EvidenceParts): EvidenceSource {
  return {
    band: reader.band,
    chart: (metric) => reader.recent(metric, CHART_SPAN),
    topProcesses: deps.sources.processes.top,
    notes: notes.all,
    reason: (metric) => (metric.startsWith('probe_up:') ? probes.reason(metric) : targets.reason(metric)),
  };
}
