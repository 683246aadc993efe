/** One builder a domain type, with sane defaults: a test says only what matters to it. */
import type { Anomaly } from '../../src/domain/anomaly.ts';
import type { Actor } from '../../src/domain/approval.ts';
import type { Incident } from '../../src/domain/incident.ts';
import { type EpochMs, epochMs, incidentId, ms } from '../../src/domain/units.ts';

export const START: EpochMs = epochMs(Date.parse('2026-11-22T02:00:00.000Z'));

export function anomaly(over: Partial<Anomaly> = {}): Anomaly {
  return {
    fingerprint: 'web-1/rpa-worker/worker_down',
    host: 'web-1',
    target: 'rpa-worker',
    kind: 'worker_down',
    severity: 'critical',
    witnesses: ['probe'],
    confirmed: true,
    since: START,
    detectedAt: START,
    summary: 'rpa-worker is down.',
    evidence: {
      metric: 'target_up:rpa-worker',
      value: 0,
      band: { centre: null, low: null, high: null, warn: null, critical: 1 },
      score: 1,
      lasted: ms(10_000),
      chart: [],
      topProcesses: [],
      causes: [],
    },
    ...over,
  };
}

export function incident(over: Partial<Incident> = {}): Incident {
  return {
    id: incidentId('inc-7f3a'),
    fingerprint: 'web-1/rpa-worker/worker_down',
    host: 'web-1',
    target: 'rpa-worker',
    kind: 'worker_down',
    severity: 'critical',
    title: 'rpa-worker is down',
    state: { kind: 'open' },
    since: START,
    openedAt: START,
    updatedAt: START,
    version: 1,
    anomalies: [anomaly()],
    strategy: 'worker_down',
    rung: 0,
    attempts: [],
    timeline: [],
    ack: null,
    pagedAt: null,
    reopened: 0,
    ...over,
  };
}

export function actor(over: Partial<Actor> = {}): Actor {
  return {
    surface: 'cli',
    id: 'local-token',
    display: 'local',
    person: 'local',
    roles: ['viewer', 'responder', 'operator', 'approver'],
    ...over,
  };
}
