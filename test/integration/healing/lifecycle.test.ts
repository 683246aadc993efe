import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hours, minutes, seconds } from '../../../src/domain/units.ts';
import { actor } from '../../support/builders.ts';
import { createWorld, WORKER_DOWN, type World } from '../../support/healing-world.ts';

describe('start', () => {
  it('twice is the same promise, and nothing is answered before it', async () => {
    const world = createWorld();
    await world.boot();
    expect(world.healer.start()).toBe(world.healer.start());
  });

  it('pauses healing and says so when its state cannot be read', async () => {
    const world = createWorld();
    world.loseState('healing-ledger');
    await world.boot();
    await world.sicken();

    expect(world.healer.currentFreeze()).toMatchObject({ scope: 'healing', by: 'nightshift' });
    expect(world.only().state).toMatchObject({ kind: 'held', gate: 'freeze' });
    expect(world.told('self.unhealthy')).toHaveLength(1);
    expect(world.healer.complaints()).toEqual(['state could not be read: ledger']);
    expect(world.restarts).toEqual([]);

    await world.healer.thaw(actor(), false);
    await world.clock.settle();
    expect(world.restarts).toEqual(['rpa-worker']);
  });

  it('watches without acting while the log cannot be written, and settles the past when it can', async () => {
    const world = createWorld();
    world.onRestart = () => new Promise(() => {});
    await world.boot();
    await world.sicken();
    world.kill();
    world.audit.fail(true);
    await world.boot();
    await world.advance(minutes(2));
    expect(world.healer.complaints()).not.toEqual([]);
    expect(world.lines('outcome')).toEqual([]);

    world.audit.fail(false);
    world.onRestart = () => {};
    await world.advance(seconds(35));
    expect(world.lines('outcome')).toHaveLength(1);
    expect(world.healer.complaints()).toEqual([]);
    expect(world.restarts).toEqual(['rpa-worker']);
  });

  it('charges from the log what a rolled-back ledger has forgotten', async () => {
    const world = createWorld({ healing: { limits: { gracePeriodSeconds: 0 } } });
    await world.boot();
    for (let round = 0; round < 3; round += 1) {
      const found = await world.sicken();
      await world.advance(seconds(15));
      await world.clear(found.fingerprint);
      await world.advance(seconds(30));
    }
    expect(world.restarts).toHaveLength(3);
    world.kill();
    world.forgetState('healing-ledger');
    await world.boot();
    await world.sicken();
    await world.advance(seconds(5));

    expect(world.restarts).toHaveLength(3);
    expect(world.only().state.kind).toBe('escalated');
  });
});

