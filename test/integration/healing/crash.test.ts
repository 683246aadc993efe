import { describe, expect, it } from 'vitest';
import { minutes, seconds } from '../../../src/domain/units.ts';
import { actor } from '../../support/builders.ts';
import { type Crash, createWorld, type World } from '../../support/healing-world.ts';

/** What must hold after any crash, however it ended. */
function expectSane(world: World): void {
  const intents = world.lines('intent').map((line) => line.actionId);
  const outcomes = world.lines('outcome').map((line) => line.actionId);
  expect(new Set(intents).size, 'no intent twice').toBe(intents.length);
  expect([...intents].sort(), 'every intent has one outcome').toEqual([...outcomes].sort());
  const attempts = world.only().attempts;
  expect(new Set(attempts.map((attempt) => attempt.actionId)).size).toBe(attempts.length);
  expect(attempts.every((attempt) => attempt.outcome !== null)).toBe(true);
  expect(world.restarts.length, 'never more deeds than intents').toBeLessThanOrEqual(intents.length);
}

/** Done once and resolved, or, where only the intent survived, not done, verified, and with a person. */
function expectOneDeed(world: World, at: string): void {
  const done = world.restarts.length === 1;
  expect(world.restarts.length, at).toBeLessThanOrEqual(1);
  expect(world.only().state.kind, at).toBe(done ? 'resolved' : 'escalated');
  expect(world.lines('intent').length, at).toBe(1);
  expectSane(world);
}

async function everyCrash(run: (world: World) => Promise<void>, make: () => World): Promise<Crash[]> {
  const world = make();
  await world.boot();
  await run(world);
  return Array.from({ length: world.calls() }, (_, index) => index + 1).flatMap((call) => [
    { call, when: 'before' as const },
    { call, when: 'after' as const },
  ]);
}

/** Lives until the crash, then starts again; what happened before the first start happens after the second. */
async function dieAt(world: World, crash: Crash, run: (world: World) => Promise<void>): Promise<void> {
  await world.boot(crash);
  const diedAtStart = world.isDead();
  if (!diedAtStart) await run(world);
  world.kill();
  await world.boot();
  if (diedAtStart) await run(world);
}

describe('kill -9 at every single call to the outside', () => {
  const heal = async (world: World): Promise<void> => {
    await world.sicken();
    await world.advance(seconds(20));
  };

  it('while healing: one deed, always an outcome, and it ends resolved', async () => {
    const crashes = await everyCrash(heal, createWorld);
    expect(crashes.length).toBeGreaterThan(20);
    for (const crash of crashes) {
      const world = createWorld();
      await dieAt(world, crash, heal);
      await world.advance(minutes(4));

      expectOneDeed(world, `died ${crash.when} call ${crash.call}`);
    }
  }, 120_000);

  it('while a deed hangs: it is unknown, verified, charged, and not repeated', async () => {
    const world = createWorld();
    world.onRestart = () => new Promise(() => {});
    await world.boot();
    await world.sicken();
    expect(world.only().state.kind).toBe('healing');
    world.kill();

    await world.boot();
    expect(world.only().state.kind).toBe('verifying');
    expect(world.only().attempts).toMatchObject([{ outcome: { kind: 'unknown' } }]);
    expect(world.lines('outcome')).toHaveLength(1);
    world.setMetric('target_up:rpa-worker', 'good');
    await world.advance(seconds(12));

    expect(world.only().state).toMatchObject({ kind: 'resolved', how: 'recovered' });
    expect(world.restarts).toHaveLength(1);
  });

  it('while a yes is asked for and given: one deed at most for each yes', async () => {
    const build = (): World =>
      createWorld({
        workers: [{ name: 'rpa-worker', critical: true }],
        healing: { criticalAllowList: ['rpa-worker'] },
      });
    const approve = async (world: World): Promise<void> => {
      const [pending] = world.healer.approvals('pending');
      if (pending === undefined) return;
      world.healer.decide(pending.id, 'approve', actor(), '').catch(() => {});
      await world.clock.settle();
    };
    const run = async (world: World): Promise<void> => {
      await world.sicken();
      await world.advance(seconds(2));
      if (!world.isDead()) await approve(world);
      await world.advance(seconds(20));
    };
    for (const crash of await everyCrash(run, build)) {
      const world = build();
      await dieAt(world, crash, run);
      await world.advance(seconds(7));
      await approve(world);
      await world.advance(minutes(4));

      expectOneDeed(world, `died ${crash.when} call ${crash.call}`);
    }
  }, 120_000);
});
