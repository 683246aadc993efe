import { describe, expect, it } from 'vitest';
import { hours, minutes, seconds } from '../../../src/domain/units.ts';
import { actor, anomaly } from '../../support/builders.ts';
import { createWorld, WORKER_DOWN } from '../../support/healing-world.ts';

const never = (): void => {};
const LIMITER = {
  name: 'api',
  kind: 'http',
  controls: { rate_limit: { url: 'http://127.0.0.1:1/limit', body: '{"rps": {perSecond}}' } },
  undo: { rate_limit: { url: 'http://127.0.0.1:1/limit', method: 'DELETE' } },
};
const HIGH_CPU = {
  name: 'high_cpu',
  match: { kinds: ['high_cpu'] },
  actions: ['rate_limit', 'restart_process'],
};

describe('pages', () => {
  it('holds the page of a critical while healing is under way, at most ten minutes', async () => {
    const world = createWorld({
      healing: { strategies: [{ ...WORKER_DOWN, verifySeconds: 600 }] },
    });
    world.onRestart = never;
    await world.boot();
    await world.sicken();
    await world.advance(minutes(9));
    expect(world.only()).toMatchObject({ pagedAt: null, state: { kind: 'verifying' } });

    await world.advance(minutes(1));
    expect(world.only().pagedAt).not.toBeNull();
    expect(world.told('incident.escalated').length).toBeGreaterThan(0);
  });

  it('calls nobody for a warning that nothing was tried on, nor for info', async () => {
    const world = createWorld();
    await world.boot();
    await world.sicken({ kind: 'out_of_band', severity: 'warning', target: null });
    await world.sicken({ kind: 'ml_composite_anomaly', severity: 'info', target: 'rpa-worker' });
    await world.advance(hours(1));

    const all = world.healer.incidents({ limit: 10 });
    expect(all.map(({ state }) => state.kind)).toEqual(['open', 'open']);
    expect(all.every(({ pagedAt }) => pagedAt === null)).toBe(true);
    expect(all[0]?.timeline.filter((line) => line.text.startsWith('Watching'))).toHaveLength(1);
  });

  it('calls nobody while it is silenced, and does when the silence is over', async () => {
    const world = createWorld();
    world.onRestart = never;
    await world.boot();
    await world.healer.silence('rpa-worker', minutes(30), actor(), 'known', false);
    await world.sicken();
    await world.advance(minutes(20));
    expect(world.only().state.kind).toBe('escalated');
    expect(world.only().pagedAt).toBeNull();

    await world.advance(minutes(15));
    expect(world.only().pagedAt).not.toBeNull();
  });

  it('takes an acknowledgement over a restart, and lets go of it when the state changes', async () => {
    const world = createWorld({ mode: 'dry-run' });
    await world.boot();
    const found = await world.sicken({ severity: 'warning' });
    expect(await world.healer.acknowledge(world.only().id, actor())).toMatchObject({ kind: 'done' });
    world.kill();
    await world.boot();
    expect(world.only().ack).toMatchObject({ by: 'local' });

    await world.sicken({ severity: 'critical' });
    expect(world.only().severity).toBe('critical');
    expect(world.only().ack).toBeNull();
    await world.clear(found.fingerprint);
    expect(world.only().ack).toBeNull();
  });
});

