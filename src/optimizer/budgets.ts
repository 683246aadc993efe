/**
 * Which budgets hold now: what people set, over what the file says, each until its end. Pure.
 *
 * A target has a budget only where somebody gave it one. An order that makes no sense is refused with the reason;
 * nothing of it is kept.
 */
import type { BudgetOrder, BudgetResource } from '../domain/budget.ts';
import { type EpochMs, fromIso } from '../domain/units.ts';
import type { OptimizerConfig } from './config.ts';
import type { SetBudget } from './state-shapes.ts';

/** A budget that holds. */
export interface HeldBudget {
  readonly target: string | null;
  readonly resource: BudgetResource;
  readonly limit: number;
  readonly source: 'config' | 'set';
  readonly by: string | null;
  readonly until: EpochMs | null;
}

/** In the order: host, then targets by name; cpu, memory, messages. */
export function heldBudgets(
  config: OptimizerConfig['budgets'],
  set: readonly SetBudget[],
  now: EpochMs,
): readonly HeldBudget[] {
  const live = set.filter((one) => !hasEnded(one, now));
  const budgets = new Map<string, HeldBudget>();
  for (const budget of [...configured(config, now), ...live.map(fromSet)]) {
    budgets.set(keyOf(budget.target, budget.resource), budget);
  }
  const rank = { cpu: 0, memory: 1, messages: 2 } as const;
  return [...budgets.values()].sort(
    (a, b) =>
      Number(a.target !== null) - Number(b.target !== null) ||
      (a.target ?? '').localeCompare(b.target ?? '') ||
      rank[a.resource] - rank[b.resource],
  );
}

export function hasEnded({ until }: SetBudget, now: EpochMs): boolean {
  const end = until === null ? undefined : fromIso(until);
  return end !== undefined && end <= now;
}

export function keyOf(target: string | null, resource: BudgetResource): string {
  return `${target ?? ''}/${resource}`;
}

/** Why an order cannot be kept, in a sentence; `null` = it can. */
export function orderFault(order: BudgetOrder, targets: readonly string[], now: EpochMs): string | null {
  const { target, cpu, memory, messages, until } = order;
  if (target !== null && !targets.includes(target)) return `There is no target ${target}.`;
  if (cpu === undefined && memory === undefined && messages === undefined) {
    return 'Say what to set: cpu, memory or messages.';
  }
  if (target !== null && messages !== undefined) {
    return 'Messages are counted for the whole bot, not for a target.';
  }
  if (until !== null && until <= now) return 'The end of the budget lies in the past.';
  return shareFault('cpu', cpu) ?? shareFault('memory', memory) ?? messagesFault(messages);
}

function shareFault(name: string, share: number | undefined): string | null {
  return share === undefined || (share >= 0.01 && share <= 1) ? null : `${name}: expected 1 to 100 %.`;
}

function messagesFault(count: number | undefined): string | null {
  if (count === undefined || (Number.isInteger(count) && count >= 1 && count <= 3_600)) return null;
  return 'messages: expected a whole number from 1 to 3600 an hour.';
}

function configured(config: OptimizerConfig['budgets'], now: EpochMs): readonly HeldBudget[] {
  const host = { cpu: config.cpu, memory: config.memory, messages: config.messagesPerHour };
  return [
    ...limitsOf(null, host, null),
    ...config.targets
      .filter(({ until }) => until === null || until > now)
      .flatMap(({ target, cpu, memory, until }) => limitsOf(target, { cpu, memory }, until)),
  ];
}

function limitsOf(
  target: string | null,
  limits: Readonly<Partial<Record<BudgetResource, number | null>>>,
  until: EpochMs | null,
): readonly HeldBudget[] {
  return (['cpu', 'memory', 'messages'] as const).flatMap((resource) => {
    const limit = limits[resource] ?? null;
    return limit === null ? [] : [{ target, resource, limit, source: 'config' as const, by: null, until }];
  });
}

function fromSet({ target, resource, limit, by, until }: SetBudget): HeldBudget {
  return {
    target,
    resource,
    limit,
    source: 'set',
    by,
    until: until === null ? null : (fromIso(until) ?? null),
  };
}
