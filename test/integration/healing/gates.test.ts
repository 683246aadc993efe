import { describe, expect, it } from 'vitest';
import { hours, minutes, seconds } from '../../../src/domain/units.ts';
import { actor } from '../../support/builders.ts';
import { createWorld, WORKER_DOWN } from '../../support/healing-world.ts';

const never = (): void => {};

describe('dry run', () => {
  it('proposes, says what would happen, touches nothing and spends nothing', async () => {
    const world = createWorld({ mode: 'dry-run' });
    await world.boot();
    await world.sicken();
    await world.advance(minutes(5));

    expect(world.restarts).toEqual([]);
    expect(world.only().state).toMatchObject({ kind: 'held', gate: 'mode' });
    expect(world.only().timeline.some((line) => /would do: stop worker rpa-worker/.test(line.text))).toBe(
      true,
    );
    expect(world.lines('proposal')).toHaveLength(1);
    expect(world.lines('intent')).toHaveLength(0);
    expect(world.only().attempts).toEqual([]);
    expect(world.told('action.started')).toMatchObject([{ dryRun: true }]);
    expect(JSON.stringify(world.healer.plan(world.only().id))).toContain('"attempt":1');
  });

  it('acts as soon as an operator switches to production', async () => {
    const world = createWorld({ mode: 'dry-run' });
    await world.boot();
    await world.sicken();

    expect(await world.healer.setMode('production', null, actor(), true)).toMatchObject({ kind: 'would' });
    expect(world.healer.currentMode()).toBe('dry-run');
    expect(await world.healer.setMode('production', null, actor(), false)).toMatchObject({ kind: 'done' });
    await world.clock.settle();

    expect(world.restarts).toEqual(['rpa-worker']);
  });

  it('comes back by itself when production was switched on for a while, also over a restart', async () => {
    const world = createWorld({ mode: 'dry-run' });
    await world.boot();
    await world.healer.setMode('production', minutes(10), actor(), false);
    await world.advance(minutes(5));
    world.kill();
    await world.boot();
    expect(world.healer.currentMode()).toBe('production');

    await world.advance(minutes(6));

    expect(world.healer.currentMode()).toBe('dry-run');
    expect(world.told('mode.changed')).toHaveLength(2);
  });

  it('gives way to the file when the configured mode is changed later', async () => {
    const world = createWorld({ mode: 'production' });
    await world.boot();
    await world.healer.setMode('dry-run', null, actor(), false);
    expect(world.healer.currentMode()).toBe('dry-run');

    world.mode = 'dry-run';
    world.kill();
    await world.boot();
    world.mode = 'production';

    expect(world.healer.currentMode()).toBe('dry-run');
    await world.healer.setMode('production', null, actor(), false);
    expect(world.healer.currentMode()).toBe('production');
  });
});

describe('freeze', () => {
  it('stops all acting, survives a restart, ends by itself, and then healing goes on', async () => {
    const world = createWorld();
    await world.boot();
    await world.healer.freeze('all', minutes(20), actor(), 'deploy', false);
    await world.sicken();
    expect(world.only().state).toMatchObject({ kind: 'held', gate: 'freeze' });

    world.kill();
    await world.boot();
    await world.advance(minutes(10));
    expect(world.restarts).toEqual([]);
    world.clock.jump(hours(5));
    await world.advance(minutes(5));
    expect(world.restarts).toEqual([]);

    await world.advance(minutes(6));
    expect(world.restarts).toEqual(['rpa-worker']);
    expect(world.healer.currentFreeze()).toBeNull();
  });

  it('is lifted by a thaw; one of the optimizer alone does not hold healing', async () => {
    const world = createWorld();
    await world.boot();
    await world.healer.freeze('optimizer', minutes(20), actor(), '', false);
    await world.sicken();
    expect(world.restarts).toEqual(['rpa-worker']);
    expect(await world.healer.thaw(actor(), false)).toMatchObject({ kind: 'done' });
    expect(await world.healer.thaw(actor(), false)).toMatchObject({ kind: 'not_found' });
    expect(await world.healer.freeze('all', days8, actor(), '', false)).toMatchObject({ kind: 'refused' });
  });
});

