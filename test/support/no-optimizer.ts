/** An optimizer that has learnt nothing and holds two budgets; remembers every changing call. */
import type { BudgetUse } from '../../src/domain/budget.ts';
import type { ControlResult } from '../../src/domain/controls.ts';
import type { OptimizerDesk } from '../../src/domain/optimizer.ts';

export const TWO_BUDGETS: readonly BudgetUse[] = [
  { resource: 'cpu', limit: 0.8, used: 0.41 },
  { resource: 'memory', limit: 0.7, used: 0.74 },
].map(({ resource, limit, used }) => ({
  target: null,
  resource: resource as 'cpu' | 'memory',
  limit,
  used,
  state: used > limit ? 'over' : 'within',
  overSince: null,
  source: 'config',
  by: null,
  until: null,
}));

export function fakeOptimizer(
  change: (...call: readonly unknown[]) => Promise<ControlResult>,
  over: Partial<OptimizerDesk> = {},
): OptimizerDesk {
  return {
    budgets: () => TWO_BUDGETS,
    budgetHistory: async () => [],
    status: () => ({
      tuning: 'suggest',
      lastRun: null,
      profiles: [],
      suggestions: [],
      throttle: [],
      forecasts: [],
    }),
    explain: () => [],
    setBudget: (order, by, dryRun) => change('setBudget', order, by.id, dryRun),
    resetBudget: (reset, by, dryRun) => change('resetBudget', reset, by.id, dryRun),
    run: (by, dryRun) => change('optimize.run', by.id, dryRun),
    accept: (id, by, dryRun) => change('optimize.accept', id, by.id, dryRun),
    reject: (id, by, dryRun) => change('optimize.reject', id, by.id, dryRun),
    ...over,
  };
}
