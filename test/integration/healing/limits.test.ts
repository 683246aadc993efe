import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hours, type Ms, minutes, ms, seconds } from '../../../src/domain/units.ts';
import { createWorld, type World } from '../../support/healing-world.ts';

/** More by an environment variable, for a night; few here. */
const RUNS = Number(process.env['NIGHTSHIFT_PROPERTY_RUNS'] ?? 10);
const WORKERS = ['w1', 'w2', 'w3', 'w4', 'w5', 'w6'];
const KINDS = ['worker_down', 'high_cpu', 'high_memory', 'high_latency'] as const;

type Step =
  | { readonly do: 'sicken'; readonly worker: number; readonly kind: number }
  | { readonly do: 'clear'; readonly worker: number; readonly kind: number }
  | { readonly do: 'wait'; readonly span: Ms }
  | { readonly do: 'jump'; readonly by: Ms }
  | { readonly do: 'restart'; readonly call: number; readonly when: 'before' | 'after'; readonly jump: Ms }
  | { readonly do: 'mood'; readonly mood: 'heals' | 'nothing' | 'slow' };

const spot = { worker: fc.nat(WORKERS.length - 1), kind: fc.nat(KINDS.length - 1) };
const jump = fc.constantFrom(-86_400, -3_600, -45, 0, 45, 3_600, 86_400).map((by) => seconds(by));
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ do: fc.constant('sicken' as const), ...spot }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('clear' as const), ...spot }) },
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constant('wait' as const),
      span: fc.integer({ min: 1, max: 900 }).map((value) => seconds(value)),
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('jump' as const), by: jump }) },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('restart' as const),
      call: fc.integer({ min: 1, max: 60 }),
      when: fc.constantFrom('before' as const, 'after' as const),
      jump,
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('mood' as const),
      mood: fc.constantFrom('heals' as const, 'nothing' as const, 'slow' as const),
    }),
  },
);

interface Deed {
  readonly at: Ms;
  readonly worker: string;
}

interface Intent {
  readonly at: Ms;
  readonly actionId: string;
  readonly target: string;
  readonly strategy: string;
}

/** A world of six workers in which nothing but the hourly limits holds healing back. */
function createBusyWorld(mode: 'production' | 'dry-run'): {
  readonly world: World;
  readonly intents: Intent[];
  readonly deeds: Deed[];
  /** The most deeds that were under way at one time. */
  most(): number;
  take(next: Step): Promise<void>;
} {
  const world = createWorld({
    mode,
    workers: WORKERS.map((name) => ({ name })),
    healing: {
      reopenMinutes: 1,
      joinSeconds: 1,
      limits: {
        gracePeriodSeconds: 0,
        breaker: { failures: 10 },
        blastRadius: { minTargets: 100 },
      },
      strategies: KINDS.map((kind) => ({
        name: kind,
        match: { kinds: [kind] },
        verifySeconds: 15,
        actions: ['restart_worker', 'restart_process'],
      })),
    },
  });
  const intents: Intent[] = [];
  const deeds: Deed[] = [];
  let mood: 'heals' | 'nothing' | 'slow' = 'heals';
  let underWay = 0;
  let most = 0;
  world.onAppend = ({ kind, actionId, target, strategy }) => {
    if (kind !== 'intent') return;
    intents.push({
      at: world.clock.monotonic(),
      actionId: actionId ?? '',
      target: target ?? '',
      strategy: strategy ?? '',
    });
  };
  world.onRestart = async (worker) => {
    deeds.push({ at: world.clock.monotonic(), worker });
    underWay += 1;
    most = Math.max(most, underWay);
    if (mood === 'slow') await world.clock.sleep(seconds(20));
    if (mood === 'heals') for (const kind of KINDS) world.setMetric(`${kind}:${worker}`, 'good');
    underWay -= 1;
  };

  async function take(next: Step): Promise<void> {
    switch (next.do) {
      case 'sicken': {
        const [target, kind] = [WORKERS[next.worker] ?? '', KINDS[next.kind] ?? 'high_cpu'];
        await world.sicken({
          target,
          kind,
          evidence: { metric: `${kind}:${target}` } as never,
        });
        return;
      }
      case 'clear':
        await world.clear(`web-1/${WORKERS[next.worker]}/${KINDS[next.kind]}`);
        return;
      case 'wait':
        await world.advance(next.span);
        return;
      case 'jump':
        world.clock.jump(next.by);
        return;
      case 'mood':
        mood = next.mood;
        return;
      case 'restart':
        // Dies at some call in the next minutes, stays away a while, and the wall clock moves meanwhile.
        world.kill();
        underWay = 0;
        await world.boot({ call: next.call, when: next.when });
        await world.advance(minutes(2));
        world.kill();
        underWay = 0;
        world.clock.jump(next.jump);
        await world.advance(seconds(30));
        await world.boot();
    }
  }
  return { world, intents, deeds, most: () => most, take };
}

/** The most that fall into any one hour. */
function mostInHour(moments: readonly Ms[]): number {
  return Math.max(
    0,
    ...moments.map((from) => moments.filter((at) => at >= from && at < ms(from + hours(1))).length),
  );
}

function by(intents: readonly Intent[], key: (intent: Intent) => string): readonly (readonly Ms[])[] {
  const groups = new Map<string, Ms[]>();
  for (const intent of intents) groups.set(key(intent), [...(groups.get(key(intent)) ?? []), intent.at]);
  return [...groups.values()];
}

describe('whatever comes: anomalies, crashes, jumps of the clock, restarts', () => {
  it('three attempts an hour for target and strategy, six for a target, ten for the host; one at a time', async () => {
    let seen = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 20, maxLength: 60 }), async (steps) => {
        const { world, intents, deeds, most, take } = createBusyWorld('production');
        await world.boot();
        for (const next of steps) await take(next);
        await world.advance(minutes(5));
        seen = Math.max(seen, mostInHour(intents.map(({ at }) => at)));

        for (const times of by(intents, ({ target, strategy }) => `${target}/${strategy}`))
          expect(mostInHour(times)).toBeLessThanOrEqual(3);
        for (const times of by(intents, ({ target }) => target))
          expect(mostInHour(times)).toBeLessThanOrEqual(6);
        expect(mostInHour(intents.map(({ at }) => at))).toBeLessThanOrEqual(10);
        // Never a deed without its own intent line before it, never two at once.
        expect(new Set(intents.map(({ actionId }) => actionId)).size).toBe(intents.length);
        for (const [index, deed] of deeds.entries()) {
          const announced = intents.filter(
            ({ at, target }) => at <= deed.at && target === deed.worker,
          ).length;
          const done = deeds.slice(0, index + 1).filter(({ worker }) => worker === deed.worker).length;
          expect(announced).toBeGreaterThanOrEqual(done);
        }
        expect(most()).toBeLessThanOrEqual(1);
      }),
      { numRuns: RUNS, seed: 20261122 },
    );
    // The limits were reached, so they were tried.
    expect(seen).toBe(10);
  }, 240_000);

  it('touches nothing and spends nothing in a dry run', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 10, maxLength: 30 }), async (steps) => {
        const { world, intents, deeds, take } = createBusyWorld('dry-run');
        await world.boot();
        for (const next of steps) await take(next);

        expect(deeds).toEqual([]);
        expect(intents).toEqual([]);
        expect(world.commands.calls).toEqual([]);
        expect(world.http.calls).toEqual([]);
        expect(world.healer.history({ limit: 100 })).toEqual([]);
      }),
      { numRuns: Math.ceil(RUNS / 2), seed: 20261122 },
    );
  }, 240_000);
});