describe('one incident a cause', () => {
  it('opens the same one again within thirty minutes, and another one after that', async () => {
    const world = createWorld();
    await world.boot();
    const found = await world.sicken();
    await world.advance(seconds(15));
    await world.clear(found.fingerprint);
    await world.advance(minutes(20));
    await world.sicken();
    expect(world.only()).toMatchObject({ reopened: 1 });
    await world.advance(seconds(15));
    await world.clear(found.fingerprint);

    await world.advance(minutes(35));
    await world.sicken();
    expect(world.healer.incidents({ limit: 10 })).toHaveLength(2);
  });

  it('joins what comes from the same target within a minute, and heals the worst first', async () => {
    const world = createWorld({ healing: { strategies: [WORKER_DOWN, HIGH_CPU] }, mode: 'dry-run' });
    await world.boot();
    await world.sicken({ kind: 'high_cpu', severity: 'warning', evidence: ev('cpu') });
    await world.advance(seconds(30));
    await world.sicken();
    expect(world.only()).toMatchObject({ kind: 'worker_down', severity: 'critical' });
    expect(world.healer.plan(world.only().id)?.strategy).toBe('worker_down');

    await world.advance(minutes(2));
    await world.sicken({ kind: 'crash_loop' });
    expect(world.healer.incidents({ limit: 10 })).toHaveLength(2);
  });

  it('goes on with what joined it when the first is healed and the other is not', async () => {
    const world = createWorld({
      targets: [LIMITER],
      healing: {
        strategies: [WORKER_DOWN, { ...HIGH_CPU, actions: ['rate_limit'], match: { kinds: ['high_cpu'] } }],
      },
      workers: [{ name: 'rpa-worker' }, { name: 'x' }],
    });
    await world.boot();
    await world.sicken();
    await world.sicken({ kind: 'high_cpu', evidence: ev('target_cpu:rpa-worker') });
    expect(world.restarts).toEqual(['rpa-worker']);
    await world.advance(minutes(3));

    expect(world.only().attempts).toMatchObject([{ verification: 'helped' }]);
    expect(world.only()).toMatchObject({ state: { kind: 'escalated' }, kind: 'high_cpu' });
  });

  it('takes in ten thousand alerts of one target with a handful of writes and one incident', async () => {
    const world = createWorld({ mode: 'dry-run' });
    await world.boot();
    const before = world.calls();
    const base = await world.sicken();
    await Promise.all(Array.from({ length: 10_000 }, () => world.healer.updated(base)));
    await world.clock.settle();

    expect(world.calls() - before).toBeLessThan(30);
    expect(world.told('incident.updated').length).toBeLessThan(5);
    world.only();
  });
});

describe('a storm', () => {
  it('of ten thousand different alerts ends in a bounded number of incidents, and no action', async () => {
    const world = createWorld({ mode: 'dry-run' });
    await world.boot();
    const storm = Array.from({ length: 10_000 }, (_, index) =>
      anomaly({
        target: `t${index}`,
        fingerprint: `web-1/t${index}/high_cpu`,
        kind: 'high_cpu',
        evidence: ev('cpu'),
      }),
    );
    await Promise.all(storm.map((one) => world.healer.consider(one)));
    await world.clock.settle();

    const all = world.healer.incidents({ limit: 20_000 });
    expect(all).toHaveLength(200);
    expect(all.find(({ title }) => title === 'Too many troubles at once')?.anomalies).toHaveLength(300);
    expect(world.restarts).toEqual([]);
  }, 30_000);
});

describe('announcements', () => {
  it('are made once each, also over restarts, with a version that only grows', async () => {
    const world = createWorld();
    await world.boot();
    await world.sicken();
    world.kill();
    await world.boot();
    await world.advance(seconds(15));
    world.kill();
    await world.boot();
    await world.advance(seconds(5));

    expect(world.told('incident.opened')).toHaveLength(1);
    expect(world.told('incident.resolved')).toHaveLength(1);
    const versions = world.events.flatMap((event) => ('incident' in event ? [event.incident.version] : []));
    expect(versions).toEqual([...versions].sort((a, b) => a - b));
  });

  it('that a crash swallowed are made after the restart, and none is missing', async () => {
    for (let call = 1; call <= 20; call += 1) {
      const world = createWorld({ mode: 'dry-run' });
      await world.boot({ call, when: 'after' });
      if (!world.isDead()) await world.sicken();
      else continue;
      world.kill();
      await world.boot();
      await world.advance(seconds(10));

      const opened = world.told('incident.opened');
      expect(opened.length).toBeGreaterThanOrEqual(1);
      const versions = opened.map((event) => ('incident' in event ? event.incident.version : 0));
      expect(new Set(versions).size).toBe(1);
    }
  });
});

