/**
 * Services that answer, but wrongly: found by the sequence of their answers, tens of seconds before the rate over
 * the last minute shows it. Stands beside the limits of that rate as a second witness of the same anomaly.
 */
import { familyOf, type Sample, subjectOf } from '../domain/metric.ts';
import type { Live } from '../domain/ports.ts';
import { ms } from '../domain/units.ts';
import type { Claim, Detector } from './claim.ts';
import type { MonitorConfig } from './config.ts';
import type { TargetOf } from './kinds.ts';
import type { Failing } from './probe-evidence.ts';
import { thresholdFor } from './thresholds.ts';

const WARNING_SCORE = 0.7;
const CRITICAL_SCORE = 0.95;

export interface FailingDetectorDeps {
  readonly config: Live<MonitorConfig>;
  readonly targetOf: TargetOf;
  /** What the answers of this probe say; `null` for a probe that does not exist. */
  readonly failing: (probe: string) => Failing | null;
}

export function createFailingDetector(deps: FailingDetectorDeps): Detector {
  return {
    judge: (beat) =>
      beat.samples.flatMap((sample) => {
        if (familyOf(sample.metric) !== 'probe_up') return [];
        const probe = subjectOf(sample.metric) ?? '';
        const seen = deps.failing(probe);
        return seen === null ? [] : [claimOf(probe, sample, seen, deps)];
      }),
    // The answers are kept, and dated by the monotonic clock, where they are asked for.
    discardWindow: () => {},
  };
}

function claimOf(probe: string, sample: Sample, seen: Failing, deps: FailingDetectorDeps): Claim {
  const metric = `success_rate:${probe}`;
  const critical = thresholdFor(metric, deps.config.current().thresholds)?.critical ?? 0;
  const value = seen.of === 0 ? null : 1 - seen.failed / seen.of;
  const isCritical = value !== null && value <= critical;
  return {
    key: `failing:${probe}`,
    metric,
    kind: 'low_success_rate',
    target: deps.targetOf(metric)?.name ?? null,
    witness: 'probe',
    severity: isCritical ? 'critical' : 'warning',
    hold: ms(0),
    verdict: verdictOf(sample, seen),
    value,
    score: isCritical ? CRITICAL_SCORE : WARNING_SCORE,
    confirm: { badOf: 1, outOf: 1, clearAfterGood: 2, sayFirst: false },
    text: seen.isFailing === true ? sentence(probe, seen) : null,
  };
}

function verdictOf(sample: Sample, { isFailing }: Failing): Claim['verdict'] {
  if (sample.value === null || isFailing === null) return 'unknown';
  return isFailing ? 'bad' : 'good';
}

function sentence(probe: string, { failed, of, reason }: Failing): string {
  return `${probe} failed ${failed} of its last ${of} answers${reason === '' ? '' : `: ${reason}`}.`;
}
