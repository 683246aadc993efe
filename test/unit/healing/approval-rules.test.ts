import { describe, expect, it } from 'vitest';
import type { Approval } from '../../../src/domain/approval.ts';
import { type DecisionContext, judgePress } from '../../../src/healing/approval-rules.ts';
import { actor, START } from '../../support/builders.ts';
import { approval } from '../../support/healing-builders.ts';

const ADA = actor({ id: 'U1', person: 'ada', display: 'Ada' });
const CONTEXT: DecisionContext = {
  now: START,
  isExpired: false,
  soleOperator: false,
  people: 2,
  planFault: null,
};

const press = (
  over: Partial<Approval> = {},
  context: Partial<DecisionContext> = {},
  by = ADA,
  verdict: 'approve' | 'deny' = 'approve',
  takenAt: typeof START | null = null,
) =>
  judgePress({ approval: approval(over), takenAt }, { verdict, by, reason: '' }, { ...CONTEXT, ...context });

describe('judgePress', () => {
  it('counts one yes where one is needed', () => {
    expect(press()).toMatchObject({
      kind: 'counted',
      state: { kind: 'approved' },
      decision: { by: { person: 'ada' } },
    });
  });

  it('counts a no from whoever has the role, also their own request, also after the plan changed', () => {
    const own = { requestedBy: ADA };
    expect(press(own, { planFault: 'changed' }, ADA, 'deny')).toMatchObject({ state: { kind: 'denied' } });
    expect(press({}, {}, actor({ roles: ['operator'] }), 'deny')).toMatchObject({ code: 'FORBIDDEN' });
  });

  it('lets a no take back a yes that was not used, and none that was', () => {
    const approved = { state: { kind: 'approved', at: START } } as const;
    expect(press(approved, {}, ADA, 'deny')).toMatchObject({ state: { kind: 'denied' } });
    expect(press(approved, {}, ADA, 'deny', START)).toMatchObject({ code: 'ALREADY_DECIDED' });
    expect(press(approved)).toMatchObject({ code: 'ALREADY_DECIDED' });
  });

  it('says what became of one that is over', () => {
    const decisions = [{ verdict: 'deny', by: ADA, at: START, reason: '' }] as const;
    expect(press({ state: { kind: 'denied', at: START }, decisions })).toMatchObject({
      reason: 'it was denied already by Ada',
    });
    expect(press({ state: { kind: 'expired', at: START } })).toMatchObject({ code: 'EXPIRED' });
    expect(press({ state: { kind: 'void', at: START, reason: 'gone' } })).toMatchObject({
      code: 'PLAN_CHANGED',
      reason: 'gone',
    });
  });

  it('ends one whose time is over or whose plan is not what was shown', () => {
    expect(press({}, { isExpired: true })).toMatchObject({
      kind: 'ended',
      code: 'EXPIRED',
      state: { kind: 'expired' },
    });
    expect(press({}, { planFault: 'changed' })).toMatchObject({
      kind: 'ended',
      code: 'PLAN_CHANGED',
      state: { kind: 'void' },
    });
  });

  it('compares people where they are mapped, and accounts where they are not', () => {
    const asked = actor({ surface: 'slack', id: 'U9', person: null });
    expect(press({ requestedBy: asked }, {}, asked)).toMatchObject({ code: 'OWN_REQUEST' });
    expect(press({ requestedBy: asked }, {}, { ...asked, surface: 'discord' })).toMatchObject({
      kind: 'counted',
    });
    expect(press({ requestedBy: ADA }, {}, { ...ADA, surface: 'discord', id: '5' })).toMatchObject({
      code: 'OWN_REQUEST',
    });
    expect(press({ requestedBy: ADA }, { people: 1 })).toMatchObject({ kind: 'counted' });
    expect(press({ requestedBy: ADA }, { soleOperator: true })).toMatchObject({ kind: 'counted' });
  });
});
