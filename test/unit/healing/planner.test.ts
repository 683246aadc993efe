import { describe, expect, it } from 'vitest';
import { actionId, incidentId, after as later, minutes, seconds } from '../../../src/domain/units.ts';
import type { Described } from '../../../src/healing/actions/action.ts';
import type { Actions } from '../../../src/healing/actions/index.ts';
import { hashOf, makePlan, type PlannerDeps } from '../../../src/healing/planner.ts';
import type { Targets } from '../../../src/healing/targets/registry.ts';
import { START } from '../../support/builders.ts';
import { RESTART, strategy } from '../../support/healing-builders.ts';
import { createSeededRandom } from '../../support/memory-ports.ts';

const CAN: Described = {
  kind: 'can',
  effect: 'restart it',
  undo: null,
  idempotent: true,
  forks: true,
  touches: true,
  heals: true,
  needsApproval: false,
};

function deps(over: { described?: Described; config?: object | null } = {}): PlannerDeps {
  const target =
    over.config === null ? undefined : { target: over.config ?? { name: 'api', critical: true } };
  const attempt = { strategy: 'worker_down', target: 'api', kind: 'restart_worker' } as const;
  return {
    actions: { describe: () => over.described ?? CAN } as unknown as Actions,
    targets: { get: () => target } as unknown as Targets,
    random: createSeededRandom(),
    attempts: () => [
      { ...attempt, at: later(START, minutes(-59)) },
      { ...attempt, at: later(START, minutes(-60)) },
      { ...attempt, at: START, target: 'other' },
    ],
  };
}
const request = {
  incidentId: incidentId('inc-1'),
  strategy: strategy(),
  rung: 0,
  action: RESTART,
  target: 'api',
  now: START,
};

const made = (over: Partial<typeof request> = {}, from = deps()) => {
  const planned = makePlan({ ...request, ...over }, from);
  if (planned.kind === 'cannot') throw new Error(planned.reason);
  return planned.plan;
};

describe('makePlan', () => {
  it('says exactly what would run, on which attempt, and whether the target is critical', () => {
    expect(made()).toMatchObject({
      effect: 'restart it',
      target: 'api',
      critical: true,
      attempt: 2,
      attemptsAllowed: 3,
    });
    expect(made({}, deps({ config: null }))).toMatchObject({ critical: false });
  });

  it('acts on the target of the rung before that of the anomaly', () => {
    const action = { ...RESTART, target: 'cache' };
    expect(makePlan({ ...request, action }, deps())).toMatchObject({ plan: { target: 'cache' } });
    expect(makePlan({ ...request, target: null } as never, deps())).toMatchObject({
      plan: { target: null, critical: false },
    });
  });

  it('has the same hash when it is made again, and another when anything changed', () => {
    const { hash } = made();
    expect(made().hash).toBe(hash);
    expect(made({}, deps({ described: { ...CAN, effect: 'restart it hard' } })).hash).not.toBe(hash);
    expect(made({}, deps({ config: { name: 'api', critical: false } })).hash).not.toBe(hash);
    expect(made({ action: { ...RESTART, timeLimit: seconds(61) } }).hash).not.toBe(hash);
  });

  it('keeps the id of a plan that is made again, else has one of its own', () => {
    const again = makePlan({ ...request, actionId: actionId('act-7') }, deps());
    expect(again).toMatchObject({ plan: { actionId: 'act-7' } });
    expect(made().actionId).toMatch(/^act-[0-9a-f]{16}$/);
  });

  it('says why there is none', () => {
    expect(makePlan(request, deps({ described: { kind: 'cannot', reason: 'no cache' } }))).toEqual({
      kind: 'cannot',
      reason: 'no cache',
    });
  });
});

describe('hashOf', () => {
  it('does not care for the order of keys', () => {
    expect(hashOf({ a: 1, b: [{ c: 2, d: undefined }] })).toBe(hashOf({ b: [{ c: 2 }], a: 1 }));
    expect(hashOf({ a: [1, 2] })).not.toBe(hashOf({ a: [2, 1] }));
  });
});
