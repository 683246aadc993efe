import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { actionId, hours, after as later, minutes, seconds } from '../../../src/domain/units.ts';
import { openLedger } from '../../../src/healing/ledger.ts';
import { createFakeClock } from '../../support/fake-clock.ts';
import { plan } from '../../support/healing-builders.ts';
import { createMemoryStateStore } from '../../support/memory-ports.ts';

const LIMITS = { failures: 2, openFor: minutes(60) };
const planned = (id: string) => plan({ actionId: actionId(id) });

describe('openLedger', () => {
  it('charges an action id once, also over a restart and however many ask at the same time', async () => {
    const states = createMemoryStateStore();
    const clock = createFakeClock();
    const ledger = await openLedger(states, clock);
    const charged = await Promise.all(
      Array.from({ length: 20 }, () => ledger.charge(planned('a'), clock.now())),
    );
    expect(charged.filter(Boolean)).toHaveLength(1);
    const again = await openLedger(states, clock);
    expect(again.isCharged(actionId('a'))).toBe(true);
    expect(await again.charge(planned('a'), clock.now())).toBe(false);
  });

  it('counts a verification once for breaker and trust, however often it is told', async () => {
    const clock = createFakeClock();
    const ledger = await openLedger(createMemoryStateStore(), clock);
    for (const id of ['a', 'b']) await ledger.charge(planned(id), clock.now());
    for (let times = 0; times < 3; times += 1) await ledger.settle(actionId('a'), 'helped', LIMITS);
    expect(ledger.successes('worker_down', 'rpa-worker')).toBe(1);
    for (let times = 0; times < 3; times += 1) await ledger.settle(actionId('b'), 'no_effect', LIMITS);
    expect(ledger.breaker('worker_down', 'rpa-worker').failures).toBe(1);
    expect(ledger.successes('worker_down', 'rpa-worker')).toBe(0);
    await ledger.settle(actionId('nobody'), 'worse', LIMITS);
    expect(ledger.successes('other', null)).toBe(0);
  });

  it('tells the age of attempts and of an open breaker by the monotonic clock', async () => {
    const clock = createFakeClock();
    const ledger = await openLedger(createMemoryStateStore(), clock);
    for (const id of ['a', 'b']) {
      await ledger.charge(planned(id), clock.now());
      await ledger.settle(actionId(id), 'no_effect', LIMITS);
    }
    await clock.advance(minutes(10));
    clock.jump(hours(5));
    const tenAgo = later(clock.now(), minutes(-10));
    expect(ledger.attempts().map(({ at }) => at)).toEqual([tenAgo, tenAgo]);
    expect(ledger.breaker('worker_down', 'rpa-worker').openedAt).toBe(tenAgo);
  });

  it('forgets attempts after three days, not before', async () => {
    const clock = createFakeClock();
    const ledger = await openLedger(createMemoryStateStore(), clock);
    await ledger.charge(planned('a'), clock.now());
    await clock.advance(hours(71));
    await ledger.charge(planned('b'), clock.now());
    expect(ledger.attempts()).toHaveLength(2);
    await clock.advance(hours(2));
    await ledger.charge(planned('c'), clock.now());
    expect(ledger.attempts()).toHaveLength(2);
  });

  it('is the same after a restart as before it, for any history', async () => {
    const step = fc.record({
      id: fc.constantFrom('a', 'b', 'c', 'd'),
      gap: fc.integer({ min: 0, max: 900 }),
      settle: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 20 }), async (steps) => {
        const states = createMemoryStateStore();
        const clock = createFakeClock();
        const ledger = await openLedger(states, clock);
        for (const { id, gap, settle } of steps) {
          await clock.advance(seconds(gap));
          if (settle) await ledger.settle(actionId(id), 'no_effect', LIMITS);
          else await ledger.charge(planned(id), clock.now());
        }
        const again = await openLedger(states, clock);
        expect(again.attempts()).toEqual(ledger.attempts());
        expect(again.breaker('worker_down', 'rpa-worker')).toEqual(
          ledger.breaker('worker_down', 'rpa-worker'),
        );
      }),
      { numRuns: 40 },
    );
  });
});