describe('a result that is worse', () => {
  it('takes the action back where it has an inverse, and calls people', async () => {
    const world = createWorld({ targets: [LIMITER], workers: [], healing: { strategies: [HIGH_CPU] } });
    await world.boot();
    await world.sicken({ target: 'api', kind: 'high_cpu', severity: 'warning', evidence: ev('cpu') });
    expect(world.http.calls).toMatchObject([{ method: 'POST', body: '{"rps": 10}' }]);

    await world.sicken({ target: 'api', kind: 'high_cpu', severity: 'critical', evidence: ev('cpu') });
    await world.advance(seconds(12));

    expect(world.http.calls).toMatchObject([{ method: 'POST' }, { method: 'DELETE' }]);
    expect(world.only().state).toMatchObject({ kind: 'escalated' });
    expect(world.only().attempts).toMatchObject([{ verification: 'worse' }]);
    expect(world.lines('intent')).toHaveLength(2);
    expect(world.lines('outcome')).toHaveLength(2);
  });

  it('is also that something which depends on the target became critical', async () => {
    const world = createWorld({
      workers: [{ name: 'rpa-worker' }, { name: 'web', dependsOn: ['rpa-worker'] }],
    });
    world.onRestart = never;
    await world.boot();
    await world.sicken();
    await world.advance(seconds(10));
    await world.sicken({ target: 'web' });
    await world.advance(seconds(12));

    expect(world.find('rpa-worker')?.attempts).toMatchObject([{ verification: 'worse' }]);
    expect(world.only().state.kind).toBe('escalated');
  });
});

describe('what ends by itself', () => {
  it('lifts a rate limit when its time is over, also over a restart and long after the incident', async () => {
    const world = createWorld({ targets: [LIMITER], workers: [], healing: { strategies: [HIGH_CPU] } });
    await world.boot();
    const found = await world.sicken({ target: 'api', kind: 'high_cpu', evidence: ev('cpu') });
    world.setMetric('cpu', 'good');
    await world.advance(seconds(15));
    await world.clear(found.fingerprint);
    expect(world.only().state).toMatchObject({ kind: 'resolved', how: 'healed' });
    world.kill();
    await world.boot();
    await world.advance(minutes(10));
    expect(world.http.calls).toHaveLength(1);

    await world.advance(minutes(6));
    expect(world.http.calls).toMatchObject([{ method: 'POST' }, { method: 'DELETE' }]);
    await world.advance(minutes(60));
    expect(world.http.calls).toHaveLength(2);
  });

  it('is lifted by a person once, and a dry run says so first', async () => {
    const world = createWorld({ targets: [LIMITER], workers: [], healing: { strategies: [HIGH_CPU] } });
    await world.boot();
    await world.sicken({ target: 'api', kind: 'high_cpu', evidence: ev('cpu') });
    const { id } = world.only();

    expect(await world.healer.undoHeal(id, actor(), true)).toEqual({
      kind: 'would',
      text: 'Undo: DELETE http://127.0.0.1:1/limit',
    });
    expect(await world.healer.undoHeal(id, actor(), false)).toMatchObject({ kind: 'done' });
    expect(await world.healer.undoHeal(id, actor(), false)).toMatchObject({ kind: 'not_found' });
    expect(world.http.calls).toHaveLength(2);
  });
});

describe('a worker that its supervisor gave up on', () => {
  it('goes straight to a person with the evidence, and is over when it runs again', async () => {
    const world = createWorld();
    await world.boot();
    world.setWorker('rpa-worker', { kind: 'gave_up', at: world.clock.now(), reason: '5 exits in 10 min' });
    await world.healer.workerGaveUp({
      worker: 'rpa-worker',
      reason: '5 exits in 10 min',
      evidence: 'exit 1: no token',
    });
    await world.clock.settle();

    expect(world.only()).toMatchObject({ kind: 'crash_loop', state: { kind: 'escalated' } });
    expect(world.only().pagedAt).not.toBeNull();
    expect(JSON.stringify(world.only().timeline)).toContain('exit 1: no token');
    expect(world.restarts).toEqual([]);

    world.setMetric('target_up:rpa-worker', 'good');
    await world.advance(seconds(30));
    expect(world.only().state).toMatchObject({ kind: 'resolved', how: 'recovered' });
  });

  it('joins the incident that is open already and ends its healing', async () => {
    const world = createWorld({ mode: 'dry-run' });
    await world.boot();
    await world.sicken({ severity: 'warning' });
    await world.healer.workerGaveUp({ worker: 'rpa-worker', reason: 'too many exits', evidence: '' });
    await world.clock.settle();

    expect(world.only()).toMatchObject({ state: { kind: 'escalated' }, severity: 'critical' });
  });
});