const days8 = hours(8 * 24);

describe('a freeze that comes while the intent is written', () => {
  it('still stops the deed; the log says that it was not run', async () => {
    const world = createWorld();
    await world.boot();
    world.onAppend = (entry) => {
      if (entry.kind === 'intent') void world.healer.freeze('all', minutes(10), actor(), 'stop', false);
    };
    await world.sicken();
    await world.advance(seconds(5));

    expect(world.restarts).toEqual([]);
    expect(world.lines('outcome')).toMatchObject([{ text: expect.stringContaining('not run') }]);
    expect(world.only().state).toMatchObject({ kind: 'held' });
  });
});

describe('unknown data', () => {
  it('never starts an action, and does when fresh samples come', async () => {
    const world = createWorld();
    await world.boot();
    world.setMetric('target_up:rpa-worker', 'unknown');
    await world.sicken();
    expect(world.only().state).toMatchObject({ kind: 'held', gate: 'unknown_data' });
    expect(world.only().pagedAt).not.toBeNull();

    world.setMetric('target_up:rpa-worker', 'bad');
    await world.advance(seconds(40));

    expect(world.restarts).toEqual(['rpa-worker']);
  });

  it('never ends an incident either', async () => {
    const world = createWorld();
    world.onRestart = never;
    await world.boot();
    await world.sicken();
    world.setMetric('target_up:rpa-worker', 'unknown');
    await world.advance(minutes(4));

    expect(world.only().state).toMatchObject({ kind: 'escalated' });
    expect(world.only().attempts[0]?.verification).toBe('unknown');
  });
});

describe('interlocks', () => {
  it('respects a stop by a person until a person starts it again', async () => {
    const world = createWorld();
    await world.boot();
    world.setWorker('rpa-worker', { kind: 'stopped', by: 'ada', at: world.clock.now() });
    await world.sicken();
    await world.advance(minutes(3));
    expect(world.restarts).toEqual([]);
    expect(world.only().state).toMatchObject({ kind: 'held', gate: 'interlock' });
    expect(world.only().state).toMatchObject({ reason: expect.stringContaining('stopped by ada') });

    world.setWorker('rpa-worker', { kind: 'running', pid: 7, since: world.clock.now(), adopted: false });
    await world.advance(seconds(40));
    expect(world.restarts).toEqual(['rpa-worker']);
  });

  it('waits while a backup is under way and goes on after it', async () => {
    const world = createWorld();
    await world.boot();
    world.interlocks = [{ kind: 'backup', target: null, reason: 'a backup is under way', until: null }];
    await world.sicken();
    await world.advance(minutes(2));
    expect(world.restarts).toEqual([]);

    world.interlocks = [];
    await world.advance(seconds(40));
    expect(world.restarts).toEqual(['rpa-worker']);
  });

  it('pauses action and pages during maintenance, and acts when it ends', async () => {
    const world = createWorld();
    await world.boot();
    await world.healer.startMaintenance('rpa-worker', minutes(20), actor(), 'new disk', false);
    await world.sicken();
    await world.advance(minutes(15));
    expect(world.restarts).toEqual([]);
    expect(world.only().pagedAt).toBeNull();

    await world.healer.endMaintenance('rpa-worker', actor(), false);
    await world.clock.settle();
    expect(world.restarts).toEqual(['rpa-worker']);
  });
});

