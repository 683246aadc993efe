/** Targets and queues that can be slowed, in memory: what was asked of them is a list of lines. */
import type { Outcome } from '../../src/domain/strategy.ts';
import type { QueueBrake, QueueHold, TargetThrottle, ThrottlePlan } from '../../src/domain/throttle.ts';

export interface ThrottleWorld {
  readonly done: string[];
  readonly holds: (QueueHold | null)[];
  readonly targets: TargetThrottle;
  readonly queues: QueueBrake;
  names: string[];
  clearable: string[];
  /** The process before this one left queues lowered. */
  left: boolean;
  load: { batch: number; others: number };
  outcome: Outcome;
  holdsPlan: boolean;
  /** Called inside `apply`, before it answers. */
  inApply: () => void;
}

export function createThrottleWorld(): ThrottleWorld {
  const done: string[] = [];
  const holds: (QueueHold | null)[] = [];
  const plan = (target: string, measure: ThrottlePlan['measure'], effect: string): ThrottlePlan => ({
    target,
    measure,
    effect,
    undo: measure === 'slow' ? 'as before' : null,
    token: { nice: 0 },
  });
  const world: ThrottleWorld = {
    done,
    holds,
    names: ['api', 'etl'],
    clearable: ['api', 'etl'],
    left: false,
    load: { batch: 5, others: 9 },
    outcome: { kind: 'succeeded', note: 'done' },
    holdsPlan: true,
    inApply: () => {},
    targets: {
      targets: () => world.names,
      clearable: () => world.clearable,
      slow: async (target) => ({ kind: 'can', plan: plan(target, 'slow', 'nice 10') }),
      clearCache: async (target) =>
        target === 'api'
          ? { kind: 'can', plan: plan(target, 'clear_cache', 'POST /cache/clear') }
          : { kind: 'cannot', reason: 'no cache' },
      holds: () => world.holdsPlan,
      async apply({ target, effect }) {
        world.inApply();
        done.push(`${effect} on ${target}`);
        return world.outcome;
      },
      async release({ target }) {
        done.push(`release ${target}`);
        return world.outcome;
      },
    },
    queues: {
      load: async () => world.load,
      isHeld: async () => world.left,
      describe: (hold) =>
        `batch ${Math.round(hold.batch * 100)} %, others ${Math.round(hold.others * 100)} %`,
      async hold(hold) {
        holds.push(hold);
        return [];
      },
    },
  };
  return world;
}
