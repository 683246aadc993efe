import { describe, expect, it } from 'vitest';
import { hours, minutes, seconds } from '../../../src/domain/units.ts';
import { actor } from '../../support/builders.ts';
import { createWorld, WORKER_DOWN } from '../../support/healing-world.ts';

const LADDER = {
  strategies: [
    {
      ...WORKER_DOWN,
      actions: ['clear_cache', 'restart_worker', { kind: 'scale_up_workers', target: 'other' }],
    },
    {
      name: 'cpu',
      match: { kinds: ['high_cpu'], targets: ['other'], metrics: ['cpu'], minSeverity: 'critical' },
      actions: ['restart_process'],
    },
  ],
};
const workers = [{ name: 'rpa-worker' }, { name: 'other' }, { name: 'c' }, { name: 'd' }];

describe('plan', () => {
  it('tells for each rung what would run and which gate is shut, and names what cannot run here', async () => {
    const world = createWorld({ healing: LADDER, workers, mode: 'dry-run' });
    await world.boot();
    await world.sicken();
    const plan = world.healer.plan(world.only().id);

    expect(plan?.strategy).toBe('worker_down');
    expect(plan?.rungs.map(({ plan: { effect }, refusal, next }) => [effect, refusal?.gate, next])).toEqual([
      ['stop worker rpa-worker and start it again', 'mode', true],
      ['start 1 more of worker other (1 now)', 'mode', false],
    ]);
    expect(plan?.note).toBe(
      'clear_cache cannot run here: rpa-worker (process) has no clear_cache configured.',
    );
    expect(world.healer.plan('inc-none')).toBeUndefined();
  });

  it('says when nothing answers', async () => {
    const world = createWorld({ healing: { strategies: [] } });
    await world.boot();
    await world.sicken({ severity: 'warning' });
    expect(world.healer.plan(world.only().id)).toMatchObject({ strategy: null, rungs: [] });
  });
});

describe('incidents', () => {
  it('lists live ones first, the worst on top, and filters', async () => {
    const world = createWorld({ workers, mode: 'dry-run' });
    await world.boot();
    const over = await world.sicken({ target: 'c' });
    await world.clear(over.fingerprint);
    await world.sicken({ target: 'other', severity: 'warning', kind: 'high_cpu' });
    await world.advance(seconds(5));
    await world.sicken();
    const targets = (filter: object) =>
      world.healer.incidents({ limit: 10, ...filter }).map(({ target }) => target);

    expect(targets({})).toEqual(['rpa-worker', 'other', 'c']);
    expect(targets({ state: 'live' })).toEqual(['rpa-worker', 'other']);
    expect(targets({ state: 'resolved' })).toEqual(['c']);
    expect(targets({ severity: 'warning' })).toEqual(['other']);
    expect(targets({ target: 'c' })).toEqual(['c']);
    expect(targets({ since: world.clock.now() })).toEqual(['rpa-worker']);
    expect(targets({ limit: 1 })).toEqual(['rpa-worker']);
    expect(world.healer.incident(world.healer.incidents({ limit: 1 })[0]?.id ?? '')).toBeDefined();
  });

  it('keeps what is over in history, over restarts, and finds it by id', async () => {
    const world = createWorld();
    await world.boot();
    const found = await world.sicken();
    const { id } = world.only();
    await world.advance(seconds(15));
    await world.clear(found.fingerprint);
    await world.advance(minutes(40));
    world.kill();
    await world.boot();

    expect(world.healer.incident(id)?.state.kind).toBe('resolved');
    expect(world.only().id).toBe(id);
    expect(world.healer.incident('inc-none')).toBeUndefined();
    expect(world.healer.history({ limit: 10 })).toMatchObject([{ incidentId: id, verification: 'helped' }]);
    expect(world.healer.history({ limit: 10, target: 'other' })).toEqual([]);
  });
});

