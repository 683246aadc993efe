/**
 * Did it help? Pure judgement over fresh samples, never over an exit code.
 *
 * Fresh means taken after the action ended. Two good ones among the last three are proof; a missing value is
 * neither good nor bad. That what depends on it broke is said at once; that the trouble itself rose only when fresh
 * samples are bad too, because a rate of the last minute may rise on what was before the action.
 */
import { compareSeverity, type Severity } from '../domain/anomaly.ts';
import type { JudgedSample } from '../domain/metric.ts';
import type { Verification } from '../domain/strategy.ts';
import type { EpochMs } from '../domain/units.ts';

const LOOK_AT = 3;
const GOOD_NEEDED = 2;
const BAD_NEEDED = 2;

export interface VerifierInput {
  /** Samples of the metric that gave the alarm, oldest first. */
  readonly samples: readonly JudgedSample[];
  readonly actionEndedAt: EpochMs;
  /** The time for fresh evidence is over. */
  readonly isOverdue: boolean;
  readonly severityBefore: Severity;
  readonly severityNow: Severity;
  /** What depends on the target and became critical since the action began. */
  readonly newlyCritical: readonly string[];
}

export interface Judgement {
  readonly verification: Verification | 'waiting';
  /** For the timeline: what the evidence was. */
  readonly why: string;
  /** What depends on it broke: whatever else there is to try, a person looks first. */
  readonly harmed?: boolean;
}

export function judgeRecovery(input: VerifierInput): Judgement {
  if (input.newlyCritical.length > 0) {
    return { verification: 'worse', why: `${input.newlyCritical.join(', ')} became critical`, harmed: true };
  }
  const hasRisen = compareSeverity(input.severityNow, input.severityBefore) > 0;
  if (hasRisen && isBadAgain(input.samples, input.actionEndedAt)) {
    return { verification: 'worse', why: `it rose from ${input.severityBefore} to ${input.severityNow}` };
  }
  const last = lastFresh(input.samples, input.actionEndedAt);
  const good = countGood(last);
  if (good >= GOOD_NEEDED)
    return { verification: 'helped', why: `${good} of the last ${last.length} samples are good` };
  if (!input.isOverdue) return { verification: 'waiting', why: 'too early to tell' };
  if (last.some((sample) => sample.verdict === 'bad')) {
    return { verification: 'no_effect', why: `${good} of the last ${last.length} samples are good` };
  }
  return { verification: 'unknown', why: 'no fresh samples came' };
}

/** The same proof for something that was not acted on itself: two good ones among the last three fresh samples. */
export function isRecovered(samples: readonly JudgedSample[], since: EpochMs): boolean {
  return countGood(lastFresh(samples, since)) >= GOOD_NEEDED;
}

/** Two bad ones among the last three fresh samples: it is sick now, whatever it was before. */
export function isBadAgain(samples: readonly JudgedSample[], since: EpochMs): boolean {
  return lastFresh(samples, since).filter(({ verdict }) => verdict === 'bad').length >= BAD_NEEDED;
}

function lastFresh(samples: readonly JudgedSample[], since: EpochMs): readonly JudgedSample[] {
  return samples.filter((sample) => sample.at > since).slice(-LOOK_AT);
}

function countGood(samples: readonly JudgedSample[]): number {
  return samples.filter((sample) => sample.verdict === 'good').length;
}
