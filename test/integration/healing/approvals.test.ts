import { describe, expect, it } from 'vitest';
import type { Actor } from '../../../src/domain/approval.ts';
import { hours, minutes, seconds } from '../../../src/domain/units.ts';
import { actor } from '../../support/builders.ts';
import { createWorld, WORKER_DOWN, type World, type WorldOptions } from '../../support/healing-world.ts';

const ADA = actor({
  surface: 'slack',
  id: 'U1',
  display: 'Ada',
  person: 'ada',
  roles: ['viewer', 'approver'],
});
const BEN = actor({
  surface: 'discord',
  id: '99',
  display: 'Ben',
  person: 'ben',
  roles: ['viewer', 'approver'],
});
const EVE = actor({
  surface: 'slack',
  id: 'U3',
  display: 'Eve',
  person: 'eve',
  roles: ['viewer', 'responder'],
});

/** A critical worker on the allow-list: every restart of it needs a yes. */
function criticalWorld(over: WorldOptions = {}): World {
  return createWorld({
    workers: [{ name: 'rpa-worker', critical: true }],
    people: 2,
    ...over,
    healing: { criticalAllowList: ['rpa-worker'], ...over.healing },
  });
}

async function asked(world: World): Promise<string> {
  await world.boot();
  await world.sicken();
  expect(world.only().state.kind).toBe('awaiting_approval');
  const [approval] = world.healer.approvals('pending');
  if (approval === undefined) throw new Error('nothing was asked');
  return approval.id;
}

const decide = (world: World, id: string, verdict: 'approve' | 'deny', by: Actor) =>
  world.healer.decide(id, verdict, by, '');

describe('a critical target', () => {
  it('on the allow-list is asked for and people are called; a yes runs it once', async () => {
    const world = criticalWorld();
    const id = await asked(world);
    expect(world.restarts).toEqual([]);
    expect(world.only().pagedAt).not.toBeNull();
    expect(id).toMatch(/^[0-9a-f]{32}$/);
    expect(world.told('action.proposed')).toMatchObject([
      {
        approval: {
          plan: { effect: 'stop worker rpa-worker and start it again', undo: null, critical: true },
        },
      },
    ]);

    expect(await decide(world, id, 'approve', ADA)).toMatchObject({ kind: 'accepted' });
    await world.advance(seconds(15));

    expect(world.restarts).toEqual(['rpa-worker']);
    expect(world.only().state).toMatchObject({ kind: 'resolved', how: 'healed' });
    expect(world.lines('intent')[0]?.data).toMatchObject({ approvalId: id });
  });

  it('that is not on the allow-list is held, and people are called with the plan', async () => {
    const world = criticalWorld({ healing: { criticalAllowList: [] } });
    await world.boot();
    await world.sicken();

    expect(world.only().state).toMatchObject({ kind: 'held', gate: 'allow_list' });
    expect(world.only().pagedAt).not.toBeNull();
    expect(world.healer.plan(world.only().id)?.rungs[0]).toMatchObject({ refusal: { gate: 'allow_list' } });
    expect(world.restarts).toEqual([]);
  });
});

