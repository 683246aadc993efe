/** OpsControls over plain lists: remembers every changing call, answers what the test put in. */

import { compareSeverity } from '../../src/domain/anomaly.ts';
import type { Approval, DecisionResult } from '../../src/domain/approval.ts';
import type {
  ControlResult,
  HealPlan,
  MaintenanceWindow,
  MetricNow,
  OpsControls,
  RungCheck,
  Silence,
  Status,
  StrategyView,
} from '../../src/domain/controls.ts';
import { type Incident, isLive } from '../../src/domain/incident.ts';
import type { Sample } from '../../src/domain/metric.ts';
import type { AuditLine, AuditVerdict } from '../../src/domain/ports.ts';
import type { TaskQueue } from '../../src/domain/queue.ts';
import type { Attempt } from '../../src/domain/strategy.ts';
import { minutes } from '../../src/domain/units.ts';
import type { WorkerChange, WorkerStatus } from '../../src/domain/worker.ts';
import { START } from './builders.ts';
import { noBackups } from './no-backups.ts';
import { noDrills } from './no-drills.ts';
import { fakeOptimizer } from './no-optimizer.ts';
import { noWebhooks } from './no-webhooks.ts';
import { someQueues } from './some-queues.ts';
import { someBaselines, someLimits, someReplays, someReports } from './tuning-desks.ts';

export interface FakeWorld {
  incidents: Incident[];
  approvals: Approval[];
  metrics: MetricNow[];
  workers: WorkerStatus[];
  strategies: StrategyView[];
  checks: RungCheck[];
  silences: Silence[];
  maintenance: MaintenanceWindow[];
  attempts: (Attempt & { readonly incidentId: string })[];
  audit: AuditLine[];
  verdict: AuditVerdict;
  faults: string[];
  plan: HealPlan | undefined;
  samples: Sample[];
  status: Partial<Status>;
  tasks: TaskQueue;
  /** What every changing call comes to. */
  result: ControlResult;
  workerResult: WorkerChange;
  decision: (approval: Approval) => DecisionResult;
}

export interface FakeControls extends OpsControls {
  readonly world: FakeWorld;
  /** Changing calls in order: name first, then arguments, the actor as its id. */
  readonly calls: (readonly unknown[])[];
  readonly recorded: { readonly command: string; readonly by: string; readonly result: string }[];
}

