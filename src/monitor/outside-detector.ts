/**
 * What others say is wrong, as claims: it is believed at once and for as long as they say so, over any number of
 * beats and restarts. One alert from outside is one claim; what becomes of it is the same as for our own.
 */
import type { OutsideAlert, OutsideWatch } from '../domain/outside.ts';
import { ms } from '../domain/units.ts';
import type { Claim, Detector } from './claim.ts';

/** `outside_ok:<key>`: 0 while it fires, 1 once it is over. */
export const OUTSIDE_FAMILY = 'outside_ok';
const SCORE = 0.9;

export function outsideMetric({ key }: Pick<OutsideAlert, 'key'>): string {
  return `${OUTSIDE_FAMILY}:${key}`;
}

export function createOutsideDetector(outside: OutsideWatch): Detector {
  return {
    judge: () => outside.alerts().map(claimOf),
    // Nothing is remembered between beats.
    discardWindow: () => {},
  };
}

function claimOf(alert: OutsideAlert): Claim {
  const isFiring = alert.state === 'firing';
  return {
    key: `outside:${alert.key}`,
    metric: alert.metric ?? outsideMetric(alert),
    kind: alert.kind,
    target: alert.target,
    witness: 'external',
    severity: alert.severity,
    hold: ms(0),
    verdict: isFiring ? 'bad' : 'good',
    value: isFiring ? 0 : 1,
    score: SCORE,
    confirm: { badOf: 1, outOf: 1, clearAfterGood: 1, sayFirst: false },
    text: alert.text,
  };
}