describe('decide', () => {
  it('takes one of twenty presses at the same moment and executes once', async () => {
    const world = criticalWorld();
    const id = await asked(world);

    const results = await Promise.all(
      Array.from({ length: 20 }, (_, index) => decide(world, id, 'approve', index % 2 === 0 ? ADA : BEN)),
    );
    await world.advance(seconds(15));

    expect(results.filter(({ kind }) => kind === 'accepted')).toHaveLength(1);
    expect(
      results.filter((result) => result.kind === 'refused' && result.code === 'ALREADY_DECIDED'),
    ).toHaveLength(19);
    expect(world.restarts).toEqual(['rpa-worker']);
    expect(world.lines('approval').filter((line) => line.text.startsWith('Refused'))).toHaveLength(19);
  });

  it('lets a no win over a yes that has not been used yet', async () => {
    const world = criticalWorld();
    const id = await asked(world);
    const [yes, no] = await Promise.all([decide(world, id, 'approve', ADA), decide(world, id, 'deny', BEN)]);
    await world.advance(minutes(2));

    expect(yes.kind).toBe('accepted');
    if (no.kind === 'accepted') {
      expect(world.restarts).toEqual([]);
      expect(world.only().state).toMatchObject({ kind: 'escalated', reason: 'Ben said no' });
    } else {
      expect(world.restarts).toEqual(['rpa-worker']);
    }
  });

  it('refuses who has not the role, and writes that down', async () => {
    const world = criticalWorld();
    const id = await asked(world);

    expect(await decide(world, id, 'approve', EVE)).toMatchObject({ kind: 'refused', code: 'FORBIDDEN' });
    expect(await decide(world, id, 'deny', EVE)).toMatchObject({ kind: 'refused', code: 'FORBIDDEN' });
    expect(await decide(world, 'f'.repeat(32), 'approve', ADA)).toEqual({ kind: 'not_found' });
    expect(world.lines('approval')).toHaveLength(3);
    expect(world.only().state.kind).toBe('awaiting_approval');
  });

  it('takes silence for a no and calls people', async () => {
    const world = criticalWorld();
    const id = await asked(world);
    await world.advance(minutes(16));

    expect(world.only().state).toMatchObject({ kind: 'escalated' });
    expect(world.told('action.expired')).toHaveLength(1);
    expect(await decide(world, id, 'approve', ADA)).toMatchObject({ kind: 'refused', code: 'EXPIRED' });
    expect(world.restarts).toEqual([]);
  });

  it('keeps a request over a restart with its deadline, and lets time run while the process is down', async () => {
    const world = criticalWorld();
    const id = await asked(world);
    world.kill();
    await world.advance(minutes(5));
    await world.boot();
    expect(world.healer.approvals('pending')).toHaveLength(1);
    world.kill();
    await world.advance(minutes(12));
    await world.boot();

    expect(world.healer.approvals('pending')).toHaveLength(0);
    expect(await decide(world, id, 'approve', ADA)).toMatchObject({ kind: 'refused', code: 'EXPIRED' });
    await world.advance(seconds(3));
    expect(world.only().state.kind).toBe('escalated');
  });

  it('does not live longer because the clock was set back', async () => {
    const world = criticalWorld();
    const id = await asked(world);
    world.clock.jump(hours(-3));
    await world.advance(minutes(16));

    expect(await decide(world, id, 'approve', ADA)).toMatchObject({ kind: 'refused', code: 'EXPIRED' });
  });

  it('voids a yes for what is not configured any more, and proposes what is', async () => {
    const world = createWorld({
      people: 2,
      targets: [
        { name: 'rpa-worker', kind: 'command', critical: true, commands: { restart: ['/usr/bin/one'] } },
      ],
      workers: [],
      healing: { criticalAllowList: ['rpa-worker'] },
    });
    const id = await asked(world);
    world.targetsConfig.set({
      ...world.targetsConfig.current(),
      targets: world.targetsConfig
        .current()
        .targets.map((target) => ({ ...target, commands: { restart: ['/usr/bin/two'] } }) as typeof target),
    });

    expect(await decide(world, id, 'approve', ADA)).toMatchObject({ kind: 'refused', code: 'PLAN_CHANGED' });
    await world.clock.settle();

    const [next] = world.healer.approvals('pending');
    expect(next?.plan.effect).toBe('/usr/bin/two');
    expect(world.commands.calls).toEqual([]);
    await decide(world, next?.id ?? '', 'approve', ADA);
    await world.clock.settle();
    expect(world.commands.calls.map(({ argv }) => argv)).toEqual([['/usr/bin/two']]);
  });

  it('does not let people release their own request from two people on, unless one is alone', async () => {
    const run = async (people: number, soleOperator: boolean): Promise<string> => {
      const world = criticalWorld({
        mode: 'production',
        people,
        healing: { soleOperator, criticalAllowList: ['rpa-worker'] },
      });
      await world.boot();
      const both = actor({ ...ADA, roles: ['responder', 'approver'] });
      await world.healer.runHeal({ strategy: 'worker_down', target: 'rpa-worker' }, both, 'slow', false);
      const [approval] = world.healer.approvals('pending');
      const result = await decide(world, approval?.id ?? '', 'approve', both);
      return result.kind === 'refused' ? result.code : result.kind;
    };

    expect(await run(2, false)).toBe('OWN_REQUEST');
    expect(await run(2, true)).toBe('accepted');
    expect(await run(1, false)).toBe('accepted');
  });

  it('needs two different people where two are named, whatever accounts they use', async () => {
    const world = criticalWorld({
      healing: { twoPerson: ['restart_worker'], criticalAllowList: ['rpa-worker'] },
    });
    const id = await asked(world);

    expect(await decide(world, id, 'approve', ADA)).toMatchObject({ kind: 'one_more_needed' });
    expect(await decide(world, id, 'approve', { ...ADA, surface: 'discord', id: '7' })).toMatchObject({
      kind: 'refused',
      code: 'SAME_PERSON',
    });
    expect(await decide(world, id, 'approve', { ...BEN, person: null })).toMatchObject({ code: 'FORBIDDEN' });
    expect(world.restarts).toEqual([]);
    expect(await decide(world, id, 'approve', BEN)).toMatchObject({ kind: 'accepted' });
    await world.clock.settle();
    expect(world.restarts).toEqual(['rpa-worker']);
  });

  it('asks every other gate again when the yes comes', async () => {
    const world = criticalWorld();
    const id = await asked(world);
    await world.healer.freeze('all', minutes(30), actor(), 'deploy', false);

    expect(await decide(world, id, 'approve', ADA)).toMatchObject({ kind: 'accepted' });
    await world.clock.settle();

    expect(world.restarts).toEqual([]);
    expect(world.only().state).toMatchObject({ kind: 'held', gate: 'freeze' });
    expect(world.healer.approvals('all')[0]?.state.kind).toBe('void');
  });

  it('voids the request when the trouble is over before anybody answered', async () => {
    const world = criticalWorld();
    const id = await asked(world);
    await world.clear('web-1/rpa-worker/worker_down');

    expect(world.only().state).toMatchObject({ kind: 'resolved', how: 'recovered' });
    expect(await decide(world, id, 'approve', ADA)).toMatchObject({ kind: 'refused', code: 'PLAN_CHANGED' });
    expect(world.restarts).toEqual([]);
  });

  it('waits with a yes while another action runs on the host', async () => {
    const world = createWorld({
      people: 2,
      workers: [{ name: 'rpa-worker', critical: true }, { name: 'other' }, { name: 'c' }, { name: 'd' }],
      healing: { criticalAllowList: ['rpa-worker'] },
    });
    let release = (): void => {};
    const id = await asked(world);
    world.onRestart = (worker) => {
      world.setMetric(`target_up:${worker}`, 'good');
      return worker === 'other' ? new Promise((resolve) => (release = resolve)) : undefined;
    };
    await world.sicken({ target: 'other' });
    await decide(world, id, 'approve', ADA);
    await world.advance(seconds(4));
    expect(world.restarts).toEqual(['other']);

    release();
    await world.advance(seconds(4));
    expect(world.restarts).toEqual(['other', 'rpa-worker']);
  });
});

