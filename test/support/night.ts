/**
 * One night of a small team as OpsControls tell it: a slow API that waits for a decision, a worker and a memory that
 * were healed, the host around them. Deciding and acting change it, so that a page can be clicked through.
 */

import type { Anomaly } from '../../src/domain/anomaly.ts';
import type { Actor, Approval, DecisionResult, Verdict } from '../../src/domain/approval.ts';
import { mayAct } from '../../src/domain/approval.ts';
import type { ControlResult, MetricNow, OpsControls, Status } from '../../src/domain/controls.ts';
import type { Incident, TimelineEntry } from '../../src/domain/incident.ts';
import { type Band, type Sample, unitOf } from '../../src/domain/metric.ts';
import type { AuditLine, EventBus } from '../../src/domain/ports.ts';
import type { ActionPlan, Attempt } from '../../src/domain/strategy.ts';
import {
  actionId,
  approvalId,
  before,
  type EpochMs,
  epochMs,
  incidentId,
  type Ms,
  minutes,
  seconds,
} from '../../src/domain/units.ts';
import type { WorkerStatus } from '../../src/domain/worker.ts';
import { noBackups } from './no-backups.ts';
import { noDrills } from './no-drills.ts';
import { fakeOptimizer } from './no-optimizer.ts';
import { noWebhooks } from './no-webhooks.ts';
import { someQueues } from './some-queues.ts';
import { someBaselines, someLimits, someReplays, someReports } from './tuning-desks.ts';

export interface Night {
  readonly controls: OpsControls;
  /** Every call that changed something, as `verb subject by actor`. */
  readonly calls: string[];
  readonly incidents: Incident[];
  approval: Approval;
  ready: boolean;
}

export interface NightOptions {
  readonly now: () => EpochMs;
  readonly bus: EventBus;
  readonly quiet?: boolean;
}

const NO_BAND: Band = { centre: null, low: null, high: null, warn: null, critical: null };

const BANDS: Readonly<Record<string, Partial<Band>>> = {
  cpu: { centre: 0.33, low: 0.22, high: 0.45, warn: 0.85, critical: 0.95 },
  memory: { centre: 0.57, low: 0.5, high: 0.66, warn: 0.85, critical: 0.95 },
  'disk:/': { warn: 0.85, critical: 0.95 },
  'latency:billing-api': { centre: 130, low: 80, high: 190, warn: 320, critical: 2_000 },
  'success_rate:billing-api': { centre: 0.999, low: 0.99, high: 1, warn: 0.97, critical: 0.9 },
  load_per_core: { centre: 0.6, low: 0.3, high: 1.1, warn: 2, critical: 4 },
  net_rx: { centre: 900_000, low: 400_000, high: 1_600_000 },
  'target_up:rpa-worker': { critical: 1 },
  pressure_io: {},
};

/** The value of a metric at a moment: a fixed wave, and what went wrong in this night. */
function valueAt(metric: string, at: EpochMs, now: EpochMs): number | null {
  const t = at / 60_000;
  const wave = Math.sin(t / 7) * 0.6 + Math.sin(t / 2.3) * 0.3 + Math.sin(t * 1.9) * 0.1;
  const ago = (now - at) / 60_000;
  switch (metric) {
    case 'cpu':
      return 0.34 + wave * 0.07;
    case 'memory':
      return ago > 34 && ago < 60 ? 0.66 + (60 - ago) * 0.008 : 0.58 + wave * 0.01;
    case 'disk:/':
      return 0.71 - ago * 0.000_01;
    case 'latency:billing-api':
      return ago > 9 ? 130 + wave * 25 : Math.min(2_340, 130 + (9 - ago) ** 1.7 * 90) + wave * 40;
    case 'success_rate:billing-api':
      return ago > 9 ? 0.999 : 0.981;
    case 'load_per_core':
      return 0.7 + wave * 0.2;
    case 'net_rx':
      return 900_000 + wave * 300_000;
    case 'target_up:rpa-worker':
      return ago > 46.6 && ago < 47 ? 0 : 1;
    default:
      return null;
  }
}