describe('strategies', () => {
  it('are listed with what they match and what they do', async () => {
    const world = createWorld({ healing: LADDER, workers });
    await world.boot();
    await world.healer.setStrategyMode('cpu', 'other', 'ask', actor(), false);
    expect(world.healer.strategies()).toEqual([
      {
        name: 'worker_down',
        enabled: true,
        autonomy: 'auto',
        locked: false,
        matches: 'worker_down',
        rungs: ['clear_cache', 'restart_worker', 'scale_up_workers on other'],
      },
      {
        name: 'cpu',
        enabled: true,
        autonomy: 'auto',
        locked: false,
        matches: 'high_cpu on other of cpu when critical',
        rungs: ['restart_process'],
      },
    ]);
  });

  it('are checked rung by rung against every target they could meet', async () => {
    const world = createWorld({ healing: LADDER, workers: [{ name: 'rpa-worker' }, { name: 'other' }] });
    await world.boot();
    expect(
      (await world.healer.validateStrategies()).map(({ strategy, target, action, runnable }) => [
        strategy,
        target,
        action,
        runnable,
      ]),
    ).toEqual([
      ['worker_down', 'rpa-worker', 'clear_cache', false],
      ['worker_down', 'rpa-worker', 'restart_worker', true],
      ['worker_down', 'rpa-worker', 'scale_up_workers', true],
      ['worker_down', 'other', 'clear_cache', false],
      ['worker_down', 'other', 'restart_worker', true],
      ['worker_down', 'other', 'scale_up_workers', true],
      ['cpu', 'other', 'restart_process', true],
    ]);
    const bare = createWorld({ workers: [] });
    await bare.boot();
    expect(await bare.healer.validateStrategies()).toMatchObject([{ target: 'web-1', runnable: false }]);
  });
});

describe('tonight', () => {
  it('counts since the last evening what was found, healed and paged', async () => {
    const world = createWorld({ workers });
    await world.boot();
    const first = await world.sicken();
    await world.advance(seconds(15));
    await world.clear(first.fingerprint);
    world.onRestart = () => {};
    await world.sicken({ target: 'other' });
    await world.advance(minutes(5));

    expect(world.healer.tonight()).toMatchObject({ found: 2, healed: 1, paged: 1 });
    expect(new Date(world.healer.tonight().since).toISOString()).toBe('2026-11-21T18:00:00.000Z');
    await world.advance(hours(17));
    expect(world.healer.tonight()).toMatchObject({ found: 0, healed: 0 });
  });
});

describe('switches', () => {
  it('show what holds, and end by themselves', async () => {
    const world = createWorld();
    await world.boot();
    const by = actor();
    await world.healer.silence('cpu', minutes(5), by, '', false);
    await world.healer.startMaintenance(null, minutes(5), by, 'disk', false);
    expect(world.healer.silences()).toMatchObject([{ subject: 'cpu' }]);
    expect(world.healer.maintenance()).toMatchObject([{ target: null, reason: 'disk' }]);
    await world.advance(minutes(6));
    expect(world.healer.silences()).toEqual([]);
    expect(world.healer.maintenance()).toEqual([]);
  });

  it('refuse what makes no sense and say in a dry run what would be', async () => {
    const world = createWorld();
    await world.boot();
    const by = actor();
    const { healer } = world;
    expect(await healer.silence('', minutes(5), by, '', false)).toMatchObject({ kind: 'refused' });
    expect(await healer.silence('cpu', seconds(5), by, '', false)).toMatchObject({ kind: 'refused' });
    expect(await healer.silence('cpu', hours(3), by, 'known', true)).toEqual({
      kind: 'would',
      text: 'Silence cpu for 3 h: known',
    });
    expect(await healer.startMaintenance('ghost', minutes(5), by, '', false)).toMatchObject({
      kind: 'refused',
    });
    expect(await healer.startMaintenance(null, minutes(5), by, 'x', true)).toMatchObject({ kind: 'would' });
    expect(await healer.endMaintenance(null, by, false)).toMatchObject({ kind: 'not_found' });
    await healer.startMaintenance(null, minutes(5), by, 'x', false);
    expect(await healer.endMaintenance(null, by, true)).toMatchObject({ kind: 'would' });
    expect(await healer.freeze('all', minutes(5), by, 'x', true)).toMatchObject({ kind: 'would' });
    expect(healer.currentFreeze()).toBeNull();
    await healer.freeze('all', minutes(5), by, 'x', false);
    expect(await healer.thaw(by, true)).toMatchObject({ kind: 'would' });
    expect(await healer.setMode('dry-run', hours(999), by, false)).toMatchObject({ kind: 'refused' });
    expect(await healer.setStrategyMode('worker_down', 'ghost', 'ask', by, false)).toMatchObject({
      kind: 'refused',
    });
    expect(await healer.setStrategyMode('worker_down', 'rpa-worker', 'ask', by, true)).toMatchObject({
      kind: 'would',
    });
    expect(await healer.enableStrategy('ghost', true, by, false)).toMatchObject({ kind: 'not_found' });
    expect(await healer.enableStrategy('worker_down', false, by, true)).toMatchObject({ kind: 'would' });
    expect(await healer.enableStrategy('worker_down', true, by, false)).toMatchObject({ kind: 'done' });
  });

  it('stop things also when the log cannot be written, and loosen nothing then', async () => {
    const world = createWorld();
    await world.boot();
    world.audit.fail(true);
    expect(await world.healer.freeze('all', minutes(5), actor(), 'x', false)).toMatchObject({ kind: 'done' });
    await expect(world.healer.thaw(actor(), false)).rejects.toThrow();
    expect(world.healer.currentFreeze()).not.toBeNull();
  });
});