describe('a sick dependency', () => {
  const workers = [{ name: 'db' }, { name: 'api', dependsOn: ['db'] }, { name: 'web', dependsOn: ['api'] }];

  it('is healed alone, and everything that depends on it is one incident', async () => {
    const world = createWorld({ workers });
    world.onRestart = (worker) => {
      world.setMetric(`target_up:${worker}`, 'good');
      world.setMetric('target_up:api', 'good');
      world.setMetric('target_up:web', 'good');
    };
    await world.boot();
    await Promise.all(['web', 'api', 'db'].map((target) => world.sicken({ target })));
    await world.advance(seconds(3));

    expect(world.restarts).toEqual(['db']);
    expect(world.only().target).toBe('db');
    expect(world.only().anomalies).toHaveLength(3);
  });

  it('that is found later takes the incident of its dependant over', async () => {
    const world = createWorld({ workers });
    world.setWorker('db', { kind: 'unhealthy', pid: 9, since: world.clock.now(), reason: 'no answer' });
    await world.boot();
    await world.sicken({ target: 'api' });
    expect(world.only().state).toMatchObject({ kind: 'held', gate: 'dependency' });
    await world.advance(minutes(3));
    expect(world.restarts).toEqual([]);

    await world.sicken({ target: 'db' });
    expect(world.only()).toMatchObject({ target: 'db' });
    expect(world.restarts).toEqual(['db']);
  });

  it('of which nothing is known holds its dependants too', async () => {
    const world = createWorld({ workers });
    world.setWorker('db', { kind: 'starting', pid: 9, since: world.clock.now() });
    await world.boot();
    await world.sicken({ target: 'api' });

    expect(world.only().state).toMatchObject({ kind: 'held', gate: 'dependency' });
    expect(world.only().state).toMatchObject({ reason: 'api depends on db, which is unknown' });
  });

  it('fifty children down with one parent is one incident and one restart', async () => {
    const children = Array.from({ length: 50 }, (_, index) => ({ name: `c${index}`, dependsOn: ['db'] }));
    const world = createWorld({ workers: [{ name: 'db' }, ...children] });
    await world.boot();
    await Promise.all([...children.map(({ name }) => name), 'db'].map((target) => world.sicken({ target })));
    await world.advance(seconds(2));

    expect(world.only().anomalies).toHaveLength(51);
    expect(world.restarts).toEqual(['db']);
  });
});