export function createFakeControls(over: Partial<FakeWorld> = {}): FakeControls {
  const world: FakeWorld = { ...emptyWorld(), ...over };
  const calls: FakeControls['calls'] = [];
  const recorded: FakeControls['recorded'] = [];
  const change = async (...call: readonly unknown[]): Promise<ControlResult> => {
    calls.push(call);
    return world.result;
  };
  const work = async (...call: readonly unknown[]): Promise<WorkerChange> => {
    calls.push(call);
    return world.workerResult;
  };
  return {
    world,
    calls,
    recorded,
    status: () => ({ ...statusOf(world), ...world.status }),
    ready: () => ({ ready: true, parts: {} }),
    incidents: (filter) =>
      world.incidents
        .filter((one) => filter.severity === undefined || one.severity === filter.severity)
        .filter((one) => filter.target === undefined || one.target === filter.target)
        .filter((one) => filter.since === undefined || one.openedAt >= filter.since)
        .filter((one) => filter.state !== 'live' || isLive(one))
        .filter(
          (one) => filter.state === undefined || filter.state === 'live' || one.state.kind === filter.state,
        )
        .slice(0, filter.limit),
    incident: (id) => world.incidents.find((one) => one.id === id),
    metrics: () => world.metrics,
    history: (metric) => world.samples.filter((sample) => sample.metric === metric),
    bands: () => [],
    approvals: (which) => world.approvals.filter((one) => which === 'all' || one.state.kind === 'pending'),
    healPlan: (id) => (world.plan?.incident.id === id ? world.plan : undefined),
    healHistory: ({ target, limit }) =>
      world.attempts.filter((one) => target === undefined || one.target === target).slice(0, limit),
    strategies: () => world.strategies,
    validateStrategies: async () => world.checks,
    silences: () => world.silences,
    maintenance: () => world.maintenance,
    audit: async (query) => world.audit.slice(-query.limit),
    verifyAudit: async () => world.verdict,
    config: () => ({ hash: 'c0ffee', text: '{\n  "mode": "dry-run"\n}' }),
    validateConfig: async () => ({ faults: world.faults }),
    async decide(approval, verdict, by, reason) {
      calls.push(['decide', approval, verdict, by.id, reason]);
      const found = world.approvals.find((one) => one.id === approval);
      return found === undefined ? { kind: 'not_found' } : world.decision(found);
    },
    acknowledge: (id, by) => change('acknowledge', id, by.id),
    resolve: (id, by, reason) => change('resolve', id, by.id, reason),
    silence: (subject, span, by, reason, dryRun) => change('silence', subject, span, by.id, reason, dryRun),
    runHeal: (request, by, reason, dryRun) => change('runHeal', request, by.id, reason, dryRun),
    undoHeal: (id, by, dryRun) => change('undoHeal', id, by.id, dryRun),
    setMode: (mode, span, by, dryRun) => change('setMode', mode, span, by.id, dryRun),
    freeze: (scope, span, by, reason, dryRun) => change('freeze', scope, span, by.id, reason, dryRun),
    thaw: (by, dryRun) => change('thaw', by.id, dryRun),
    setStrategyMode: (strategy, target, autonomy, by, dryRun) =>
      change('setStrategyMode', strategy, target, autonomy, by.id, dryRun),
    enableStrategy: (strategy, enabled, by, dryRun) =>
      change('enableStrategy', strategy, enabled, by.id, dryRun),
    startMaintenance: (target, span, by, reason, dryRun) =>
      change('startMaintenance', target, span, by.id, reason, dryRun),
    endMaintenance: (target, by, dryRun) => change('endMaintenance', target, by.id, dryRun),
    reloadConfig: (by, dryRun) => change('reloadConfig', by.id, dryRun),
    backups: noBackups,
    tasks: world.tasks,
    optimizer: fakeOptimizer(change),
    webhooks: noWebhooks,
    limits: someLimits,
    baselines: someBaselines,
    replays: someReplays,
    reports: someReports,
    drills: noDrills,
    workers: {
      list: () => world.workers,
      start: (worker, by) => work('worker.start', worker, by),
      stop: (worker, by) => work('worker.stop', worker, by),
      restart: (worker, by) => work('worker.restart', worker, by),
      scale: (worker, count, by) => work('worker.scale', worker, count, by),
      logs: async (worker, lines) =>
        world.workers.some((one) => one.worker === worker)
          ? Array.from({ length: Math.min(lines, 3) }, (_, index) => `line ${index + 1}`)
          : undefined,
    },
    testSurfaces: (what, by) => change('testSurfaces', what, by.id),
    async recordCommand(command, by, result) {
      recorded.push({ command, by: by.id, result });
    },
  };
}

function statusOf(world: FakeWorld): Status {
  return {
    host: 'web-1',
    version: '0.1.0',
    mode: 'production',
    freeze: null,
    startedAt: START,
    now: START,
    timezone: 'UTC',
    incidents: world.incidents.filter(isLive).toSorted((a, b) => compareSeverity(b.severity, a.severity)),
    pendingApprovals: world.approvals.filter((one) => one.state.kind === 'pending'),
    metrics: world.metrics,
    surfaces: {},
    tonight: { since: START, found: 4, healed: 3, paged: 0 },
    standing: [
      {
        incidentId: 'inc-7f3a',
        kind: 'llm_fallback',
        target: 'billing-api',
        effect: 'POST http://127.0.0.1:9100/fallback',
        undo: 'DELETE http://127.0.0.1:9100/fallback',
        since: START,
        until: null,
        goesBackAfter: minutes(15),
      },
    ],
    throttle: [],
    complaints: [],
  };
}

function emptyWorld(): FakeWorld {
  return {
    incidents: [],
    approvals: [],
    metrics: [],
    workers: [],
    tasks: someQueues,
    strategies: [],
    checks: [],
    silences: [],
    maintenance: [],
    attempts: [],
    audit: [],
    verdict: { kind: 'intact', lines: 12, head: 'ab', files: 1 },
    faults: [],
    plan: undefined,
    samples: [],
    status: {},
    result: { kind: 'done', text: 'Done.' },
    workerResult: { kind: 'done', text: 'Done.' },
    decision: (approval) => ({ kind: 'accepted', approval }),
  };
}
