import { describe, expect, it } from 'vitest';
import { epochMs, hours, after as later, ratio, toIso } from '../../../src/domain/units.ts';
import { heldBudgets, orderFault } from '../../../src/optimizer/budgets.ts';
import { OptimizerConfig } from '../../../src/optimizer/config.ts';

const now = epochMs(Date.parse('2026-11-22T12:00:00Z'));
const { budgets } = OptimizerConfig.parse({ budgets: { targets: [{ target: 'etl', cpuPercent: 30 }] } });
const set = { target: null, resource: 'cpu' as const, limit: 0.6, by: 'cli:ada', at: toIso(now) };

describe('heldBudgets', () => {
  it('takes what a person set over the file until its end', () => {
    const until = toIso(later(now, hours(2)));
    const held = (at: typeof now) => heldBudgets(budgets, [{ ...set, until }], at)[0];

    expect(held(now)).toMatchObject({ limit: 0.6, source: 'set', by: 'cli:ada' });
    expect(held(later(now, hours(2)))).toMatchObject({ limit: 0.8, source: 'config' });
  });

  it('names the host first, then targets that have a budget', () => {
    const names = heldBudgets(budgets, [], now).map(
      ({ target, resource }) => `${target ?? 'host'} ${resource}`,
    );

    expect(names).toEqual(['host cpu', 'host memory', 'etl cpu']);
  });
});

describe('orderFault', () => {
  it.each([
    [{ cpu: ratio(0) }, /1 to 100/],
    [{ cpu: ratio(1.01) }, /1 to 100/],
    [{ memory: ratio(-0.5) }, /1 to 100/],
    [{ cpu: ratio(Number.NaN) }, /1 to 100/],
    [{ messages: 0 }, /1 to 3600/],
    [{}, /Say what to set/],
    [{ target: 'nobody', cpu: ratio(0.5) }, /no target nobody/],
    [{ target: 'etl', messages: 10 }, /not for a target/],
    [{ cpu: ratio(0.5), until: now }, /lies in the past/],
  ])('refuses %o', (order, fault) => {
    expect(orderFault({ target: null, until: null, ...order }, ['etl'], now)).toMatch(fault);
  });

  it('lets a sound order through', () => {
    expect(
      orderFault({ target: 'etl', cpu: ratio(1), until: later(now, hours(1)) }, ['etl'], now),
    ).toBeNull();
  });
});
