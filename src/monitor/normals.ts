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
import {
  type Baseline,
  baselineAt,
  deviation,
  type LearnRules,
  type Learnt,
  learn,
  normalRange,
} from './baseline.ts';
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

  const held = new Map<MetricName, { readonly version: number; readonly found: InForce | null }>();
  /** What was answered last: from sample to sample it is nearly always the same. */
  const answered = new Map<MetricName, { readonly baseline: Baseline; readonly normal: Normal }>();

  function now(metric: MetricName): InForce | null {
    const version = deps.book.version();
    const known = held.get(metric);
    if (known?.version === version) return known.found;
    const entry = entries.get(metric);
    const own = entry?.version === version ? entry : undefined;
    const speaks = inForce(own?.learnt ?? null, deps.book.collected(metric));
    const found =
      speaks === null ? null : { ...speaks, at: speaks.isCollected ? null : (own?.at.at ?? null) };
    held.set(metric, { version, found });
    return found;
  }
  function learnt(metric: MetricName, moment: Moment): void {
    const version = deps.book.version();
    entries.set(metric, { learnt: learnNow(metric, moment, deps), at: moment, version });
    held.delete(metric);
  }

  return {
    at(metric, moment) {
      const found = now(metric);
      if (found === null) return null;
      const { learnt: known } = found;
      const baseline = known.hours === null ? known.overall : baselineAt(known, deps.hourOf(moment));
      const sigmas = sigmasNow(metric, moment, deps);
      const last = answered.get(metric);
      if (last?.baseline === baseline && last.normal.sigmas === sigmas) return last.normal;
      const normal = normalOf(baseline, sigmas, metric);
      answered.set(metric, { baseline, normal });
      return normal;
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

function normalOf(baseline: Baseline, sigmas: number, metric: MetricName): Normal {
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