describe('by hand', () => {
  it('resolves with a reason only, and is not opened again by what lasts', async () => {
    const world = createWorld({ mode: 'dry-run' });
    await world.boot();
    await world.sicken();
    const { id } = world.only();
    expect(await world.healer.resolve(id, actor(), ' ')).toMatchObject({ kind: 'refused' });
    expect(await world.healer.resolve('inc-none', actor(), 'x')).toMatchObject({ kind: 'not_found' });
    expect(await world.healer.resolve(id, actor(), 'moved away')).toMatchObject({ kind: 'done' });
    await world.advance(minutes(2));

    expect(world.only().state).toMatchObject({ kind: 'resolved', how: 'by_hand' });
  });

  it('runs a strategy on a healthy target, verifies it, and keeps it in an incident of its own', async () => {
    const world = createWorld();
    await world.boot();
    world.setMetric('target_up:rpa-worker', 'good');
    const wanted = { strategy: 'worker_down', target: 'rpa-worker' };

    expect(await world.healer.runHeal(wanted, actor(), 'leaks', true)).toMatchObject({ kind: 'would' });
    expect(world.healer.incidents({ limit: 10 })).toHaveLength(0);
    expect(await world.healer.runHeal(wanted, actor(), 'leaks', false)).toMatchObject({ kind: 'done' });
    await world.advance(seconds(15));

    expect(world.restarts).toEqual(['rpa-worker']);
    expect(world.only().state).toMatchObject({ kind: 'resolved', how: 'by_hand' });
    expect(
      await world.healer.runHeal({ target: 'nobody', strategy: 'worker_down' }, actor(), '', false),
    ).toMatchObject({ kind: 'not_found' });
    expect(await world.healer.runHeal({ target: 'rpa-worker' }, actor(), '', false)).toMatchObject({
      kind: 'not_found',
    });
    expect(await world.healer.runHeal({}, actor(), '', false)).toMatchObject({ kind: 'refused' });
  });

  it('passes no limit: freeze, dry run and grace hold for people too', async () => {
    const world = createWorld();
    await world.boot();
    world.setMetric('target_up:rpa-worker', 'good');
    const wanted = { strategy: 'worker_down', target: 'rpa-worker' };
    await world.healer.runHeal(wanted, actor(), '', false);
    await world.advance(seconds(15));
    expect(await world.healer.runHeal(wanted, actor(), '', false)).toMatchObject({
      kind: 'refused',
      reason: expect.stringContaining('grace_period'),
    });
    await world.advance(minutes(6));
    await world.healer.freeze('all', minutes(5), actor(), '', false);
    expect(await world.healer.runHeal(wanted, actor(), '', false)).toMatchObject({ kind: 'refused' });
    await world.healer.thaw(actor(), false);
    await world.healer.setMode('dry-run', null, actor(), false);
    expect(await world.healer.runHeal(wanted, actor(), '', false)).toMatchObject({ kind: 'would' });
    await world.advance(seconds(3));

    expect(world.restarts).toHaveLength(1);
    expect(world.healer.incidents({ limit: 10, state: 'live' })).toEqual([]);
  });

  it('a step that had no effect stays with the person who ran it', async () => {
    const world = createWorld({
      healing: {
        strategies: [
          { ...WORKER_DOWN, autonomy: 'suggest', actions: ['restart_worker', { kind: 'scale_up_workers' }] },
        ],
      },
    });
    world.onRestart = never;
    await world.boot();
    await world.sicken();
    await world.healer.runHeal({ id: world.only().id }, actor(), '', false);
    await world.advance(minutes(4));

    expect(world.restarts).toEqual(['rpa-worker']);
    expect(world.only().state).toMatchObject({ kind: 'escalated' });
  });
});

function ev(metric: string) {
  return { ...anomaly().evidence, metric };
}