describe('limits', () => {
  it('keeps five minutes of quiet before the same action on the same target, then acts again', async () => {
    const world = createWorld();
    await world.boot();
    const found = await world.sicken();
    await world.advance(seconds(15));
    await world.clear(found.fingerprint);
    expect(world.only().state.kind).toBe('resolved');

    await world.advance(minutes(1));
    await world.sicken();
    expect(world.only().state).toMatchObject({ kind: 'held', gate: 'grace_period' });
    expect(world.only().reopened).toBe(1);
    expect(world.restarts).toHaveLength(1);
    expect(world.only().pagedAt).toBeNull();

    await world.advance(minutes(4));
    expect(world.restarts).toHaveLength(2);
  });

  it('hands over instead of a fourth attempt within the hour, whatever the clock does', async () => {
    const world = createWorld({ healing: { limits: { gracePeriodSeconds: 0 } } });
    await world.boot();
    for (let round = 0; round < 3; round += 1) {
      const found = await world.sicken();
      await world.advance(seconds(15));
      await world.clear(found.fingerprint);
      await world.advance(minutes(1));
    }
    expect(world.restarts).toHaveLength(3);

    world.clock.jump(hours(2));
    await world.sicken();
    await world.advance(seconds(5));

    expect(world.restarts).toHaveLength(3);
    expect(world.find('rpa-worker')?.state).toMatchObject({ kind: 'escalated' });
    expect(world.lines('refusal').at(-1)?.text).toMatch(/3 attempts within the hour/);
    world.clock.jump(hours(-2));
    await world.advance(minutes(61));
    const found = await world.sicken();
    await world.advance(seconds(15));
    await world.clear(found.fingerprint);
    await world.sicken();
    expect(world.restarts.length).toBeGreaterThan(3);
  });

  it('opens the breaker after two attempts that did not help, and lets one try through an hour later', async () => {
    const world = createWorld({
      healing: {
        limits: { gracePeriodSeconds: 0 },
        reopenMinutes: 1,
        strategies: [{ ...WORKER_DOWN, verifySeconds: 20 }],
      },
    });
    world.onRestart = never;
    await world.boot();
    for (let round = 0; round < 2; round += 1) {
      const found = await world.sicken();
      await world.advance(seconds(30));
      expect(world.find('rpa-worker')?.state.kind).toBe('escalated');
      world.setMetric('target_up:rpa-worker', 'good');
      await world.clear(found.fingerprint);
      await world.advance(minutes(3));
    }
    const third = await world.sicken();
    expect(world.restarts).toHaveLength(2);
    expect(world.find('rpa-worker')?.state).toMatchObject({ kind: 'escalated' });
    expect(world.lines('refusal').at(-1)?.text).toMatch(/breaker/);
    world.setMetric('target_up:rpa-worker', 'good');
    await world.clear(third.fingerprint);

    await world.advance(minutes(61));
    const fourth = await world.sicken();
    expect(world.restarts).toHaveLength(3);
    await world.advance(seconds(30));
    world.setMetric('target_up:rpa-worker', 'good');
    await world.clear(fourth.fingerprint);
    await world.advance(minutes(3));
    await world.sicken();
    expect(world.restarts).toHaveLength(3);
  });

  it('runs one action at a time on the host; the next one follows at once', async () => {
    const names = ['a', 'b', 'c', 'd', 'e', 'f'];
    const world = createWorld({ workers: names.map((name) => ({ name })) });
    let release = never;
    world.onRestart = (worker) =>
      new Promise((resolve) => {
        release = () => {
          world.setMetric(`target_up:${worker}`, 'good');
          resolve();
        };
      });
    await world.boot();
    await world.sicken({ target: 'a' });
    await world.sicken({ target: 'b' });
    expect(world.restarts).toEqual(['a']);
    expect(world.find('b')?.state).toMatchObject({ kind: 'held', gate: 'blast_radius' });

    release();
    await world.clock.settle();
    await world.advance(seconds(1));
    expect(world.restarts).toEqual(['a', 'b']);
  });

  it('touches nothing when more than half of the targets fall sick together; one incident, people called', async () => {
    const names = ['a', 'b', 'c', 'd'];
    const world = createWorld({ workers: names.map((name) => ({ name })) });
    await world.boot();
    await Promise.all(['a', 'b', 'c'].map((target) => world.sicken({ target })));
    await world.advance(minutes(9));

    const live = world.healer.incidents({ limit: 10, state: 'live' });
    expect(world.restarts).toEqual([]);
    expect(live).toHaveLength(1);
    expect(live[0]?.state).toMatchObject({ kind: 'held', gate: 'blast_radius' });
    expect(live[0]?.pagedAt).not.toBeNull();
  });

  it('folds the first ones into the common cause when the others follow one by one', async () => {
    const names = ['a', 'b', 'c', 'd', 'e'];
    const world = createWorld({ mode: 'production', workers: names.map((name) => ({ name })) });
    world.onRestart = never;
    await world.boot();
    for (const target of ['a', 'b', 'c']) {
      await world.sicken({ target });
      await world.advance(seconds(2));
    }
    expect(world.restarts).toEqual(['a', 'b']);
    await world.advance(minutes(4));

    const live = world.healer.incidents({ limit: 10, state: 'live' });
    expect(world.restarts).toEqual(['a', 'b']);
    expect(live.filter(({ state }) => state.kind === 'held')).toHaveLength(1);
  });
});

describe('self-protection', () => {
  it('does not fork on a host that cannot, and goes on when it can again', async () => {
    const world = createWorld();
    await world.boot();
    world.self = { freeDiskBytes: null, forkFailing: true, pidsRatio: null };
    await world.sicken();
    expect(world.only().state).toMatchObject({ kind: 'held', gate: 'self_protection' });

    world.self = { freeDiskBytes: null, forkFailing: false, pidsRatio: null };
    await world.advance(seconds(40));
    expect(world.restarts).toEqual(['rpa-worker']);
  });

  it('does nothing that it cannot write down', async () => {
    const world = createWorld();
    await world.boot();
    world.audit.fail(true);
    await world.sicken();
    await world.advance(minutes(2));
    expect(world.restarts).toEqual([]);
    expect(world.only().state).toMatchObject({ kind: 'held', gate: 'self_protection' });

    world.audit.fail(false);
    await world.advance(seconds(40));
    expect(world.restarts).toEqual(['rpa-worker']);
    expect(world.lines('intent')).toHaveLength(1);
  });
});