export function createNight({ now, bus, quiet = false }: NightOptions): Night {
  const start = now();
  const approval = pendingApproval(start);
  const incidents = quiet
    ? [healedWorker(start)]
    : [slowApi(start), healedWorker(start), healedMemory(start)];
  const workers: WorkerStatus[] = [
    worker('rpa-worker', 0, {
      kind: 'running',
      pid: 4_211,
      since: before(start, minutes(46)),
      adopted: false,
    }),
    worker('mailer', 0, { kind: 'running', pid: 988, since: before(start, minutes(3_000)), adopted: true }),
    worker('importer', 0, {
      kind: 'gave_up',
      at: before(start, minutes(95)),
      reason: '5 exits in 10 min; last: exit code 1 after 1.5 s',
    }),
  ];
  const night: Night = { controls: null as never, calls: [], incidents, approval, ready: true };
  const done = (text: string): ControlResult => ({ kind: 'done', text });
  let mode: Status['mode'] = 'production';
  let freeze: Status['freeze'] = null;

  const metrics = (): MetricNow[] =>
    Object.keys(BANDS).map((metric) => {
      const band = { ...NO_BAND, ...BANDS[metric] };
      const value = valueAt(metric, now(), now());
      const bad = band.warn !== null && value !== null && metric.startsWith('latency') && value > band.warn;
      const verdict = value === null ? 'unknown' : bad && !quiet ? 'bad' : 'good';
      return { metric, unit: unitOf(metric), value, at: value === null ? null : now(), band, verdict };
    });

  const settle = (verdict: Verdict, by: Actor): void => {
    const [first] = incidents;
    if (first === undefined) return;
    const said = verdict === 'approve' ? 'yes' : 'no';
    const line: TimelineEntry = {
      at: now(),
      tone: 'act',
      text: `${by.display} said ${said} in the console.`,
    };
    const state =
      verdict === 'approve'
        ? ({ kind: 'healing', actionId: actionId('act-91') } as const)
        : ({ kind: 'escalated', at: now(), reason: 'denied' } as const);
    incidents[0] = { ...first, state, version: first.version + 1, timeline: [...first.timeline, line] };
    bus.publish({ type: 'incident.updated', incident: incidents[0], line });
  };

  const decide = async (id: string, verdict: Verdict, by: Actor, reason: string): Promise<DecisionResult> => {
    if (id !== night.approval.id) return { kind: 'not_found' };
    if (!mayAct(by, 'approver')) {
      return { kind: 'refused', code: 'FORBIDDEN', reason: 'This needs the role approver.' };
    }
    if (night.approval.state.kind !== 'pending') {
      return { kind: 'refused', code: 'ALREADY_DECIDED', reason: 'This was decided already.' };
    }
    const decision = { verdict, by, at: now(), reason };
    const approved = verdict === 'approve';
    const state = { kind: approved ? 'approved' : 'denied', at: now() } as const;
    night.approval = { ...night.approval, decisions: [decision], state };
    night.calls.push(`${verdict} ${id} by ${by.surface}:${by.id}`);
    settle(verdict, by);
    const type = approved ? 'action.approved' : 'action.denied';
    bus.publish({ type, approval: night.approval, decision });
    return { kind: 'accepted', approval: night.approval };
  };

  const controls: OpsControls = {
    status: () => ({
      host: 'web-1',
      version: '0.1.0',
      mode,
      freeze,
      startedAt: before(start, minutes(4_000)),
      now: now(),
      timezone: 'Europe/Berlin',
      incidents: incidents.filter(({ state }) => state.kind !== 'resolved'),
      pendingApprovals: !quiet && night.approval.state.kind === 'pending' ? [night.approval] : [],
      metrics: metrics(),
      surfaces: {
        web: { state: 'up', since: start, reason: '' },
        slack: { state: 'up', since: start, reason: '' },
        discord: { state: 'down', since: start, reason: 'the gateway does not answer' },
        mail: { state: 'off', since: start, reason: 'not configured' },
      },
      tonight: { since: before(start, minutes(400)), found: quiet ? 1 : 4, healed: quiet ? 1 : 3, paged: 0 },
      standing: [],
      throttle: [],
      complaints: [],
    }),
    ready: () => ({
      ready: night.ready,
      parts: {
        monitor: { ok: true, needed: true, text: 'last sample 3 s ago' },
        audit: { ok: night.ready, needed: true, text: night.ready ? 'writable' : 'the disk is full' },
      },
    }),
    incidents: (filter) =>
      incidents
        .filter(
          ({ state }) =>
            filter.state === undefined ||
            (filter.state === 'live' ? state.kind !== 'resolved' : state.kind === filter.state),
        )
        .filter(({ severity }) => filter.severity === undefined || severity === filter.severity)
        .filter(({ target }) => filter.target === undefined || target === filter.target)
        .slice(0, filter.limit),
    incident: (id) => incidents.find((one) => one.id === id),
    metrics,
    history: (metric, span) => history(metric, span, now(), quiet),
    bands(metric, from, to) {
      const band = metrics().find((one) => one.metric === metric)?.band;
      if (band === undefined || band.centre === null || band.low === null || band.high === null) return [];
      return [{ from, to, centre: band.centre, low: band.low, high: band.high }];
    },
    approvals: (which) =>
      quiet || (which === 'pending' && night.approval.state.kind !== 'pending') ? [] : [night.approval],
    healPlan: (id) => {
      const incident = incidents.find((one) => one.id === id);
      if (incident === undefined) return undefined;
      const alert: ActionPlan = {
        ...restartPlan(),
        rung: 3,
        effect: 'page people with all of this',
        action: { kind: 'alert', target: null, timeLimit: seconds(10), needsApproval: false, message: '' },
      };
      return {
        incident,
        strategy: 'high_latency',
        rungs: [
          {
            plan: restartPlan(),
            refusal: { gate: 'approval', reason: 'billing-api is critical: it needs a yes', retryAt: null },
            next: true,
          },
          { plan: alert, refusal: null, next: false },
        ],
        note: '',
      };
    },
    healHistory: () =>
      incidents.flatMap(({ id, attempts }) => attempts.map((attempt) => ({ ...attempt, incidentId: id }))),
    strategies: () => [
      {
        name: 'high_latency',
        enabled: true,
        autonomy: 'auto',
        locked: false,
        matches: 'high_latency on any target, from warning',
        rungs: ['enable_cache', 'restart_service', 'alert'],
      },
      {
        name: 'worker_down',
        enabled: true,
        autonomy: 'auto',
        locked: false,
        matches: 'worker_down, crash_loop on any target, from warning',
        rungs: ['restart_worker', 'alert'],
      },
      {
        name: 'high_memory',
        enabled: true,
        autonomy: 'ask',
        locked: true,
        matches: 'high_memory, memory_leak on any target, from warning',
        rungs: ['clear_cache', 'restart_worker'],
      },
      {
        name: 'disk_filling',
        enabled: false,
        autonomy: 'suggest',
        locked: false,
        matches: 'disk_filling on this host, from warning',
        rungs: ['clear_cache', 'run_command', 'alert'],
      },
    ],
    validateStrategies: async () => [
      {
        strategy: 'high_latency',
        target: 'billing-api',
        rung: 0,
        action: 'enable_cache',
        runnable: true,
        reason: '',
      },
      {
        strategy: 'high_latency',
        target: 'rpa-worker',
        rung: 0,
        action: 'enable_cache',
        runnable: false,
        reason: 'a process cannot enable a cache',
      },
    ],
    silences: () => [],
    maintenance: () => [],
    audit: async ({ limit, text }) =>
      auditLines(start)
        .filter((line) => text === undefined || line.text.includes(text))
        .slice(-limit),
    verifyAudit: async () => ({ kind: 'intact', lines: 6, head: 'c0ffee'.repeat(10), files: 1 }),
    config: () => ({ hash: 'ab'.repeat(32), text: '{}' }),
    validateConfig: async () => ({ faults: [] }),
    decide,
    acknowledge: async (id, by) => {
      night.calls.push(`ack ${id} by ${by.surface}:${by.id}`);
      return done(`Acknowledged ${id}.`);
    },
    resolve: async (id) => done(`Resolved ${id}.`),
    silence: async (subject) => done(`Silenced ${subject}.`),
    runHeal: async () => done('Started.'),
    undoHeal: async () => done('Undone.'),
    setMode: async (next) => {
      mode = next;
      night.calls.push(`mode ${next}`);
      bus.publish({ type: 'mode.changed', mode, by: null });
      return done(`Mode is ${next}.`);
    },
    freeze: async (scope, span, by, reason) => {
      freeze = { scope, until: epochMs(now() + span), by: by.display, reason };
      night.calls.push(`freeze ${scope}`);
      bus.publish({ type: 'freeze.changed', freeze, by });
      return done('Frozen.');
    },
    thaw: async (by) => {
      freeze = null;
      night.calls.push('thaw');
      bus.publish({ type: 'freeze.changed', freeze, by });
      return done('Thawed.');
    },
    setStrategyMode: async (name, _target, autonomy) => done(`${name} is ${autonomy}.`),
    enableStrategy: async (name, enabled) => done(`${name} is ${enabled ? 'on' : 'off'}.`),
    startMaintenance: async () => done('Maintenance.'),
    endMaintenance: async () => done('Over.'),
    reloadConfig: async () => done('Reloaded.'),
    optimizer: fakeOptimizer(async (...call) => {
      night.calls.push(call.map(String).join(' '));
      return { kind: 'done', text: 'Done.' };
    }),
    backups: noBackups,
    tasks: someQueues,
    webhooks: noWebhooks,
    limits: someLimits,
    baselines: someBaselines,
    replays: someReplays,
    reports: someReports,
    drills: noDrills,
    workers: {
      list: () => workers,
      start: async (name) => ({ kind: 'done', text: `${name} started.` }),
      stop: async (name) => ({ kind: 'done', text: `${name} stopped.` }),
      restart: async (name) => ({ kind: 'done', text: `${name} restarted.` }),
      scale: async (name) => ({ kind: 'done', text: `${name} scaled.` }),
      logs: async (name) => (name === 'rpa-worker' ? ['02:06:01 started', '02:06:02 ready'] : undefined),
    },
    testSurfaces: async () => done('Sent.'),
    recordCommand: async (command, by, result) => {
      night.calls.push(`${command} by ${by.surface}:${by.id}: ${result}`);
    },
  };
  return Object.assign(night, { controls });
}

