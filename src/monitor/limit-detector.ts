/**
 * Fixed limits as claims: one for the warning line, one for the critical line of each metric, and one for
 * everything that is plainly up or down.
 */
import type { Severity, Witness } from '../domain/anomaly.ts';
import { type Beat, familyOf, type MetricName, type Sample, unitOf } from '../domain/metric.ts';
import type { Live } from '../domain/ports.ts';
import { ms } from '../domain/units.ts';
import type { Claim, ClaimContext, Detector } from './claim.ts';
import type { MonitorConfig } from './config.ts';
import type { ConfirmRule, StreamVerdict } from './flapping.ts';
import { kindOf, type TargetOf } from './kinds.ts';
import { OUTSIDE_FAMILY } from './outside-detector.ts';
import { isBeyond, type Threshold, thresholdFor } from './thresholds.ts';

const WARNING_SCORE = 0.6;
const CRITICAL_SCORE = 0.9;
/** A target or probe has answered or not: half way is down. */
const DOWN_BELOW = 0.5;

export interface LimitDetectorDeps {
  readonly config: Live<MonitorConfig>;
  readonly targetOf: TargetOf;
}

export function createLimitDetector(deps: LimitDetectorDeps): Detector {
  return {
    judge: (beat: Beat, context) => beat.samples.flatMap((sample) => claimsOf(sample, context, deps)),
    // Nothing is remembered between beats.
    discardWindow: () => {},
  };
}

/** The key of a limit's claims; `isRaised` of it tells whether hysteresis applies. */
export function limitKey(metric: MetricName, severity: Severity): string {
  return `limit:${metric}:${severity}`;
}

function claimsOf(sample: Sample, context: ClaimContext, deps: LimitDetectorDeps): readonly Claim[] {
  const config = deps.config.current();
  if (familyOf(sample.metric) === OUTSIDE_FAMILY) return []; // outside-detector.ts speaks of them
  if (unitOf(sample.metric) === 'up') return [downClaim(sample, deps)];
  const threshold = thresholdFor(sample.metric, config.thresholds);
  if (threshold === undefined) return [];
  return [
    ...limitClaim(sample, threshold, 'warning', context, deps),
    ...limitClaim(sample, threshold, 'critical', context, deps),
  ];
}

function limitClaim(
  sample: Sample,
  threshold: Threshold,
  severity: 'warning' | 'critical',
  context: ClaimContext,
  deps: LimitDetectorDeps,
): readonly Claim[] {
  const limit = severity === 'warning' ? threshold.warn : threshold.critical;
  if (limit === null) return [];
  const { confirmation } = deps.config.current();
  const target = deps.targetOf(sample.metric);
  const key = limitKey(sample.metric, severity);
  const crossed = context.isRaised(key);
  const beyond = (value: number): boolean =>
    isBeyond(value, limit, threshold.direction, confirmation.hysteresis, crossed);
  return [
    {
      key,
      metric: sample.metric,
      kind: kindOf(sample.metric, target),
      target: target?.name ?? null,
      witness: 'limit',
      severity,
      hold: severity === 'warning' ? threshold.warnAfter : threshold.criticalAfter,
      verdict: verdictOf(sample.value, beyond),
      value: sample.value,
      score: severity === 'warning' ? WARNING_SCORE : CRITICAL_SCORE,
      confirm: { ...confirmation.soft, ...threshold.confirm, sayFirst: false },
      text: null,
    },
  ];
}

/**
 * A target that its own supervisor calls down is sure at the first row; a probe without an answer may be one
 * lost packet, so it waits for the count.
 */
function downClaim(sample: Sample, deps: LimitDetectorDeps): Claim {
  const supervised = familyOf(sample.metric) === 'target_up';
  const target = deps.targetOf(sample.metric);
  const confirm: ConfirmRule = { ...deps.config.current().confirmation.hard, sayFirst: supervised };
  const witness: Witness = supervised ? 'supervisor' : 'probe';
  return {
    key: limitKey(sample.metric, 'critical'),
    metric: sample.metric,
    kind: kindOf(sample.metric, target),
    target: target?.name ?? null,
    witness,
    severity: 'critical',
    hold: ms(0),
    verdict: verdictOf(sample.value, (value) => value < DOWN_BELOW),
    value: sample.value,
    score: 1,
    confirm,
    text: null,
  };
}

function verdictOf(value: number | null, isBad: (value: number) => boolean): StreamVerdict {
  if (value === null) return 'unknown';
  return isBad(value) ? 'bad' : 'good';
}
