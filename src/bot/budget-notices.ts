/** Cards about budgets and the throttle: one for each time a budget is passed, edited in place as the throttle moves. */
import type { BudgetUse, ThrottleRung, ThrottleState } from '../domain/budget.ts';
import type { EpochMs } from '../domain/units.ts';
import type { Card } from './card.ts';
import { notice } from './notices.ts';

const RUNGS: Readonly<Record<ThrottleRung, string>> = {
  none: 'nothing is throttled',
  delay_batch: 'batch tasks are delayed',
  slow_queue: 'queues run slower',
  slow_targets: 'targets that are not critical are slowed',
  clear_caches: 'caches are cleared',
};

export function rungWords(rung: ThrottleRung): string {
  return RUNGS[rung];
}

export function useWords({ resource, used }: BudgetUse): string {
  if (used === null) return 'unknown';
  return resource === 'messages' ? `${used} an hour` : `${Math.round(used * 100)} %`;
}

export function limitWords({ resource, limit }: BudgetUse): string {
  return resource === 'messages' ? `${limit} an hour` : `${Math.round(limit * 100)} %`;
}

export function budgetNotice(use: BudgetUse, at: EpochMs): Card {
  const who = use.target ?? 'this host';
  return notice({
    key: `budget-${use.target ?? 'host'}-${use.resource}-${at.toString(36)}`,
    version: 1,
    word: 'Open',
    tone: 'warn',
    severity: 'info',
    title: `${use.resource} of ${who} is over its budget`,
    lead: `${useWords(use)} used, ${limitWords(use)} allowed.`,
    next: 'If it stays there, batch work is delayed first.',
  });
}

export function throttleNotice(state: ThrottleState, at: EpochMs): Card {
  const over = state.rung === 'none';
  const words = rungWords(state.rung);
  return notice({
    key: `throttle-${state.target ?? 'host'}-${at.toString(36)}`,
    version: 1,
    word: over ? 'Over' : state.acting ? 'Healing' : 'Held',
    tone: over ? 'ok' : state.acting ? 'info' : 'warn',
    severity: 'info',
    title: over ? 'The throttle is off' : `Throttle: ${words}`,
    lead: over ? `${state.target ?? 'This host'} is within its budget.` : `${state.reason}.`,
    next: nextOf(state),
  });
}

function nextOf({ rung, acting }: ThrottleState): string {
  if (rung === 'none') return 'Everything is as configured again.';
  return acting ? 'It is given back step by step.' : 'This is only a proposal: nothing is slowed now.';
}