function history(metric: string, span: Ms, now: EpochMs, quiet: boolean): Sample[] {
  const count = Math.min(Math.floor(span / 10_000), 60_480);
  return Array.from({ length: count }, (_, index) => {
    const at = epochMs(now - (count - index) * 10_000);
    const value = quiet && metric.startsWith('latency') ? 130 : valueAt(metric, at, now);
    return { metric, at, value };
  });
}

function worker(name: string, instance: number, state: WorkerStatus['state']): WorkerStatus {
  const gaveUp = state.kind === 'gave_up';
  return {
    worker: name,
    instance,
    state,
    exitsInTenMinutes: gaveUp ? 5 : 0,
    exitsInDay: gaveUp ? 5 : 1,
    lastExit: gaveUp ? 'exit code 1' : 'killed by SIGKILL',
  };
}

function restartPlan(): ActionPlan {
  return {
    actionId: actionId('act-91'),
    incidentId: incidentId('inc-7f3a'),
    strategy: 'high_latency',
    rung: 1,
    action: { kind: 'restart_service', target: null, timeLimit: seconds(30), needsApproval: true },
    target: 'billing-api',
    effect: 'systemctl restart billing-api',
    undo: null,
    idempotent: true,
    critical: true,
    attempt: 1,
    attemptsAllowed: 3,
    hash: '5e'.repeat(32),
  };
}