describe('stop', () => {
  it('waits for the action that runs and puts its outcome on record', async () => {
    const world = createWorld();
    let release = (): void => {};
    world.onRestart = () => new Promise((resolve) => (release = resolve));
    await world.boot();
    await world.sicken();
    const stopped = world.healer.stop();
    await world.advance(seconds(2));
    release();
    await world.advance(seconds(1));
    await stopped;

    expect(world.lines('outcome')[0]?.text).toMatch(/^Done/);
    expect(world.only().state.kind).toBe('verifying');
  });

  it('cuts off what does not end, as unknown, and goes on verifying after the next start', async () => {
    const world = createWorld();
    world.onRestart = () => new Promise(() => {});
    await world.boot();
    await world.sicken();
    const stopped = world.healer.stop();
    await world.advance(seconds(8));
    await stopped;
    expect(world.lines('outcome')[0]?.text).toMatch(/^Unknown \(Nightshift stopped/);

    await world.boot();
    expect(world.only().state.kind).toBe('verifying');
    expect(world.lines('outcome')).toHaveLength(1);
    await expect(world.healer.stop()).resolves.toBeUndefined();
  });

  it('begins nothing new', async () => {
    const world = createWorld();
    await world.boot();
    await world.healer.stop();
    await world.sicken();
    await world.advance(seconds(30));
    expect(world.restarts).toEqual([]);
    await expect(world.healer.runHeal({ id: world.only().id }, actor(), '', false)).rejects.toMatchObject({
      code: 'NOT_RUNNING',
    });
  });
});

describe('a disk that refuses', () => {
  it('puts one incident off and acts when it can save again; nothing is announced that is not saved', async () => {
    const world = createWorld();
    await world.boot();
    world.failState(true);
    await expect(world.healer.consider(await sickAnomaly(world))).rejects.toThrow();
    expect(world.told('incident.opened')).toEqual([]);

    world.failState(false);
    await world.advance(seconds(10));
    expect(world.told('incident.opened')).toHaveLength(1);
    expect(world.restarts).toEqual(['rpa-worker']);
  });

  it('never repeats an action whose end could not be saved', async () => {
    const world = createWorld();
    world.onRestart = () => world.failState(true);
    await world.boot();
    await world.sicken();
    await world.advance(minutes(1));
    expect(world.restarts).toHaveLength(1);
    world.failState(false);
    await world.advance(minutes(5));

    expect(world.restarts).toHaveLength(1);
    expect(world.only().attempts).toMatchObject([{ outcome: { kind: 'unknown' } }]);
    expect(world.only().state.kind).toBe('escalated');
  });
});

async function sickAnomaly(world: World) {
  world.setMetric('target_up:rpa-worker', 'bad');
  const { anomaly } = await import('../../support/builders.ts');
  const found = anomaly({ detectedAt: world.clock.now(), since: world.clock.now() });
  world.setActive(found);
  return found;
}

describe('any number of crashes at any moments', () => {
  it('never doubles a deed, never loses an outcome, never passes three attempts an hour', async () => {
    const crash = fc.record({
      call: fc.integer({ min: 1, max: 45 }),
      when: fc.constantFrom('before' as const, 'after' as const),
    });
    const mood = fc.constantFrom('heals', 'nothing', 'hangs');
    await fc.assert(
      fc.asyncProperty(
        fc.array(crash, { maxLength: 5 }),
        fc.array(mood, { minLength: 1, maxLength: 4 }),
        async (crashes, moods) => {
          const world = createWorld({
            healing: {
              limits: { gracePeriodSeconds: 30 },
              reopenMinutes: 5,
              strategies: [
                { ...WORKER_DOWN, verifySeconds: 20, actions: ['restart_worker', 'restart_process'] },
              ],
            },
          });
          world.onRestart = (worker) => {
            const now = moods[world.restarts.length % moods.length];
            if (now === 'heals') world.setMetric(`target_up:${worker}`, 'good');
            return now === 'hangs' ? new Promise(() => {}) : undefined;
          };
          for (const next of [...crashes, undefined]) {
            await world.boot(next);
            if (!world.isDead()) await world.sicken();
            await world.advance(minutes(4));
            if (next !== undefined) world.kill();
          }
          await world.advance(minutes(20));
          expectSane(world);
        },
      ),
      { numRuns: 60 },
    );
  }, 240_000);
});

function expectSane(world: World): void {
  const intents = world.lines('intent');
  const ids = intents.map((line) => line.actionId);
  expect(new Set(ids).size).toBe(ids.length);
  expect(
    world
      .lines('outcome')
      .map((line) => line.actionId)
      .sort(),
  ).toEqual([...ids].sort());
  expect(world.restarts.length).toBeLessThanOrEqual(ids.length);
  for (const { time } of intents) {
    const from = Date.parse(time);
    const inHour = intents.filter(
      (other) => Date.parse(other.time) >= from && Date.parse(other.time) < from + hours(1),
    );
    expect(inHour.length).toBeLessThanOrEqual(3);
  }
  for (const { state, attempts } of world.healer.incidents({ limit: 100 })) {
    expect(['resolved', 'escalated', 'held']).toContain(state.kind);
    expect(attempts.every((attempt) => attempt.outcome !== null)).toBe(true);
  }
}
