/** A yes is for what was shown. The plan is made again from what is configured now; another hash voids the yes. */
import type { ActionPlan } from '../../domain/strategy.ts';
import type { ActionText } from '../actions/action.ts';
import { makePlan } from '../planner.ts';
import type { Core } from './core.ts';
import type { Proposed } from './situation.ts';

export type Replanned =
  | { readonly kind: 'same'; readonly text: ActionText; readonly strategy: Proposed['strategy'] }
  | { readonly kind: 'changed'; readonly reason: string };

export function replan({ deps, actions, ledger }: Core, plan: ActionPlan): Replanned {
  const strategy = deps.config.current().strategies.find(({ name }) => name === plan.strategy);
  if (strategy === undefined) return { kind: 'changed', reason: `strategy ${plan.strategy} is gone` };
  const action = strategy.actions[plan.rung];
  if (action === undefined)
    return { kind: 'changed', reason: `strategy ${plan.strategy} has no such step now` };
  const again = makePlan(
    {
      incidentId: plan.incidentId,
      strategy,
      rung: plan.rung,
      action,
      target: plan.target,
      now: deps.clock.now(),
      actionId: plan.actionId,
    },
    { actions, targets: deps.targets, random: deps.random, attempts: () => ledger.attempts() },
  );
  if (again.kind === 'cannot') return { kind: 'changed', reason: `it cannot run any more: ${again.reason}` };
  if (again.plan.hash !== plan.hash)
    return { kind: 'changed', reason: 'what would run is not what was shown any more' };
  return { kind: 'same', text: again.text, strategy };
}
