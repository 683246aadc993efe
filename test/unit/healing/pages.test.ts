import { describe, expect, it } from 'vitest';
import type { IncidentState } from '../../../src/domain/incident.ts';
import { actionId, approvalId, after as later, minutes } from '../../../src/domain/units.ts';
import { type PageInput, whyPage } from '../../../src/healing/pages.ts';
import { incident, START } from '../../support/builders.ts';

const HOLD = later(START, minutes(10));

function why(
  state: IncidentState,
  over: Partial<PageInput> = {},
  severity: 'info' | 'warning' | 'critical' = 'critical',
) {
  return whyPage({
    incident: incident({ state, severity }),
    isTried: false,
    isHoldOver: false,
    holdUntil: HOLD,
    isQuiet: false,
    isCommonCause: false,
    ...over,
  });
}

const held = (retryIn: number | null, gate: 'grace_period' | 'freeze' = 'grace_period'): IncidentState => ({
  kind: 'held',
  gate,
  reason: 'later',
  retryAt: retryIn === null ? null : later(START, minutes(retryIn)),
});
const OPEN: IncidentState = { kind: 'open' };

describe('whyPage', () => {
  it('calls for a critical at once when healing may not act or needs a yes', () => {
    expect(why(held(null))).toBe('later');
    expect(why(held(20))).toBe('later');
    expect(why(held(1, 'freeze'))).toBe('later');
    expect(why(held(1), { isCommonCause: true })).toBe('later');
    expect(why({ kind: 'awaiting_approval', approvalId: approvalId('x') })).toBe('it needs a yes');
    expect(why({ kind: 'escalated', at: START, reason: 'no effect' })).toBe('no effect');
  });

  it('holds the call while healing is under way, at most until the hold is over', () => {
    const healing: IncidentState = { kind: 'healing', actionId: actionId('a') };
    for (const state of [OPEN, healing, held(5)]) {
      expect(why(state)).toBeNull();
      expect(why(state, { isHoldOver: true })).toBe('it is not over yet');
    }
  });

  it('calls for a warning only when healing tried and it lasts, or handed it over', () => {
    expect(why(held(null), {}, 'warning')).toBeNull();
    expect(why(OPEN, { isHoldOver: true }, 'warning')).toBeNull();
    expect(why(OPEN, { isHoldOver: true, isTried: true }, 'warning')).toMatch(/healing tried/);
    expect(why({ kind: 'escalated', at: START, reason: 'no effect' }, {}, 'warning')).toBe('no effect');
  });

  it('never calls for info, twice, for what is over, acknowledged or quiet', () => {
    const escalated: IncidentState = { kind: 'escalated', at: START, reason: 'x' };
    expect(why(escalated, {}, 'info')).toBeNull();
    expect(why(escalated, { isQuiet: true })).toBeNull();
    expect(why({ kind: 'resolved', at: START, how: 'healed', reason: 'x' }, { isHoldOver: true })).toBeNull();
    const base = { isTried: true, isHoldOver: true, holdUntil: HOLD, isQuiet: false, isCommonCause: false };
    expect(whyPage({ ...base, incident: incident({ state: escalated, pagedAt: START }) })).toBeNull();
    expect(
      whyPage({ ...base, incident: incident({ state: escalated, ack: { by: 'ada', at: START } }) }),
    ).toBeNull();
  });
});
