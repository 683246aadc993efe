/**
 * Budgets that people set: kept over restarts, over what the file says, each until its end. Every change is in the
 * audit log before it holds; an order that makes no sense changes nothing.
 */
import type { Actor } from '../domain/approval.ts';
import {
  BUDGET_RESOURCES,
  type BudgetOrder,
  type BudgetReset,
  type BudgetResource,
} from '../domain/budget.ts';
import type { ControlResult } from '../domain/controls.ts';
import type { AuditLog, Clock, Document, Live } from '../domain/ports.ts';
import { type EpochMs, toIso } from '../domain/units.ts';
import { actorName, done, notFound, refused, would } from './audited.ts';
import { type HeldBudget, hasEnded, heldBudgets, orderFault } from './budgets.ts';
import type { OptimizerConfig } from './config.ts';
import type { NO_BUDGETS, SetBudget } from './state-shapes.ts';

export interface BudgetDeskDeps {
  readonly config: Live<OptimizerConfig>;
  readonly clock: Clock;
  readonly audit: AuditLog;
  readonly document: Document<typeof NO_BUDGETS>;
  /** Names that may have a budget. */
  readonly targets: () => readonly string[];
}

export interface BudgetDesk {
  held(now: EpochMs): readonly HeldBudget[];
  set(order: BudgetOrder, by: Actor, dryRun: boolean): Promise<ControlResult>;
  reset(reset: BudgetReset, by: Actor, dryRun: boolean): Promise<ControlResult>;
  /** Takes out what has ended, with a line in the audit log for each. */
  expire(): Promise<void>;
}

export function createBudgetDesk(deps: BudgetDeskDeps): BudgetDesk {
  const { clock, audit, document } = deps;
  const kept = (): readonly SetBudget[] => document.value.budgets;
  return {
    held: (now) => heldBudgets(deps.config.current().budgets, kept(), now),
    async set(order, by, dryRun) {
      const now = clock.now();
      const fault = orderFault(order, deps.targets(), now);
      if (fault !== null) return fault.startsWith('There is no target') ? notFound(fault) : refused(fault);
      const fresh = entriesOf(order, actorName(by), now);
      const text = `Budget of ${whose(order.target)}: ${fresh.map(budgetWords).join(', ')}${untilWords(order.until)}`;
      if (dryRun) return would(`${text}.`);
      await audit.append({ kind: 'config', actor: actorName(by), text, data: { budgets: fresh } });
      await document.update(({ budgets }) => ({
        budgets: [...budgets.filter((one) => !isIn(one, fresh)), ...fresh],
      }));
      return done(`${text}.`);
    },
    async reset({ target, resources }, by, dryRun) {
      if (target !== null && !deps.targets().includes(target))
        return notFound(`There is no target ${target}.`);
      const wanted = resources.length === 0 ? BUDGET_RESOURCES : resources;
      const gone = kept().filter((one) => one.target === target && wanted.includes(one.resource));
      if (gone.length === 0)
        return notFound(`No budget of ${whose(target)} was set; the file holds already.`);
      const text = `Budget of ${whose(target)}: ${gone.map(({ resource }) => resource).join(', ')} as the file says again`;
      if (dryRun) return would(`${text}.`);
      await audit.append({ kind: 'config', actor: actorName(by), text });
      await document.update(({ budgets }) => ({ budgets: budgets.filter((one) => !isIn(one, gone)) }));
      return done(`${text}.`);
    },
    async expire() {
      const now = clock.now();
      const ended = kept().filter((one) => hasEnded(one, now));
      for (const one of ended) {
        const text = `Budget of ${whose(one.target)} has ended: ${budgetWords(one)}; the file holds again`;
        await audit.append({ kind: 'config', actor: 'nightshift', text });
        await document.update(({ budgets }) => ({ budgets: budgets.filter((other) => other !== one) }));
      }
    },
  };
}

function entriesOf(order: BudgetOrder, by: string, now: EpochMs): readonly SetBudget[] {
  const limits: Readonly<Record<BudgetResource, number | undefined>> = {
    cpu: order.cpu,
    memory: order.memory,
    messages: order.messages,
  };
  return BUDGET_RESOURCES.flatMap((resource) => {
    const limit = limits[resource];
    if (limit === undefined) return [];
    const until = order.until === null ? null : toIso(order.until);
    return [{ target: order.target, resource, limit, by, at: toIso(now), until }];
  });
}

function isIn(one: SetBudget, others: readonly SetBudget[]): boolean {
  return others.some((other) => other.target === one.target && other.resource === one.resource);
}

export function budgetWords({ resource, limit }: Pick<SetBudget, 'resource' | 'limit'>): string {
  return resource === 'messages' ? `${limit} messages an hour` : `${resource} ${Math.round(limit * 100)} %`;
}

function whose(target: string | null): string {
  return target ?? 'this host';
}

function untilWords(until: EpochMs | null): string {
  return until === null ? '' : ` until ${toIso(until).slice(0, 16).replace('T', ' ')} UTC`;
}
