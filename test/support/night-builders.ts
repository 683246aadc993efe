/** The night of the drawings: billing-api is slow on web-1, its cache did not help, a restart waits for a yes. */
import type { Anomaly } from '../../src/domain/anomaly.ts';
import type { Approval } from '../../src/domain/approval.ts';
import type { Incident } from '../../src/domain/incident.ts';
import type { Action, ActionPlan, Attempt } from '../../src/domain/strategy.ts';
import {
  actionId,
  after,
  approvalId,
  type EpochMs,
  incidentId,
  minutes,
  ms,
  seconds,
} from '../../src/domain/units.ts';
import { anomaly, incident, START } from './builders.ts';

/** 02:06 in UTC. */
export const TROUBLE: EpochMs = after(START, minutes(6));
export const APPROVAL_ID = '3f2a9c0d1e4b5a69788796a5b4c3d2e1';

export function action(over: Partial<Extract<Action, { kind: 'restart_service' }>> = {}): Action {
  return { kind: 'restart_service', target: null, timeLimit: seconds(60), needsApproval: false, ...over };
}

export function actionPlan(over: Partial<ActionPlan> = {}): ActionPlan {
  return {
    actionId: actionId('act-1'),
    incidentId: incidentId('inc-7f3a'),
    strategy: 'high_latency',
    rung: 1,
    action: action(),
    target: 'billing-api',
    effect: 'systemctl restart billing-api',
    undo: null,
    idempotent: true,
    critical: true,
    attempt: 1,
    attemptsAllowed: 3,
    hash: 'f00d',
    ...over,
  };
}

export function approval(over: Partial<Approval> = {}): Approval {
  return {
    id: approvalId(APPROVAL_ID),
    incidentId: incidentId('inc-7f3a'),
    plan: actionPlan(),
    why: 'Latency of billing-api is 2,340 ms; normal is 80–190 ms',
    tried: 'Enabled the cache of billing-api: no effect.',
    requestedBy: null,
    requestedAt: after(TROUBLE, minutes(8)),
    expiresAt: after(TROUBLE, minutes(23)),
    approversNeeded: 1,
    decisions: [],
    state: { kind: 'pending' },
    ...over,
  };
}

export function attempt(over: Partial<Attempt> = {}): Attempt {
  return {
    actionId: actionId('act-0'),
    strategy: 'high_latency',
    rung: 0,
    kind: 'enable_cache',
    target: 'billing-api',
    effect: 'POST http://127.0.0.1:9000/cache/on',
    startedAt: after(TROUBLE, minutes(3)),
    finishedAt: after(TROUBLE, ms(minutes(3) + 400)),
    outcome: { kind: 'succeeded', note: '200' },
    verification: 'no_effect',
    ...over,
  };
}

/** One sample a minute for an hour: quiet, a gap, then slow from 02:06 on. */
export function slowAnomaly(over: Partial<Anomaly> = {}): Anomaly {
  const from = after(TROUBLE, minutes(-50));
  return anomaly({
    fingerprint: 'web-1/billing-api/high_latency',
    target: 'billing-api',
    kind: 'high_latency',
    severity: 'warning',
    witnesses: ['limit', 'baseline'],
    since: TROUBLE,
    detectedAt: after(TROUBLE, seconds(22)),
    summary: 'Latency of billing-api is 2,340 ms; normal is 80–190 ms.',
    evidence: {
      metric: 'latency:billing-api',
      value: 2_340,
      band: { centre: 130, low: 80, high: 190, warn: 320, critical: 2_000 },
      score: 0.93,
      lasted: seconds(22),
      chart: Array.from({ length: 60 }, (_, minute) => ({
        metric: 'latency:billing-api',
        at: after(from, minutes(minute)),
        value: minute === 20 ? null : minute < 50 ? 120 + (minute % 5) * 9 : 890 + (minute - 50) * 160,
      })),
      topProcesses: [{ pid: 4_242, name: 'billing-api', cpu: 0.41, memoryBytes: 734_003_200 }],
      causes: [
        { text: 'deploy a1b9f3 three minutes before', at: after(TROUBLE, minutes(-3)) },
        { text: 'database connections rose from 12 to 48', at: null },
      ],
    },
    ...over,
  });
}

export function slowIncident(over: Partial<Incident> = {}): Incident {
  return incident({
    fingerprint: 'web-1/billing-api/high_latency',
    target: 'billing-api',
    kind: 'high_latency',
    severity: 'warning',
    title: 'billing-api is slow',
    state: { kind: 'awaiting_approval', approvalId: approvalId(APPROVAL_ID) },
    since: TROUBLE,
    openedAt: after(TROUBLE, seconds(22)),
    updatedAt: after(TROUBLE, minutes(8)),
    version: 6,
    anomalies: [slowAnomaly()],
    strategy: 'high_latency',
    rung: 1,
    attempts: [attempt()],
    timeline: [
      { at: TROUBLE, tone: 'bad', text: 'Latency 890 ms, normal 80–190 ms. Seen 3 of 3 times.' },
      {
        at: after(TROUBLE, minutes(1)),
        tone: 'note',
        text: 'Likely cause: deploy a1b9f3 three minutes before.',
      },
      { at: after(TROUBLE, minutes(3)), tone: 'act', text: 'Enabled the cache of billing-api (reversible).' },
      { at: after(TROUBLE, minutes(5)), tone: 'bad', text: 'Verified: no effect, 2,110 ms.' },
      {
        at: after(TROUBLE, minutes(8)),
        tone: 'note',
        text: 'The next step needs a yes: billing-api is critical.',
      },
    ],
    ...over,
  });
}