describe('by hand', () => {
  it('acknowledges once, and not what is over or unknown', async () => {
    const world = createWorld({ mode: 'dry-run' });
    await world.boot();
    const found = await world.sicken();
    const { id } = world.only();
    await world.healer.acknowledge(id, actor());
    expect(await world.healer.acknowledge(id, actor())).toMatchObject({
      kind: 'done',
      text: expect.stringContaining('local'),
    });
    expect(await world.healer.acknowledge('inc-none', actor())).toMatchObject({ kind: 'not_found' });
    await world.clear(found.fingerprint);
    expect(await world.healer.acknowledge(id, actor())).toMatchObject({ kind: 'refused' });
    expect(await world.healer.resolve(id, actor(), 'x')).toMatchObject({ kind: 'refused' });
    expect(await world.healer.runHeal({ id }, actor(), '', false)).toMatchObject({ kind: 'refused' });
    expect(await world.healer.runHeal({ id: 'inc-none' }, actor(), '', false)).toMatchObject({
      kind: 'not_found',
    });
    expect(await world.healer.undoHeal('inc-none', actor(), false)).toMatchObject({ kind: 'not_found' });
    expect(await world.healer.undoHeal(id, actor(), false)).toMatchObject({ kind: 'not_found' });
  });

  it('waits while an action runs, and voids a request when it resolves', async () => {
    const world = createWorld();
    let release = (): void => {};
    world.onRestart = () => new Promise((resolve) => (release = resolve));
    await world.boot();
    await world.sicken();
    const { id } = world.only();
    expect(await world.healer.resolve(id, actor(), 'x')).toMatchObject({ kind: 'refused' });
    const run = world.healer.runHeal({ id }, actor(), '', false);
    release();
    expect(await run).toMatchObject({ kind: 'refused' });
    expect(await world.healer.resolve(id, actor(), 'moved')).toMatchObject({ kind: 'done' });

    const asking = createWorld({
      workers: [{ name: 'rpa-worker', critical: true }],
      healing: { criticalAllowList: ['rpa-worker'] },
    });
    await asking.boot();
    await asking.sicken();
    expect(await asking.healer.runHeal({ id: asking.only().id }, actor(), '', false)).toMatchObject({
      kind: 'refused',
    });
    await asking.healer.resolve(asking.only().id, actor(), 'moved');
    expect(asking.healer.approvals('all')).toMatchObject([{ state: { kind: 'void' } }]);
  });

  it('runs the named strategy of an incident, and refuses one that nobody knows', async () => {
    const world = createWorld({ mode: 'dry-run', workers, healing: LADDER });
    await world.boot();
    await world.sicken({ severity: 'warning', kind: 'high_load' });
    const { id } = world.only();
    expect(await world.healer.runHeal({ id, strategy: 'ghost' }, actor(), '', true)).toMatchObject({
      kind: 'refused',
    });
    expect(await world.healer.runHeal({ id }, actor(), '', true)).toMatchObject({ kind: 'refused' });
    expect(await world.healer.runHeal({ id, strategy: 'worker_down' }, actor(), '', true)).toMatchObject({
      kind: 'refused',
      reason: expect.stringContaining('cannot run here'),
    });
    expect(await world.healer.runHeal({ id, strategy: 'cpu' }, actor(), '', true)).toMatchObject({
      kind: 'would',
      text: expect.stringContaining('mode'),
    });
    expect(
      await world.healer.runHeal({ target: 'rpa-worker', strategy: 'cpu' }, actor(), '', true),
    ).toMatchObject({ kind: 'would' });
    expect(await world.healer.runHeal({ target: 'c', strategy: 'ghost' }, actor(), '', true)).toMatchObject({
      kind: 'not_found',
    });
  });
});