function pendingApproval(now: EpochMs): Approval {
  return {
    id: approvalId('9f2c4e7a1b6d4f0893ac5d2e7b1f6a04'),
    incidentId: incidentId('inc-7f3a'),
    plan: restartPlan(),
    why: 'Latency of billing-api is 2,340 ms for 6 min; normal at this hour is 80–190 ms.',
    tried: 'Enabling its cache did not help.',
    requestedBy: null,
    requestedAt: before(now, minutes(1)),
    expiresAt: epochMs(now + minutes(14)),
    approversNeeded: 1,
    decisions: [],
    state: { kind: 'pending' },
  };
}

function nightAnomaly(
  over: Partial<Anomaly> & { readonly metric: string; readonly value: number },
  now: EpochMs,
): Anomaly {
  const { metric, value, ...rest } = over;
  return {
    fingerprint: `web-1/${metric}`,
    host: 'web-1',
    target: null,
    kind: 'high_latency',
    severity: 'critical',
    witnesses: ['probe', 'baseline'],
    confirmed: true,
    since: before(now, minutes(9)),
    detectedAt: epochMs(now - minutes(9) + 22_000),
    summary: '',
    evidence: {
      metric,
      value,
      band: { ...NO_BAND, ...BANDS[metric] },
      score: 0.98,
      lasted: seconds(22),
      chart: [],
      topProcesses: [{ pid: 3_310, name: 'billing-api', cpu: 0.62, memoryBytes: 734_003_200 }],
      causes: [],
    },
    ...rest,
  };
}