describe('autonomy', () => {
  const strategies = [{ ...WORKER_DOWN, autonomy: 'ask' }];

  it('asks in ask, acts after earned successes, and asks again after one failure', async () => {
    const world = createWorld({
      healing: {
        strategies,
        limits: { gracePeriodSeconds: 0, maxAttemptsPerHour: 20, perTargetPerHour: 30, perHostPerHour: 30 },
        reopenMinutes: 1,
        earnedAutonomy: { enabled: true, afterSuccesses: 2 },
      },
    });
    await world.boot();
    const round = async (): Promise<boolean> => {
      const found = await world.sicken();
      const [approval] = world.healer.approvals('pending');
      if (approval !== undefined) await decide(world, approval.id, 'approve', ADA);
      await world.advance(minutes(3));
      world.setMetric('target_up:rpa-worker', 'good');
      await world.clear(found.fingerprint);
      await world.advance(minutes(3));
      return approval !== undefined;
    };

    expect([await round(), await round(), await round()]).toEqual([true, true, false]);
    world.onRestart = () => {};
    expect(await round()).toBe(false);
    expect(await round()).toBe(true);
  });

  it('suggests only where an operator said so, and that is locked', async () => {
    const world = createWorld();
    await world.boot();
    expect(await world.healer.setStrategyMode('worker_down', null, 'suggest', actor(), false)).toMatchObject({
      kind: 'done',
    });
    expect(await world.healer.setStrategyMode('nothing', null, 'auto', actor(), false)).toMatchObject({
      kind: 'not_found',
    });
    world.kill();
    await world.boot();
    await world.sicken();

    expect(world.only().state).toMatchObject({ kind: 'held', gate: 'mode' });
    expect(world.healer.strategies()[0]).toMatchObject({ autonomy: 'suggest', locked: true });
  });

  it('leaves a disabled strategy alone', async () => {
    const world = createWorld();
    await world.boot();
    await world.healer.enableStrategy('worker_down', false, actor(), false);
    await world.sicken();

    expect(world.restarts).toEqual([]);
    expect(world.only().state).toMatchObject({ kind: 'escalated', reason: 'no strategy answers this' });
  });
});
