/** What was switched for the time of trouble goes back by itself, once, also over restarts. */
import { describe, expect, it } from 'vitest';
import { minutes, seconds } from '../../../src/domain/units.ts';
import { actor, anomaly } from '../../support/builders.ts';

import { createWorld, type World } from '../../support/healing-world.ts';

const RATE = 'success_rate:api';
const PRIMARY = 'success_rate:model';
const SWITCH = 'http://127.0.0.1:1/model';
const API = {
  name: 'api',
  kind: 'http',
  controls: { fallback: { url: SWITCH, body: '{"model":"small"}' } },
  undo: { fallback: { url: SWITCH, method: 'DELETE' } },
};
const LOW_SUCCESS = {
  name: 'low_success_rate',
  match: { kinds: ['low_success_rate'] },
  actions: [{ kind: 'llm_fallback', backAfterMinutes: 15 }],
};

function worldOf(target: object = API, strategy: object = LOW_SUCCESS): World {
  return createWorld({ targets: [target], workers: [], healing: { strategies: [strategy] } });
}

async function fallBack(world: World): Promise<void> {
  const evidence = { ...anomaly().evidence, metric: RATE };
  const found = await world.sicken({ target: 'api', kind: 'low_success_rate', evidence });
  world.setMetric(RATE, 'good');
  await world.advance(seconds(15));
  await world.clear(found.fingerprint);
}

const methods = (world: World) => world.http.calls.map(({ method }) => method);

describe('a fallback', () => {
  it('goes back once when all was well for the configured time, over a restart and long after the incident', async () => {
    const world = worldOf();
    await world.boot();
    await fallBack(world);
    expect(world.only().state).toMatchObject({ kind: 'resolved', how: 'healed' });

    await world.advance(minutes(10));
    world.kill();
    await world.boot();
    expect(methods(world)).toEqual(['POST']);
    expect(world.healer.standing()).toMatchObject([
      { kind: 'llm_fallback', target: 'api', undo: `DELETE ${SWITCH}`, goesBackAfter: minutes(15) },
    ]);
    await world.advance(minutes(6));
    expect(methods(world)).toEqual(['POST', 'DELETE']);
    expect(world.healer.standing()).toEqual([]);
    expect(world.lines('intent').map(({ text }) => text)).toContain(`About to undo: DELETE ${SWITCH}`);
    expect(JSON.stringify(world.only().timeline)).toContain('good for 15 min');

    await world.advance(minutes(120));
    expect(methods(world)).toEqual(['POST', 'DELETE']);
  });

  it('stays while the probe of what it replaces is bad, however well the service is', async () => {
    const world = worldOf({ ...API, primaryProbe: 'model' });
    await world.boot();
    world.setMetric(PRIMARY, 'bad');
    await fallBack(world);
    await world.advance(minutes(120));
    expect(methods(world)).toEqual(['POST']);

    world.setMetric(PRIMARY, 'unknown');
    await world.advance(minutes(60));
    expect(methods(world)).toEqual(['POST']);

    world.setMetric(PRIMARY, 'good');
    await world.advance(minutes(14));
    expect(methods(world)).toEqual(['POST']);
    await world.advance(minutes(2));
    expect(methods(world)).toEqual(['POST', 'DELETE']);
  });

  it('waits twice as long when it was needed again within a day', async () => {
    const world = worldOf();
    await world.boot();
    await fallBack(world);
    await world.advance(minutes(16));
    expect(methods(world)).toEqual(['POST', 'DELETE']);

    await fallBack(world);
    await world.advance(minutes(20));
    expect(methods(world)).toEqual(['POST', 'DELETE', 'POST']);
    await world.advance(minutes(12));
    expect(methods(world)).toEqual(['POST', 'DELETE', 'POST', 'DELETE']);
  });

  it('stays when the file says so, and a person can take it back', async () => {
    const stays = { ...LOW_SUCCESS, actions: [{ kind: 'llm_fallback', backAfterMinutes: null }] };
    const world = worldOf(API, stays);
    await world.boot();
    await fallBack(world);
    await world.advance(minutes(120));
    expect(methods(world)).toEqual(['POST']);
    expect(world.healer.standing()).toMatchObject([
      { kind: 'llm_fallback', goesBackAfter: null, until: null },
    ]);
    expect(await world.healer.undoHeal(world.only().id, actor(), false)).toMatchObject({ kind: 'done' });
    expect(methods(world)).toEqual(['POST', 'DELETE']);
  });

  it('does not go back while everything is frozen', async () => {
    const world = worldOf();
    await world.boot();
    await fallBack(world);
    await world.healer.freeze('all', minutes(60), actor(), 'release', false);
    await world.advance(minutes(30));
    expect(methods(world)).toEqual(['POST']);
    await world.advance(minutes(31));
    expect(methods(world)).toEqual(['POST', 'DELETE']);
  });
});

describe('more workers', () => {
  it('go again when the trouble is over, and never below what is configured', async () => {
    const scale = {
      name: 'high_latency',
      match: { kinds: ['high_latency'] },
      actions: [{ kind: 'scale_up_workers', by: 2, backAfterMinutes: 15 }],
    };
    const world = createWorld({
      workers: [{ name: 'rpa-worker', instances: 1, maxInstances: 3 }],
      healing: { strategies: [scale] },
    });
    await world.boot();
    const evidence = { ...anomaly().evidence, metric: RATE };
    const found = await world.sicken({ kind: 'high_latency', evidence });
    world.setMetric(RATE, 'good');
    await world.advance(seconds(15));
    await world.clear(found.fingerprint);
    await world.advance(minutes(16));
    expect(world.restarts).toEqual(['rpa-worker=3', 'rpa-worker=1']);
  });

  it('are refused beyond the configured number, with the reason', async () => {
    const world = createWorld({
      workers: [{ name: 'rpa-worker', instances: 1, maxInstances: 2 }],
      healing: {
        strategies: [
          {
            name: 'high_latency',
            match: { kinds: ['high_latency'] },
            actions: [{ kind: 'scale_up_workers', by: 2 }],
          },
        ],
      },
    });
    await world.boot();
    expect(await world.healer.validateStrategies()).toMatchObject([
      { runnable: false, reason: 'rpa-worker would run 3 times, and at most 2 are allowed' },
    ]);
  });
});