function attempt(over: Partial<Attempt> & { readonly startedAt: EpochMs }): Attempt {
  return {
    actionId: actionId('act-90'),
    strategy: 'high_latency',
    rung: 0,
    kind: 'enable_cache',
    target: 'billing-api',
    effect: 'POST http://127.0.0.1:9000/cache/on',
    finishedAt: epochMs(over.startedAt + 400),
    outcome: { kind: 'succeeded', note: '' },
    verification: 'no_effect',
    ...over,
  };
}

function slowApi(now: EpochMs): Incident {
  const since = before(now, minutes(9));
  const found = nightAnomaly(
    {
      metric: 'latency:billing-api',
      value: 890,
      target: 'billing-api',
      summary: 'Latency of billing-api is 890 ms; normal is 80–190 ms.',
    },
    now,
  );
  return {
    id: incidentId('inc-7f3a'),
    fingerprint: 'web-1/billing-api/high_latency',
    host: 'web-1',
    target: 'billing-api',
    kind: 'high_latency',
    severity: 'critical',
    title: 'billing-api is slow',
    state: { kind: 'awaiting_approval', approvalId: approvalId('9f2c4e7a1b6d4f0893ac5d2e7b1f6a04') },
    since,
    openedAt: epochMs(since + 22_000),
    updatedAt: before(now, minutes(1)),
    version: 6,
    anomalies: [
      {
        ...found,
        evidence: {
          ...found.evidence,
          causes: [
            { text: 'deploy a1b9f3, three minutes before', at: before(now, minutes(12)) },
            { text: 'database connections rose from 12 to 48', at: null },
          ],
        },
      },
    ],
    strategy: 'high_latency',
    rung: 1,
    attempts: [attempt({ startedAt: before(now, minutes(6)) })],
    timeline: [
      { at: since, tone: 'bad', text: 'Latency 890 ms, normal 80–190 ms. Seen 3 of 3 times.' },
      {
        at: before(now, minutes(8)),
        tone: 'note',
        text: 'Likely cause: deploy a1b9f3 three minutes before; database connections rose from 12 to 48.',
      },
      { at: before(now, minutes(6)), tone: 'act', text: 'Enabled the cache of billing-api (reversible).' },
      { at: before(now, minutes(4)), tone: 'bad', text: 'Verified: no effect, 2,110 ms.' },
      {
        at: before(now, minutes(1)),
        tone: 'note',
        text: 'Next step needs a yes: billing-api is critical. Asked in Slack, Discord and here.',
      },
    ],
    ack: null,
    pagedAt: null,
    reopened: 0,
  };
}

