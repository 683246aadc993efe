/**
 * What is normal for each metric now: learnt again every few minutes from the stored history, one metric a
 * beat at most. Nothing of it is stored: after a restart it comes back from the history within minutes.
 */
import { type MetricName, unitOf } from '../domain/metric.ts';
import type { Live, ThresholdOffsets } from '../domain/ports.ts';
import type { RollupReader } from '../domain/rollup.ts';
import { type EpochMs, epochMs, type Ms, minutes } from '../domain/units.ts';
import { baselineAt, deviation, type Learnt, learn, normalRange } from './baseline.ts';
import type { MonitorConfig } from './config.ts';
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
}

interface Entry {
  readonly learnt: Learnt | null;
  readonly at: Ms;
}

export function createNormals(deps: NormalsDeps): Normals {
  const entries = new Map<MetricName, Entry>();
  return {
    at(metric, now) {
      const learnt = entries.get(metric)?.learnt;
      return learnt === undefined || learnt === null ? null : normalNow(learnt, metric, now, deps);
    },
    learnOne(metrics, now) {
      const metric = mostOverdue(metrics, entries, now, deps.config.current().baseline.refit);
      if (metric === undefined) return;
      entries.set(metric, { learnt: learnNow(metric, now, deps), at: now.monotonic });
    },
  };
}

function normalNow(learnt: Learnt, metric: MetricName, now: EpochMs, deps: NormalsDeps): Normal {
  const wanted = deps.offsets.current(metric, now) ?? deps.config.current().baseline.sigmas;
  const sigmas = Math.min(MOST_SIGMAS, Math.max(LEAST_SIGMAS, wanted));
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
  refit: Ms,
): MetricName | undefined {
  const waited = (metric: MetricName): number => {
    const entry = entries.get(metric);
    if (entry === undefined) return Number.MAX_VALUE;
    return (now.monotonic - entry.at) / (entry.learnt === null ? RETRY : refit);
  };
  return metrics
    .filter((metric) => unitOf(metric) !== 'up' && waited(metric) >= 1)
    .sort((a, b) => waited(b) - waited(a))[0];
}

function learnNow(metric: MetricName, now: Moment, deps: NormalsDeps): Learnt | null {
  const { baseline } = deps.config.current();
  const until = epochMs(now.at - LAG);
  const rows = deps.rollups.minutes(metric, deps.rollups.oldest() ?? until, until, 'teaching');
  return learn(rows, unitOf(metric), {
    minRows: baseline.minSampleMinutes,
    hourOfDayAfterDays: baseline.hourOfDayAfterDays,
    hourOf: deps.hourOf,
  });
}
