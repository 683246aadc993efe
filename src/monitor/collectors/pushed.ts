/**
 * Samples that others push (`POST /api/metrics`): kept until the next beat takes them.
 *
 * What comes from outside is bounded: names, number of metrics, age. A pushed metric may not carry the name of
 * one that is measured here, and one that is not pushed any more just ends.
 */
import { familyOf, type MetricName, type Sample, unitOf } from '../../domain/metric.ts';
import { before, type EpochMs, elapsed, hours, type Ms, minutes } from '../../domain/units.ts';
import type { Collector, Reading } from '../collector.ts';
import { METRIC_NAME } from '../prometheus-config.ts';

const MAX_METRICS = 200;
/** Older than this says nothing about now; so far ahead is a wrong clock. */
const OLDEST: Ms = minutes(5);
const AHEAD: Ms = minutes(1);
/** Without a newer one a pushed value is unknown after this long. */
const VALID_FOR: Ms = minutes(5);
/** A name that was not pushed for this long makes room for another. */
const FORGOTTEN: Ms = hours(24);

/** What became of pushed samples: how many were taken, and why the others were not. */
export interface PushResult {
  readonly accepted: number;
  readonly refused: readonly { readonly metric: MetricName; readonly reason: string }[];
}

export interface PushedCollector extends Collector {
  push(samples: readonly Sample[], now: EpochMs): PushResult;
}

/** @param taken true for a metric that another collector delivers here. */
export function createPushedCollector(taken: (metric: MetricName) => boolean = () => false): PushedCollector {
  const names = new Map<MetricName, EpochMs>();
  const waiting = new Map<MetricName, Sample>();

  function refusal(sample: Sample, now: EpochMs): string | null {
    const fault = faultOf(sample, now);
    if (fault !== null) return fault;
    if (taken(sample.metric)) return 'this name is measured here';
    if (names.size >= MAX_METRICS) forgetOld(now);
    const room = names.has(sample.metric) || names.size < MAX_METRICS;
    return room ? null : `more than ${MAX_METRICS} pushed metrics`;
  }

  function forgetOld(now: EpochMs): void {
    for (const [name, at] of names) if (at < before(now, FORGOTTEN)) names.delete(name);
  }

  return {
    name: 'pushed',
    metrics: () => [],
    async collect() {
      const readings: readonly Reading[] = [...waiting.values()].map(({ metric, value }) => ({
        metric,
        value,
        validFor: VALID_FOR,
      }));
      waiting.clear();
      return readings;
    },
    push(samples, now) {
      const refused: { metric: MetricName; reason: string }[] = [];
      for (const sample of samples) {
        const reason = refusal(sample, now);
        if (reason !== null) {
          refused.push({ metric: sample.metric, reason });
          continue;
        }
        names.set(sample.metric, now);
        const known = waiting.get(sample.metric);
        if (known === undefined || known.at <= sample.at) waiting.set(sample.metric, sample);
      }
      return { accepted: samples.length - refused.length, refused };
    },
  };
}

function faultOf(sample: Sample, now: EpochMs): string | null {
  if (!METRIC_NAME.test(sample.metric)) return 'not a metric name';
  if (isMeasuredHere(sample.metric)) return 'this name is measured here';
  if (sample.value !== null && !Number.isFinite(sample.value)) return 'not a number';
  if (sample.at < before(now, OLDEST)) return 'older than 5 minutes';
  if (elapsed(now, sample.at) > AHEAD) return 'more than a minute ahead';
  return null;
}

/** Queues may be pushed by their owner; everything else with a unit of ours is ours. */
function isMeasuredHere(metric: MetricName): boolean {
  return unitOf(metric) !== 'count' && !familyOf(metric).startsWith('queue_');
}