function healedWorker(now: EpochMs): Incident {
  const since = before(now, minutes(47));
  return {
    id: incidentId('inc-5b11'),
    fingerprint: 'web-1/rpa-worker/worker_down',
    host: 'web-1',
    target: 'rpa-worker',
    kind: 'worker_down',
    severity: 'warning',
    title: 'rpa-worker stopped answering',
    state: { kind: 'resolved', at: epochMs(since + 38_000), how: 'healed', reason: 'healthy after 11 s' },
    since,
    openedAt: epochMs(since + 10_000),
    updatedAt: epochMs(since + 38_000),
    version: 5,
    anomalies: [
      nightAnomaly(
        {
          metric: 'target_up:rpa-worker',
          value: 0,
          target: 'rpa-worker',
          kind: 'worker_down',
          since,
          detectedAt: epochMs(since + 10_000),
        },
        now,
      ),
    ],
    strategy: 'worker_down',
    rung: 1,
    attempts: [
      attempt({
        startedAt: epochMs(since + 16_000),
        strategy: 'worker_down',
        kind: 'restart_worker',
        target: 'rpa-worker',
        effect: 'SIGTERM rpa-worker, then start it again',
        verification: 'helped',
        actionId: actionId('act-77'),
      }),
    ],
    timeline: [
      { at: since, tone: 'bad', text: 'rpa-worker does not answer its health check.' },
      { at: epochMs(since + 16_000), tone: 'act', text: 'Restarted rpa-worker.' },
      { at: epochMs(since + 38_000), tone: 'good', text: 'Restarted, healthy after 11 s.' },
    ],
    ack: null,
    pagedAt: null,
    reopened: 0,
  };
}

function healedMemory(now: EpochMs): Incident {
  const since = before(now, minutes(60));
  return {
    ...healedWorker(now),
    id: incidentId('inc-4a02'),
    fingerprint: 'web-1/-/high_memory',
    target: null,
    kind: 'high_memory',
    title: 'Memory 87 % on web-1',
    state: { kind: 'resolved', at: before(now, minutes(34)), how: 'healed', reason: 'cache cleared' },
    since,
    openedAt: epochMs(since + 30_000),
    anomalies: [nightAnomaly({ metric: 'memory', value: 0.87, kind: 'high_memory', since }, now)],
    attempts: [
      attempt({
        startedAt: before(now, minutes(35)),
        strategy: 'high_memory',
        kind: 'clear_cache',
        target: null,
        effect: '/usr/local/bin/clear-cache',
        verification: 'helped',
        actionId: actionId('act-70'),
      }),
    ],
    timeline: [
      { at: since, tone: 'bad', text: 'Memory 87 %, normal 50–66 %.' },
      { at: before(now, minutes(35)), tone: 'act', text: 'Cleared the cache of this host.' },
      { at: before(now, minutes(34)), tone: 'good', text: 'Cache cleared, 58 %.' },
    ],
  };
}

function auditLines(now: EpochMs): AuditLine[] {
  const line = (
    seq: number,
    ago: number,
    kind: AuditLine['kind'],
    actor: string,
    text: string,
  ): AuditLine => ({
    seq,
    time: new Date(now - ago * 60_000).toISOString(),
    kind,
    actor,
    text,
    incidentId: 'inc-7f3a',
    prev: String(seq - 1).padStart(64, '0'),
    hash: String(seq).padStart(64, '0'),
  });
  return [
    line(1, 9, 'incident', 'nightshift', 'Opened: billing-api is slow. Latency 890 ms, normal 80–190 ms.'),
    line(
      2,
      6,
      'intent',
      'nightshift',
      'Will enable the cache of billing-api: POST http://127.0.0.1:9000/cache/on',
    ),
    line(3, 6, 'outcome', 'nightshift', 'Enabled the cache of billing-api.'),
    line(4, 4, 'verification', 'nightshift', 'No effect: latency 2,110 ms.'),
    line(5, 1, 'proposal', 'nightshift', 'Asks to restart billing-api: systemctl restart billing-api'),
    line(6, 0, 'command', 'slack:anna', 'status'),
  ];
}
