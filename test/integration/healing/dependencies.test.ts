import { describe, expect, it } from 'vitest';
import { minutes, seconds } from '../../../src/domain/units.ts';
import { anomaly } from '../../support/builders.ts';
import { createWorld, WORKER_DOWN, type World } from '../../support/healing-world.ts';

const workers = [{ name: 'db' }, { name: 'api', dependsOn: ['db'] }, { name: 'web', dependsOn: ['api'] }];

describe('a dependency', () => {
  describe('that has just recovered', () => {
    const CALL = {
      name: 'failing',
      match: { kinds: ['low_success_rate'] },
      actions: ['llm_fallback', 'alert'],
    };
    const FAILING = { target: 'web', kind: 'low_success_rate', severity: 'warning' } as const;
    const rate = { ...anomaly().evidence, metric: 'success_rate:web' };

    async function afterHeal(): Promise<World> {
      const world = createWorld({ workers, healing: { strategies: [WORKER_DOWN, CALL] } });
      await world.boot();
      await world.sicken({ target: 'db' });
      await world.advance(seconds(15));
      expect(world.only().state).toMatchObject({ kind: 'resolved', how: 'healed' });
      world.setMetric(rate.metric, 'silent');
      world.forgetActive(world.only().fingerprint);
      return world;
    }

    it('explains what its dependants showed before: no incident, nobody called', async () => {
      const world = await afterHeal();
      const found = await world.sicken({ ...FAILING, evidence: rate });
      world.setMetric(rate.metric, 'good');
      await world.advance(seconds(50));
      await world.clear(found.fingerprint);
      await world.advance(minutes(5));

      expect(world.only().target).toBe('db');
      expect(world.told('incident.opened')).toHaveLength(1);
    });

    it('does not hide a dependant that is bad in fresh samples: its own incident, and its own person', async () => {
      const world = await afterHeal();
      await world.sicken({ ...FAILING, evidence: rate });
      expect(world.find('web')).toBeUndefined();
      world.setMetric(rate.metric, 'bad');
      await world.advance(seconds(20));

      expect(world.find('web')).toMatchObject({ state: { kind: 'escalated' } });
      expect(world.find('web')?.pagedAt).not.toBeNull();
    });

    it('hides a dependant of which nothing fresh comes for two minutes and no longer', async () => {
      const world = await afterHeal();
      await world.sicken({ ...FAILING, evidence: rate });
      await world.advance(seconds(100));
      expect(world.find('web')).toBeUndefined();

      await world.advance(seconds(60));
      expect(world.find('web')).toMatchObject({ state: { kind: 'escalated' } });
    });

    it('is not called worse for a dependant that was sick before and is well again', async () => {
      const world = createWorld({ workers });
      world.onRestart = async () => {};
      await world.boot();
      await world.sicken({ target: 'db' });
      const since = world.clock.now();
      await world.advance(seconds(5));
      world.setMetric('target_up:api', 'silent');
      await world.sicken({ target: 'api', since });
      world.setMetric('target_up:api', 'good');
      world.setMetric('target_up:db', 'good');
      await world.advance(seconds(30));

      expect(world.only().attempts.map(({ verification }) => verification)).toEqual(['helped']);
      expect(world.only().pagedAt).toBeNull();
    });
  });

  it('keeps people asleep while it is healed: what only calls them waits for it', async () => {
    const world = createWorld({
      workers,
      healing: {
        strategies: [WORKER_DOWN, { name: 'tell', match: { kinds: ['high_latency'] }, actions: ['alert'] }],
      },
    });
    world.setWorker('db', { kind: 'unhealthy', pid: 9, since: world.clock.now(), reason: 'no answer' });
    await world.boot();
    await world.sicken({ target: 'web', kind: 'high_latency', severity: 'warning' });
    await world.advance(minutes(1));

    expect(world.only().state).toMatchObject({ kind: 'held', gate: 'dependency' });
    expect(world.only().pagedAt).toBeNull();
  });
});
