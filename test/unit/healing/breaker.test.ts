import { describe, expect, it } from 'vitest';
import { actionId, after as later, minutes } from '../../../src/domain/units.ts';
import { beginAttempt, CLOSED, endAttempt, judgeBreaker } from '../../../src/healing/breaker.ts';
import { START } from '../../support/builders.ts';

const LIMITS = { failures: 2, openFor: minutes(60) };
const A = actionId('act-a');
const B = actionId('act-b');
const failTwice = () =>
  endAttempt(endAttempt(CLOSED, A, 'no_effect', LIMITS, START), B, 'worse', LIMITS, START);

describe('judgeBreaker', () => {
  it('opens after two failed verifications for an hour', () => {
    const once = endAttempt(CLOSED, A, 'no_effect', LIMITS, START);
    expect(judgeBreaker(once, LIMITS, START)).toEqual({ kind: 'closed' });
    const until = later(START, minutes(60));
    expect(judgeBreaker(failTwice(), LIMITS, START)).toEqual({ kind: 'open', failures: 2, until });
    expect(judgeBreaker(failTwice(), LIMITS, later(until, minutes(-1)))).toMatchObject({ kind: 'open' });
  });

  it('then lets one try through, and no second one beside it', () => {
    const now = later(START, minutes(60));
    expect(judgeBreaker(failTwice(), LIMITS, now)).toEqual({ kind: 'trial' });
    expect(judgeBreaker(beginAttempt(failTwice(), A), LIMITS, now)).toMatchObject({ kind: 'open' });
  });

  it('closes when the try helped and opens anew when it did not, or nobody knows', () => {
    const now = later(START, minutes(60));
    const trying = beginAttempt(failTwice(), A);
    expect(endAttempt(trying, A, 'helped', LIMITS, now)).toEqual(CLOSED);
    for (const bad of ['no_effect', 'worse', 'unknown'] as const) {
      expect(endAttempt(trying, A, bad, LIMITS, now)).toEqual({ failures: 3, openedAt: now, trial: null });
    }
  });

  it('counts failures in a row: one that helped starts anew, an unknown one changes nothing', () => {
    const once = endAttempt(CLOSED, A, 'no_effect', LIMITS, START);
    expect(endAttempt(once, B, 'helped', LIMITS, START)).toEqual(CLOSED);
    expect(endAttempt(once, B, 'unknown', LIMITS, START)).toBe(once);
    expect(beginAttempt(once, B)).toBe(once);
  });
});
