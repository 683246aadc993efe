/** What the fake controls know in the night of the drawings: something for every command to show. */
import { after, incidentId, minutes } from '../../src/domain/units.ts';
import type { WorkerStatus } from '../../src/domain/worker.ts';
import { incident, START } from './builders.ts';
import type { FakeWorld } from './fake-controls.ts';
import { actionPlan, approval, attempt, slowIncident } from './night-builders.ts';

export const worker = (over: Partial<WorkerStatus> = {}): WorkerStatus => ({
  worker: 'rpa-worker',
  instance: 0,
  state: { kind: 'running', pid: 4_242, since: START, adopted: false },
  exitsInTenMinutes: 0,
  exitsInDay: 1,
  lastExit: 'exit code 1 at 01:17',
  ...over,
});

/** One of everything that a command can show. */
export function nightWorld(): Partial<FakeWorld> {
  const slow = slowIncident();
  const healed = incident({
    id: incidentId('inc-1b2c'),
    state: { kind: 'resolved', at: after(START, minutes(1)), how: 'healed', reason: 'healthy after 11 s' },
    attempts: [attempt({ kind: 'restart_worker', target: 'rpa-worker', verification: 'helped' })],
  });
  return {
    incidents: [slow, healed],
    approvals: [approval()],
    metrics: [
      {
        metric: 'cpu',
        unit: 'ratio',
        value: 0.34,
        at: START,
        band: { centre: 0.3, low: 0.23, high: 0.45, warn: 0.85, critical: 0.95 },
        verdict: 'good',
      },
      {
        metric: 'latency:billing-api',
        unit: 'ms',
        value: 2_340,
        at: START,
        band: { centre: null, low: null, high: null, warn: 320, critical: null },
        verdict: 'bad',
      },
      {
        metric: 'swap',
        unit: 'ratio',
        value: null,
        at: null,
        band: { centre: null, low: null, high: null, warn: null, critical: null },
        verdict: 'unknown',
      },
    ],
    samples: [0.2, 0.5, null].map((value) => ({ metric: 'cpu', at: START, value })),
    workers: [worker()],
    strategies: [
      {
        name: 'high_cpu',
        enabled: true,
        autonomy: 'auto',
        locked: false,
        matches: 'high_cpu',
        rungs: ['rate_limit', 'restart_process'],
      },
      { name: 'idle', enabled: false, autonomy: 'ask', locked: true, matches: 'high_load', rungs: ['alert'] },
    ],
    checks: [
      {
        strategy: 'high_cpu',
        target: 'billing-api',
        rung: 0,
        action: 'rate_limit',
        runnable: true,
        reason: '',
      },
      {
        strategy: 'high_cpu',
        target: 'rpa-worker',
        rung: 0,
        action: 'rate_limit',
        runnable: false,
        reason: 'a process has no rate limit',
      },
    ],
    attempts: [{ ...attempt(), incidentId: 'inc-7f3a' }],
    maintenance: [{ target: null, until: after(START, minutes(60)), by: 'cli:ada', reason: 'disk swap' }],
    audit: [
      {
        kind: 'intent',
        actor: 'nightshift',
        text: 'Restart rpa-worker (attempt 1 of 3)',
        incidentId: 'inc-1b2c',
        seq: 7,
        time: '2026-11-22T01:17:02.000Z',
        prev: '0'.repeat(64),
        hash: 'a'.repeat(64),
      },
    ],
    plan: {
      incident: slow,
      strategy: 'high_latency',
      rungs: [
        { plan: actionPlan(), refusal: null, next: true },
        {
          plan: actionPlan({ rung: 2, target: 'rpa-worker' }),
          refusal: { gate: 'freeze', reason: 'frozen until 03:00', retryAt: after(START, minutes(60)) },
          next: false,
        },
      ],
      note: 'It waits for a yes.',
    },
  };
}
