/**
 * Makes the plan of one rung: exactly what would run, what undoes it, and the hash that binds a yes to it. A plan
 * made again from the same configuration has the same hash; a changed action, effect or target has another.
 */
import { createHash } from 'node:crypto';
import type { Random } from '../domain/ports.ts';
import type { Action, ActionPlan, Strategy } from '../domain/strategy.ts';
import { type ActionId, actionId, type EpochMs, elapsed, type IncidentId } from '../domain/units.ts';
import type { ActionText } from './actions/action.ts';
import type { Actions } from './actions/index.ts';
import { ATTEMPT_WINDOW, type ChargedAttempt } from './guard.ts';
import type { Targets } from './targets/registry.ts';

export type Planned =
  | { readonly kind: 'plan'; readonly plan: ActionPlan; readonly text: ActionText }
  | { readonly kind: 'cannot'; readonly reason: string };

export interface PlannerDeps {
  readonly actions: Actions;
  readonly targets: Targets;
  readonly random: Random;
  attempts(): readonly ChargedAttempt[];
}

export interface PlanRequest {
  readonly incidentId: IncidentId;
  readonly strategy: Strategy;
  readonly rung: number;
  readonly action: Action;
  /** The target of the anomaly; the action's own goes before it. */
  readonly target: string | null;
  readonly now: EpochMs;
  /** Keeps the id of a plan that is made again. */
  readonly actionId?: ActionId;
}

export function makePlan(request: PlanRequest, deps: PlannerDeps): Planned {
  const { strategy, action, incidentId, rung } = request;
  const target = action.target ?? request.target;
  const text = deps.actions.describe(action, { target, incidentId });
  if (text.kind === 'cannot') return text;
  const config = target === null ? null : (deps.targets.get(target)?.target ?? null);
  const spent = deps
    .attempts()
    .filter((past) => past.strategy === strategy.name && past.target === target)
    .filter((past) => elapsed(past.at, request.now) < ATTEMPT_WINDOW).length;
  const plan: ActionPlan = {
    actionId: request.actionId ?? actionId(`act-${deps.random.hex(8)}`),
    incidentId,
    strategy: strategy.name,
    rung,
    action,
    target,
    effect: text.effect,
    undo: text.undo,
    idempotent: text.idempotent,
    critical: config?.critical ?? false,
    attempt: spent + 1,
    attemptsAllowed: strategy.maxAttemptsPerHour,
    hash: hashOf({ action, effect: text.effect, undo: text.undo, target, config }),
  };
  return { kind: 'plan', plan, text };
}

/** sha256 over a form in which the order of keys does not matter. */
export function hashOf(value: unknown): string {
  return createHash('sha256').update(canonical(value)).digest('hex');
}

function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null';
  const entries = Object.entries(value)
    .filter(([, item]) => item !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${entries.map(([key, item]) => `${JSON.stringify(key)}:${canonical(item)}`).join(',')}}`;
}
