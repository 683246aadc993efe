/** Builders of what only the healing room knows. */
import type { Approval } from '../../src/domain/approval.ts';
import type { JudgedSample } from '../../src/domain/metric.ts';
import type { Action, ActionPlan, Strategy } from '../../src/domain/strategy.ts';
import {
  actionId,
  after,
  approvalId,
  type EpochMs,
  incidentId,
  minutes,
  seconds,
} from '../../src/domain/units.ts';
import { type IncidentRecord, newRecord } from '../../src/healing/incident-record.ts';
import { anomaly, START } from './builders.ts';

export const RESTART: Action = {
  kind: 'restart_worker',
  target: null,
  timeLimit: seconds(60),
  needsApproval: false,
};

export function plan(over: Partial<ActionPlan> = {}): ActionPlan {
  return {
    actionId: actionId('act-1'),
    incidentId: incidentId('inc-7f3a'),
    strategy: 'worker_down',
    rung: 0,
    action: RESTART,
    target: 'rpa-worker',
    effect: 'restart it',
    undo: null,
    idempotent: true,
    critical: false,
    attempt: 1,
    attemptsAllowed: 3,
    hash: 'h',
    ...over,
  };
}

export function strategy(over: Partial<Strategy> = {}): Strategy {
  return {
    name: 'worker_down',
    enabled: true,
    match: { kinds: ['worker_down'], metrics: [], targets: [], minSeverity: 'warning' },
    actions: [RESTART],
    autonomy: 'auto',
    verifyWithin: seconds(120),
    maxAttemptsPerHour: 3,
    gracePeriod: seconds(300),
    ...over,
  };
}

export function record(over: Partial<IncidentRecord> = {}): IncidentRecord {
  const fresh = newRecord(incidentId('inc-7f3a'), anomaly(), START, {
    title: 'rpa-worker is down',
    target: 'rpa-worker',
  });
  return { ...fresh, ...over };
}

export function approval(over: Partial<Approval> = {}): Approval {
  return {
    id: approvalId('a'.repeat(32)),
    incidentId: incidentId('inc-7f3a'),
    plan: plan(),
    why: 'rpa-worker is down.',
    tried: 'Nothing was tried yet.',
    requestedBy: null,
    requestedAt: START,
    expiresAt: after(START, minutes(15)),
    approversNeeded: 1,
    decisions: [],
    state: { kind: 'pending' },
    ...over,
  };
}

/** One sample a letter: g good, b bad, u unknown; five seconds apart, the first one right after `from`. */
export function samples(letters: string, from: EpochMs = START, metric = 'cpu'): readonly JudgedSample[] {
  const verdicts = { g: 'good', b: 'bad', u: 'unknown' } as const;
  return [...letters].map((letter, index) => {
    const verdict = verdicts[letter as keyof typeof verdicts];
    const value = verdict === 'unknown' ? null : verdict === 'good' ? 0.2 : 0.95;
    return { metric, at: after(from, seconds(5 * (index + 1))), value, verdict };
  });
}
