/**
 * The newest samples in memory at the full beat: what is known now, and a quarter of an hour to verify by.
 *
 * A value is known only for as long as its reading allows; after that it is unknown, whatever was seen last.
 */
import type { JudgedSample, MetricName, Sample } from '../domain/metric.ts';
import { type EpochMs, epochMs, type Ms, minutes } from '../domain/units.ts';

/** How far back single beats are kept; the history answers what is older. */
export const LIVE_SPAN: Ms = minutes(15);

/** A sample that was judged in its beat, and until when it may stand for now (monotonic). */
export interface LiveSample {
  readonly judged: JudgedSample;
  readonly validUntil: Ms;
}

export interface LiveSamples {
  add(sample: LiveSample): void;
  /** Newest sample; its value is `null` once it no longer stands for now. */
  latest(metric: MetricName, now: Ms): JudgedSample | undefined;
  since(metric: MetricName, since: EpochMs): readonly JudgedSample[];
  /** When the metric was first seen. */
  firstAt(metric: MetricName): EpochMs | undefined;
  metrics(): readonly MetricName[];
  /** The value of every metric that was seen lately, `null` where it is unknown by now. */
  known(now: Ms): ReadonlyMap<MetricName, number | null>;
  /** Forgets metrics that have not been seen for the whole span. */
  forget(now: EpochMs): void;
  /** After a jump of the wall clock the moments of old samples mean nothing. */
  clear(): void;
}

export function createLiveSamples(): LiveSamples {
  const byMetric = new Map<MetricName, LiveSample[]>();

  function latest(metric: MetricName, now: Ms): JudgedSample | undefined {
    const newest = byMetric.get(metric)?.at(-1);
    if (newest === undefined || newest.validUntil >= now) return newest?.judged;
    return { ...newest.judged, value: null, verdict: 'unknown' };
  }

  return {
    add(sample) {
      const { metric, at } = sample.judged;
      const known = byMetric.get(metric);
      if (known === undefined) byMetric.set(metric, [sample]);
      else {
        dropBefore(known, epochMs(at - LIVE_SPAN));
        known.push(sample);
      }
    },
    latest,
    since: (metric, since) =>
      (byMetric.get(metric) ?? []).map((one) => one.judged).filter((one: Sample) => one.at > since),
    firstAt: (metric) => byMetric.get(metric)?.[0]?.judged.at,
    metrics: () => [...byMetric.keys()].sort(),
    known(now) {
      const values = new Map<MetricName, number | null>();
      for (const [metric, list] of byMetric) {
        const newest = list.at(-1);
        const stands = newest !== undefined && newest.validUntil >= now;
        values.set(metric, stands ? newest.judged.value : null);
      }
      return values;
    },
    forget(now) {
      for (const [metric, list] of byMetric) {
        const newest = list.at(-1);
        if (newest === undefined || newest.judged.at < now - LIVE_SPAN) byMetric.delete(metric);
      }
    },
    clear: () => byMetric.clear(),
  };
}

function dropBefore(list: LiveSample[], oldest: EpochMs): void {
  const isOutdated = ({ judged }: LiveSample): boolean => judged.at < oldest;
  const [first] = list;
  if (first === undefined || !isOutdated(first)) return;
  const kept = list.findIndex((one) => !isOutdated(one));
  list.splice(0, kept === -1 ? list.length : kept);
}
