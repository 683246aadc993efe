import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hours, minutes } from '../../../src/domain/units.ts';
import { type Approvals, openApprovals } from '../../../src/healing/approvals.ts';
import { createDeadlines } from '../../../src/healing/deadlines.ts';
import { createEventBus } from '../../../src/platform/event-bus.ts';
import { actor } from '../../support/builders.ts';
import { createFakeClock } from '../../support/fake-clock.ts';
import { plan } from '../../support/healing-builders.ts';
import {
  createMemoryAudit,
  createMemoryLogger,
  createMemoryStateStore,
  createSeededRandom,
} from '../../support/memory-ports.ts';

const RULES = { soleOperator: false, people: 2, planFault: () => null };
const ADA = actor({ id: 'U1', person: 'ada' });
const BEN = actor({ id: 'U2', person: 'ben' });

function stage() {
  const clock = createFakeClock();
  const states = createMemoryStateStore();
  const log = createMemoryLogger();
  const audit = createMemoryAudit();
  const random = createSeededRandom(3);
  const bus = createEventBus(log);
  const open = (): Promise<Approvals> =>
    openApprovals({ states, clock, bus, log, audit, random, deadlines: createDeadlines(clock) });
  const request = {
    plan: plan(),
    why: 'it is down',
    tried: '',
    requestedBy: null,
    approversNeeded: 1 as const,
    expiresIn: minutes(15),
  };
  return { clock, states, audit, log, open, request };
}

describe('openApprovals', () => {
  it('never gives one yes out twice, under any interleaving of presses, takes, voids and restarts', async () => {
    const step = fc.constantFrom(
      ...(['yes-ada', 'yes-ben', 'no', 'take', 'void', 'expire', 'wait', 'restart'] as const),
    );
    await fc.assert(
      fc.asyncProperty(
        fc.array(step, { minLength: 1, maxLength: 25 }),
        fc.scheduler(),
        async (steps, scheduler) => {
          const { clock, open, request } = stage();
          let approvals = await open();
          const { id } = await approvals.ask(request);
          let taken = 0;
          let denied = false;
          const press = (verdict: 'approve' | 'deny', by: typeof ADA) =>
            approvals.decide(id, { verdict, by, reason: '' }, RULES);
          const deeds: Record<(typeof steps)[number], () => Promise<void>> = {
            'yes-ada': async () => void (await press('approve', ADA)),
            'yes-ben': async () => void (await press('approve', BEN)),
            no: async () => {
              denied ||= (await press('deny', BEN)).kind === 'accepted';
            },
            take: async () => {
              if (!(await approvals.take(id))) return;
              taken += 1;
              expect(denied).toBe(false);
            },
            void: () => approvals.void(id, 'changed'),
            expire: async () => void (await approvals.expire()),
            wait: () => clock.advance(minutes(4)),
            restart: async () => {
              approvals = await open();
            },
          };
          const running = steps.map((what) =>
            scheduler.schedule(Promise.resolve(what)).then((now) => deeds[now]()),
          );
          await scheduler.waitFor(Promise.all(running));

          expect(taken).toBeLessThanOrEqual(1);
        },
      ),
      { numRuns: 150 },
    );
  });

  it('accepts one of twenty presses', async () => {
    const { open, request } = stage();
    const approvals = await open();
    const { id } = await approvals.ask(request);
    const results = await Promise.all(
      Array.from({ length: 20 }, () =>
        approvals.decide(id, { verdict: 'approve', by: ADA, reason: '' }, RULES),
      ),
    );
    expect(results.filter(({ kind }) => kind === 'accepted')).toHaveLength(1);
  });

  it('gives a yes that was not used in time back as void', async () => {
    const { open, request, clock } = stage();
    const approvals = await open();
    const { id } = await approvals.ask(request);
    await approvals.decide(id, { verdict: 'approve', by: ADA, reason: 'go' }, RULES);
    clock.jump(hours(1));

    expect(await approvals.take(id)).toBe(false);
    expect(await approvals.expire()).toHaveLength(1);
    expect(approvals.get(id)?.state.kind).toBe('void');
    expect(await approvals.expire()).toHaveLength(0);
  });

  it('keeps the newest three hundred and every pending one', async () => {
    const { open, request } = stage();
    const approvals = await open();
    const first = await approvals.ask(request);
    for (let count = 0; count < 320; count += 1) {
      const { id } = await approvals.ask(request);
      await approvals.void(id, 'x');
    }
    expect(approvals.list('pending').map(({ id }) => id)).toEqual([first.id]);
    expect(approvals.list('all').length).toBeLessThanOrEqual(302);
  });

  it('decides also when the log cannot take the line; the action will be stopped by its own', async () => {
    const { open, request, audit, log } = stage();
    const approvals = await open();
    const { id } = await approvals.ask(request);
    audit.fail(true);
    expect(await approvals.decide(id, { verdict: 'deny', by: ADA, reason: '' }, RULES)).toMatchObject({
      kind: 'accepted',
    });
    expect(log.lines).toHaveLength(1);
  });
});
