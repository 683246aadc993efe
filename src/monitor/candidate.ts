/** A likely cause before the ranking. */
import type { LikelyCause } from '../domain/anomaly.ts';
import { before, type EpochMs, elapsed, type Ms, minutes } from '../domain/units.ts';
import { spanText } from './sentences.ts';

/** A cause may be seen a little after its effect: the beats are not that fine. */
export const SLACK: Ms = minutes(1);

/** A cause with how well it fits; only the order is told. */
export interface Candidate extends LikelyCause {
  readonly weight: number;
}

/** How long before the trouble it was, in words. */
export function leadText(lead: Ms): string {
  return lead >= 5_000 ? `${spanText(lead)} before` : 'at the same time';
}

export function isJustBefore(at: EpochMs, since: EpochMs, within: Ms): boolean {
  return at >= before(since, within) && elapsed(since, at) <= SLACK;
}
