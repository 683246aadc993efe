/**
 * What is normal for each metric now: learnt again every few minutes from the one-minute roll-ups, one metric a
 * beat at most. Nothing of it is stored: after a restart it comes back from the roll-ups within minutes. What was
 * collected on purpose speaks until then.
 */
import { type MetricName, unitOf } from '../domain/metric.ts';
import type { Live, ThresholdOffsets } from '../domain/ports.ts';
import type { RollupReader } from '../domain/rollup.ts';
import type { LearntBand } from '../domain/tuning.ts';
import { type EpochMs, epochMs, type Ms, minutes } from '../domain/units.ts';
import { baselineAt, deviation, type LearnRules, type Learnt, learn, normalRange } from './baseline.ts';
import { type BaselineBook, inForce } from './baseline-book.ts';
import type { BaselineConfig, MonitorConfig } from './config.ts';
import type { Moment } from './flapping.ts';

/** The newest minutes do not teach yet: trouble must not make itself normal. */
const LAG: Ms = minutes(30);
/** What is not known yet is tried again sooner: the history may just have been read back. */
const RETRY: Ms = minutes(1);
/** The optimizer moves k inside this band, whatever it proposes. */
const LEAST_SIGMAS = 2;
const MOST_SIGMAS = 6;

export interface NormalsDeps {
  readonly config: Live<MonitorConfig>;
  readonly offsets: ThresholdOffsets;
  readonly rollups: Pick<RollupReader, 'minutes' | 'oldest'>;
  readonly book: Pick<BaselineBook, 'collected' | 'since' | 'version'>;
  /** Hour of the day in the configured zone. */
  readonly hourOf: (at: EpochMs) => number;
}

/** The band of a metric and how far a value lies from its middle. */
export interface Normal {
  readonly centre: number;
  readonly low: number;
  readonly high: number;
  readonly sigmas: number;
  /** In robust deviations; negative = below. */
  deviation(value: number): number;
}

export interface Normals {
  /** `null` while too little is known. */
  at(metric: MetricName, now: EpochMs): Normal | null;
  /** Learns the one of these metrics that waited longest, where one is due. */
  learnOne(metrics: readonly MetricName[], now: Moment): void;
  /** Learns them all now, whatever is due. */
  learnAll(metrics: readonly MetricName[], now: Moment): void;
  /** What was learnt and holds now, for people. */
  band(metric: MetricName, now: EpochMs): LearntBand | null;
  /** Normal of every hour, as far as it is known. */
  inForce(metric: MetricName): InForce | null;
}

export interface InForce {
  readonly learnt: Learnt;
  readonly isCollected: boolean;
  /** When it was learnt from the history of this host; `null` where it was collected. */
  readonly at: EpochMs | null;
}

interface Entry {
  readonly learnt: Learnt | null;
  readonly at: Moment;
  readonly version: number;
}

export function createNormals(deps: NormalsDeps): Normals {
  const entries = new Map<MetricName, Entry>();

  function now(metric: MetricName): InForce | null {
    const entry = entries.get(metric);
    const own = entry?.version === deps.book.version() ? entry.learnt : null;
    const found = inForce(own, deps.book.collected(metric));
    return found === null ? null : { ...found, at: found.isCollected ? null : (entry?.at.at ?? null) };
  }
  function learnt(metric: MetricName, moment: Moment): void {
    const version = deps.book.version();
    entries.set(metric, { learnt: learnNow(metric, moment, deps), at: moment, version });
  }

  return {
    at(metric, moment) {
      const found = now(metric);
      return found === null ? null : normalNow(found.learnt, metric, moment, deps);
    },
    learnOne(metrics, moment) {
      const metric = mostOverdue(metrics, entries, moment, deps);
      if (metric !== undefined) learnt(metric, moment);
    },
    learnAll(metrics, moment) {
      for (const metric of metrics) if (unitOf(metric) !== 'up') learnt(metric, moment);
    },
    band(metric, moment) {
      const found = now(metric);
      return found === null ? null : bandNow(found.learnt, metric, moment, deps);
    },
    inForce: now,
  };
}

function sigmasNow(metric: MetricName, now: EpochMs, deps: NormalsDeps): number {
  const wanted = deps.offsets.current(metric, now) ?? deps.config.current().baseline.sigmas;
  return Math.min(MOST_SIGMAS, Math.max(LEAST_SIGMAS, wanted));
}

function bandNow(learnt: Learnt, metric: MetricName, now: EpochMs, deps: NormalsDeps): LearntBand {
  const sigmas = sigmasNow(metric, now, deps);
  const baseline = baselineAt(learnt, deps.hourOf(now));
  return {
    ...baseline,
    ...normalRange(baseline, sigmas, unitOf(metric)),
    sigmas,
    configuredSigmas: deps.config.current().baseline.sigmas,
    offsetSigmas: deps.offsets.current(metric, now),
    byHour: learnt.hours !== null,
  };
}

function normalNow(learnt: Learnt, metric: MetricName, now: EpochMs, deps: NormalsDeps): Normal {
  const sigmas = sigmasNow(metric, now, deps);
  const baseline = learnt.hours === null ? learnt.overall : baselineAt(learnt, deps.hourOf(now));
  return {
    centre: baseline.centre,
    ...normalRange(baseline, sigmas, unitOf(metric)),
    sigmas,
    deviation: (value) => deviation(value, baseline),
  };
}

function mostOverdue(
  metrics: readonly MetricName[],
  entries: ReadonlyMap<MetricName, Entry>,
  now: Moment,
  deps: NormalsDeps,
): MetricName | undefined {
  const { refit } = deps.config.current().baseline;
  const version = deps.book.version();
  const waited = (metric: MetricName): number => {
    const entry = entries.get(metric);
    if (entry === undefined || entry.version !== version) return Number.MAX_VALUE;
    return (now.monotonic - entry.at.monotonic) / (entry.learnt === null ? RETRY : refit);
  };
  return metrics
    .filter((metric) => unitOf(metric) !== 'up' && waited(metric) >= 1)
    .sort((a, b) => waited(b) - waited(a))[0];
}

function learnNow(metric: MetricName, now: Moment, deps: NormalsDeps): Learnt | null {
  const until = epochMs(now.at - LAG);
  const from = Math.max(deps.rollups.oldest() ?? until, deps.book.since(metric) ?? 0);
  const rows = deps.rollups.minutes(metric, epochMs(Math.min(from, until)), until, 'teaching');
  return learn(rows, unitOf(metric), learnRules(deps.config.current().baseline, deps.hourOf));
}

export function learnRules(baseline: BaselineConfig, hourOf: (at: EpochMs) => number): LearnRules {
  return { minRows: baseline.minSampleMinutes, hourOfDayAfterDays: baseline.hourOfDayAfterDays, hourOf };
}
