/**
 * The monitor room: samples the host, its probes and its targets, keeps seven days of it, finds trouble and
 * tells it with its evidence. It never acts.
 *
 * Publishes `sample.taken`, `anomaly.detected`, `anomaly.updated`, `anomaly.cleared`, `clock.jumped` and
 * `self.unhealthy`. A restart of the bot starts with nothing raised: what is still bad is found again.
 */
import { describeError } from '../domain/errors.ts';
import type { MetricName, Sample } from '../domain/metric.ts';
import type { Cancel } from '../domain/ports.ts';
import type { BandReader, RollupReader } from '../domain/rollup.ts';
import type { BaselineDesk, LearntBand } from '../domain/tuning.ts';
import { type EpochMs, type Ms, minutes, seconds } from '../domain/units.ts';
import { withDeadline } from '../platform/deadline.ts';
import { localTime } from '../platform/local-time.ts';
import { assembleMonitor, type MonitorParts } from './assembly.ts';
import { createBaselineDesk } from './baseline-desk.ts';
import type { PushResult } from './collectors/pushed.ts';
import type { Inventory } from './inventory.ts';
import type { ModelView } from './live/model-keeper.ts';
import type { MonitorDeps } from './monitor-deps.ts';
import type { NoteAbout } from './notes.ts';
import type { Reader } from './reader.ts';

const FLUSH: Ms = minutes(1);
/** Stopping waits this long for the disk and no longer. */
const LAST_FLUSH: Ms = seconds(3);

export interface Monitor extends Reader {
  /** Resolves when the first beat was told and the history is back; calling it twice is one start. */
  start(): Promise<void>;
  /** Ends within a few seconds whatever hangs; what was sampled is on disk. */
  stop(): Promise<void>;
  /** Takes samples from outside; they are part of the next beat. */
  push(samples: readonly Sample[]): PushResult;
  /** Something that may turn out to be a cause: a deploy, a restart, a change of configuration. */
  note(text: string, at: EpochMs, about?: NoteAbout): void;
  /** When the first beat was told, or `null` before it. */
  firstSampleAt(): EpochMs | null;
  /** What this host is; `null` until it is known. */
  inventory(): Inventory | null;
  /** How much the host model knows. */
  hostModel(): ModelView;
  /** One-minute means of the last weeks. */
  readonly rollups: RollupReader;
  /** Which band held when, as far back. */
  readonly bands: BandReader['bands'];
  /** What was learnt of a metric, as it holds now; `null` while too little is known. */
  learnt(metric: MetricName): LearntBand | null;
  readonly baselines: BaselineDesk;
  /** What is wrong with the monitor itself; empty when all is well. */
  complaints(): readonly string[];
}

export function createMonitor(deps: MonitorDeps): Monitor {
  let inventory: Inventory | null = null;
  const parts = assembleMonitor(deps, () => inventory?.memoryBytes ?? null);
  let starting: Promise<void> | null = null;
  let stopping: Promise<void> | null = null;
  const flusher = createFlusher(deps, parts);
  async function start(): Promise<void> {
    await parts.sampler.start();
    await parts.baselines.open(deps.states);
    await parts.history.load();
    await parts.rollups.load(parts.history);
    await parts.bands.load(parts.history.newest(parts.book.firstAt() ?? deps.clock.now()));
    // In the background: beats are judged meanwhile by what is known.
    void parts.keeper.start();
    flusher.start();
    void deps.sources.inventory().then((found) => {
      inventory = found;
    });
  }

  async function stop(): Promise<void> {
    parts.probes.stop();
    parts.prometheus.stop();
    deps.sources.stop();
    await parts.sampler.stop();
    await Promise.all([flusher.stop(), saveModels(deps, parts)]);
  }

  return {
    ...parts.reader,
    start() {
      starting ??= start();
      return starting;
    },
    stop() {
      stopping ??= stop();
      return stopping;
    },
    push: (samples) => parts.pushed.push(samples, deps.clock.now()),
    note: parts.notes.add,
    firstSampleAt: parts.book.firstAt,
    inventory: () => inventory,
    hostModel: parts.keeper.view,
    rollups: parts.rollups,
    bands: parts.bands.bands,
    learnt: (metric) => parts.normals.band(metric, deps.clock.now()),
    baselines: createBaselineDesk({
      ...deps,
      ...parts,
      book: parts.baselines,
      hourOf: (at) => localTime(at, deps.timezone).hour,
    }),
    complaints: () => [parts.history.complaint()].filter((complaint) => complaint !== null),
  };
}

/** What was learnt goes to the disk within the time a stop may take. */
async function saveModels({ clock, log }: MonitorDeps, { keeper }: MonitorParts): Promise<void> {
  try {
    await withDeadline(clock, { what: 'the last write of the models', span: LAST_FLUSH }, keeper.stop);
  } catch (cause) {
    log.warn('what was learnt since the last save is not on disk', { error: describeError(cause) });
  }
}

interface Flusher {
  start(): void;
  stop(): Promise<void>;
}

/** Brings samples to the disk each minute; says once when it cannot. */
function createFlusher({ clock, bus, log }: MonitorDeps, { history, rollups, bands }: MonitorParts): Flusher {
  let cancel: Cancel = () => {};
  let complained = false;

  async function flush(): Promise<void> {
    await history.flush();
    await rollups.flush();
    await bands.flush();
    const reason = history.complaint();
    if (reason !== null && !complained) bus.publish({ type: 'self.unhealthy', part: 'history', reason });
    complained = reason !== null;
  }

  return {
    start() {
      cancel = clock.every(FLUSH, flush);
    },
    async stop() {
      cancel();
      try {
        await withDeadline(clock, { what: 'the last write of the history', span: LAST_FLUSH }, flush);
      } catch (cause) {
        log.warn('the last samples are not on disk', { error: describeError(cause) });
      }
    },
  };
}
