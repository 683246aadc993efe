/**
 * Use against budget, beat by beat: the mean of the last few samples, over or within, and since when.
 *
 * An unknown sample makes the use unknown at once, neither over nor within; one that is only missing, because not every
 * metric is due with every beat, after a minute.
 */
import type { BudgetUse } from '../domain/budget.ts';
import type { Beat, MetricName } from '../domain/metric.ts';
import { type EpochMs, elapsed, type Ms, minutes } from '../domain/units.ts';
import { type HeldBudget, keyOf } from './budgets.ts';

const KEPT = 3;
const STALE: Ms = minutes(1);

/** What makes a share of the host out of what a target uses. */
export interface HostSize {
  readonly cores: number;
  readonly memoryBytes: number;
}

interface Seen {
  readonly at: EpochMs;
  readonly value: number;
}

export interface BudgetWatch {
  /** Takes a beat; returns the budgets that went over with it. */
  take(beat: Beat, budgets: readonly HeldBudget[]): readonly BudgetUse[];
  uses(budgets: readonly HeldBudget[], now: EpochMs): readonly BudgetUse[];
}

export function createBudgetWatch(size: HostSize, messages: () => number | null): BudgetWatch {
  const seen = new Map<MetricName, readonly Seen[]>();
  const overSince = new Map<string, EpochMs>();

  const used = (budget: HeldBudget, now: EpochMs): number | null => {
    if (budget.resource === 'messages') return messages();
    const recent = (seen.get(metricOf(budget)) ?? []).filter(({ at }) => elapsed(at, now) < STALE);
    if (recent.length === 0) return null;
    const mean = recent.reduce((sum, { value }) => sum + value, 0) / recent.length;
    return shareOf(budget, mean, size);
  };
  const useOf = (budget: HeldBudget, now: EpochMs): BudgetUse => {
    const value = used(budget, now);
    const state = value === null ? 'unknown' : value > budget.limit ? 'over' : 'within';
    const last =
      budget.resource === 'messages' || value === null ? undefined : seen.get(metricOf(budget))?.at(-1);
    return {
      ...budget,
      used: value,
      ...(last === undefined ? {} : { latest: shareOf(budget, last.value, size) }),
      state,
      overSince: overSince.get(keyOf(budget.target, budget.resource)) ?? null,
    };
  };

  return {
    take(beat, budgets) {
      for (const { metric, value } of beat.samples) {
        if (value === null) seen.delete(metric);
        else seen.set(metric, [...(seen.get(metric) ?? []).slice(1 - KEPT), { at: beat.at, value }]);
      }
      return budgets.flatMap((budget) => {
        const key = keyOf(budget.target, budget.resource);
        const use = useOf(budget, beat.at);
        if (use.state === 'within') overSince.delete(key);
        if (use.state !== 'over' || overSince.has(key)) return [];
        overSince.set(key, beat.at);
        return [{ ...use, overSince: beat.at }];
      });
    },
    uses: (budgets, now) => budgets.map((budget) => useOf(budget, now)),
  };
}

/** The metric that a budget is held against. */
export function metricOf({ target, resource }: Pick<HeldBudget, 'target' | 'resource'>): MetricName {
  return target === null ? resource : `target_${resource}:${target}`;
}

/** `target_cpu` counts cores and `target_memory` bytes; a budget is a share of the host. */
export function shareOf(
  { target, resource }: Pick<HeldBudget, 'target' | 'resource'>,
  value: number,
  { cores, memoryBytes }: HostSize,
): number {
  if (target === null) return value;
  return value / (resource === 'cpu' ? cores : memoryBytes);
}
