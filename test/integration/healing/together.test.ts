import { describe, expect, it } from 'vitest';
import { minutes, seconds } from '../../../src/domain/units.ts';
import { createWorld } from '../../support/healing-world.ts';

const BACKUP = { kind: 'backup', target: null, reason: 'a backup is under way', until: null } as const;

describe('incidents that turn out to be one', () => {
  it('of a dependency become one as soon as they would act', async () => {
    const world = createWorld({
      workers: [{ name: 'db' }, { name: 'api', dependsOn: ['db'] }, { name: 'web', dependsOn: ['db'] }],
    });
    world.onRestart = () => {
      for (const name of ['db', 'api', 'web']) world.setMetric(`target_up:${name}`, 'good');
    };
    world.interlocks = [BACKUP];
    await world.boot();
    for (const target of ['api', 'web', 'db']) {
      await world.sicken({ target });
      await world.advance(minutes(2));
    }
    expect(world.healer.incidents({ limit: 10, state: 'live' })).toHaveLength(2);

    world.interlocks = [];
    await world.advance(minutes(1));

    const all = world.healer.incidents({ limit: 10 });
    expect(world.restarts).toEqual(['db']);
    expect(all.map(({ state }) => (state.kind === 'resolved' ? state.how : state.kind)).sort()).toEqual([
      'healed',
      'joined',
    ]);
    expect(all.find(({ target }) => target === 'db')?.anomalies).toHaveLength(3);
  });

  it('of a common cause become one when most targets have followed; nothing is touched any more', async () => {
    const world = createWorld({ workers: ['a', 'b', 'c', 'd', 'e'].map((name) => ({ name })) });
    world.interlocks = [BACKUP];
    await world.boot();
    for (const target of ['a', 'b']) {
      await world.sicken({ target });
      await world.advance(seconds(70));
    }
    world.interlocks = [];
    await world.sicken({ target: 'c' });
    await world.advance(seconds(40));

    const live = world.healer.incidents({ limit: 10, state: 'live' });
    expect(world.restarts).toEqual([]);
    expect(live).toHaveLength(1);
    expect(live[0]).toMatchObject({ title: '3 of 5 targets are sick', target: null });
    expect(live[0]?.anomalies).toHaveLength(3);

    await world.advance(minutes(20));
    expect(world.restarts).toEqual([]);
  });

  it('the first that asks becomes the common cause when none was opened as one', async () => {
    const world = createWorld({ workers: ['a', 'b', 'c', 'd'].map((name) => ({ name })) });
    world.interlocks = [BACKUP];
    await world.boot();
    const found = await world.sicken({ target: 'c', severity: 'info' });
    for (const target of ['a', 'b']) await world.sicken({ target });
    await world.healer.updated({ ...found, severity: 'warning' });
    world.interlocks = [];
    await world.advance(seconds(40));

    const live = world.healer.incidents({ limit: 10, state: 'live' });
    expect(world.restarts).toEqual([]);
    expect(live).toHaveLength(1);
    expect(live[0]).toMatchObject({ title: '3 of 4 targets are sick', state: { gate: 'blast_radius' } });
  });

  it('heals what is left when the common cause has gone', async () => {
    const world = createWorld({ workers: ['a', 'b', 'c', 'd'].map((name) => ({ name })) });
    await world.boot();
    const found = await Promise.all(['a', 'b', 'c'].map((target) => world.sicken({ target })));
    await world.advance(minutes(6));
    expect(world.restarts).toEqual([]);

    for (const { target } of found.slice(0, 2)) world.setMetric(`target_up:${target}`, 'good');
    await Promise.all(found.slice(0, 2).map(({ fingerprint }) => world.clear(fingerprint)));
    await world.advance(minutes(1));
    expect(world.restarts).toEqual(['c']);
  });
});
