import { describe, expect, it } from 'vitest';
import { minutes, seconds } from '../../../src/domain/units.ts';
import { anomaly } from '../../support/builders.ts';
import { createWorld, WORKER_DOWN } from '../../support/healing-world.ts';

describe('a worker that went down', () => {
  it('is restarted, verified by fresh samples, and called healed', async () => {
    const world = createWorld();
    await world.boot();
    await world.sicken();

    expect(world.restarts).toEqual(['rpa-worker']);
    expect(world.only().state.kind).toBe('verifying');

    await world.advance(seconds(12));

    expect(world.only().state).toMatchObject({ kind: 'resolved', how: 'healed' });
    expect(world.only().pagedAt).toBeNull();
    expect(world.audit.lines.map((line) => line.kind)).toEqual([
      'incident',
      'intent',
      'outcome',
      'verification',
      'incident',
    ]);
    expect(world.told('incident.opened')).toHaveLength(1);
    expect(world.told('incident.resolved')).toHaveLength(1);
    expect(world.log.lines).toEqual([]);
  });

  it('goes on to the next rung when the trouble grew meanwhile, and calls nobody for it', async () => {
    const grows = {
      name: 'high_memory',
      match: { kinds: ['high_memory'] },
      actions: ['restart_worker', 'restart_process'],
    };
    const evidence = { ...anomaly().evidence, metric: 'target_memory:rpa-worker' };
    const world = createWorld({ healing: { strategies: [grows] } });
    world.onRestart = () => {
      if (world.restarts.length === 2) world.setMetric(evidence.metric, 'good');
    };
    await world.boot();
    await world.sicken({ kind: 'high_memory', severity: 'warning', evidence });
    await world.sicken({ kind: 'high_memory', severity: 'critical', evidence });
    await world.advance(minutes(2));

    expect(world.only().attempts.map(({ verification }) => verification)).toEqual(['worse', 'helped']);
    expect(world.only().state).toMatchObject({ kind: 'resolved', how: 'healed' });
    expect(world.only().pagedAt).toBeNull();
  });

  it('climbs the ladder one rung at a time, each only after a failed verification, then calls people', async () => {
    const world = createWorld({
      healing: {
        strategies: [{ ...WORKER_DOWN, actions: ['restart_worker', { kind: 'scale_up_workers', by: 2 }] }],
      },
    });
    world.onRestart = () => {};
    await world.boot();
    await world.sicken();
    expect(world.restarts).toEqual(['rpa-worker']);

    await world.advance(seconds(115));
    expect(world.restarts).toEqual(['rpa-worker']);
    await world.advance(seconds(10));
    expect(world.restarts).toEqual(['rpa-worker', 'rpa-worker=3']);
    await world.advance(seconds(125));

    expect(world.only().state).toMatchObject({ kind: 'escalated' });
    expect(world.only().attempts.map((attempt) => attempt.verification)).toEqual(['no_effect', 'no_effect']);
    expect(world.only().pagedAt).not.toBeNull();
    expect(world.told('incident.escalated')).toHaveLength(1);
  });

  it('stays escalated without another action, and is over when it comes back to normal', async () => {
    const world = createWorld();
    world.onRestart = () => {};
    await world.boot();
    const found = await world.sicken();
    await world.advance(minutes(20));
    expect(world.only().state.kind).toBe('escalated');
    expect(world.restarts).toHaveLength(1);

    world.setMetric('target_up:rpa-worker', 'good');
    await world.clear(found.fingerprint);

    expect(world.only().state).toMatchObject({ kind: 'resolved', how: 'recovered' });
  });
});
