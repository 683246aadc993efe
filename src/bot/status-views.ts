/** Plain JSON views of the bot and its host: status, readiness, workers, silences, heal plans. */
import type {
  HealPlan,
  MaintenanceWindow,
  MetricNow,
  Silence,
  StandingChange,
  Status,
} from '../domain/controls.ts';
import type { Freeze, SurfaceHealth } from '../domain/events.ts';
import type { Band, MetricUnit } from '../domain/metric.ts';
import { toIso } from '../domain/units.ts';
import type { WorkerState, WorkerStatus } from '../domain/worker.ts';
import { type ApprovalView, approvalView, type PlanView, planView } from './approval-views.ts';
import { type ThrottleView, throttleView } from './budget-views.ts';
import { localTime } from './figures.ts';
import { standingSentence } from './standing-words.ts';
import { type IncidentView, incidentView, isoOrNull } from './views.ts';

export interface MetricView {
  readonly metric: string;
  readonly unit: MetricUnit;
  readonly value: number | null;
  readonly time: string | null;
  readonly band: Band;
  readonly verdict: 'good' | 'bad' | 'unknown';
}

export interface FreezeView {
  readonly scope: string;
  readonly until: string;
  readonly by: string;
  readonly reason: string;
}

export interface SurfaceView {
  readonly state: string;
  readonly since: string;
  readonly reason: string;
}

export interface StatusView {
  readonly host: string;
  readonly version: string;
  readonly mode: string;
  readonly freeze: FreezeView | null;
  readonly startedAt: string;
  readonly now: string;
  readonly timezone: string;
  readonly incidents: readonly IncidentView[];
  readonly pendingApprovals: readonly ApprovalView[];
  readonly metrics: readonly MetricView[];
  readonly surfaces: Readonly<Record<string, SurfaceView>>;
  readonly tonight: {
    readonly since: string;
    readonly found: number;
    readonly healed: number;
    readonly paged: number;
  };
  /** What healing switched and has not been taken back. */
  readonly standing: readonly StandingView[];
  readonly throttle: readonly ThrottleView[];
  readonly complaints: readonly string[];
}

export interface StandingView {
  readonly incidentId: string;
  readonly kind: string;
  readonly target: string | null;
  readonly text: string;
  readonly effect: string;
  readonly undo: string;
  readonly since: string;
  readonly until: string | null;
  readonly goesBackAfterSeconds: number | null;
}

export interface WorkerView {
  readonly worker: string;
  readonly instance: number;
  readonly state: string;
  readonly pid: number | null;
  /** Since when, until when or when it was stopped: whatever the state has. */
  readonly time: string | null;
  readonly detail: string;
  readonly exitsInTenMinutes: number;
  readonly exitsInDay: number;
  readonly lastExit: string | null;
}

export interface HealPlanView {
  readonly incidentId: string;
  readonly strategy: string | null;
  readonly note: string;
  readonly rungs: readonly {
    readonly plan: PlanView;
    readonly next: boolean;
    readonly refusedBy: string | null;
    readonly reason: string | null;
    readonly retryAt: string | null;
  }[];
}

/** What a silence or a maintenance window covers; `null` = the whole host. */
export interface QuietView {
  readonly subject: string | null;
  readonly until: string;
  readonly by: string;
  readonly reason: string;
}

export function statusView(status: Status): StatusView {
  return {
    host: status.host,
    version: status.version,
    mode: status.mode,
    freeze: status.freeze === null ? null : freezeView(status.freeze),
    startedAt: toIso(status.startedAt),
    now: toIso(status.now),
    timezone: status.timezone,
    incidents: status.incidents.map((incident) => incidentView(incident, { chart: false })),
    pendingApprovals: status.pendingApprovals.map(approvalView),
    metrics: status.metrics.map(metricView),
    surfaces: Object.fromEntries(
      Object.entries(status.surfaces).map(([name, health]) => [name, surfaceView(health)]),
    ),
    tonight: { ...status.tonight, since: toIso(status.tonight.since) },
    standing: status.standing.map((change) => standingView(change, status)),
    throttle: status.throttle.map(throttleView),
    complaints: status.complaints,
  };
}

function standingView(
  { goesBackAfter, ...change }: StandingChange,
  { timezone, now }: Pick<Status, 'timezone' | 'now'>,
): StandingView {
  const text = standingSentence({ ...change, goesBackAfter }, (moment) => localTime(moment, timezone, now));
  return {
    ...change,
    text,
    since: toIso(change.since),
    until: isoOrNull(change.until),
    goesBackAfterSeconds: goesBackAfter === null ? null : goesBackAfter / 1_000,
  };
}

export function metricView(metric: MetricNow): MetricView {
  const { at, ...rest } = metric;
  return { ...rest, time: isoOrNull(at) };
}

export function freezeView(freeze: Freeze): FreezeView {
  return { ...freeze, until: toIso(freeze.until) };
}

export function surfaceView(health: SurfaceHealth): SurfaceView {
  return { ...health, since: toIso(health.since) };
}

export function workerView(status: WorkerStatus): WorkerView {
  const { state } = status;
  return {
    worker: status.worker,
    instance: status.instance,
    state: state.kind,
    pid: 'pid' in state ? state.pid : null,
    ...workerDetail(state),
    exitsInTenMinutes: status.exitsInTenMinutes,
    exitsInDay: status.exitsInDay,
    lastExit: status.lastExit,
  };
}

export function healPlanView(plan: HealPlan): HealPlanView {
  return {
    incidentId: plan.incident.id,
    strategy: plan.strategy,
    note: plan.note,
    rungs: plan.rungs.map((rung) => ({
      plan: planView(rung.plan),
      next: rung.next,
      refusedBy: rung.refusal?.gate ?? null,
      reason: rung.refusal?.reason ?? null,
      retryAt: isoOrNull(rung.refusal?.retryAt ?? null),
    })),
  };
}

export function silenceView(silence: Silence): QuietView {
  return { ...silence, until: toIso(silence.until) };
}

export function maintenanceView(window: MaintenanceWindow): QuietView {
  const { target, until, ...rest } = window;
  return { subject: target, until: toIso(until), ...rest };
}

function workerDetail(state: WorkerState): { readonly time: string | null; readonly detail: string } {
  switch (state.kind) {
    case 'starting':
      return { time: toIso(state.since), detail: '' };
    case 'running':
      return { time: toIso(state.since), detail: state.adopted ? 'adopted after a restart of the bot' : '' };
    case 'unhealthy':
      return { time: toIso(state.since), detail: state.reason };
    case 'backing_off':
      return { time: toIso(state.until), detail: state.reason };
    case 'stopping':
      return { time: null, detail: '' };
    case 'stopped':
      return { time: toIso(state.at), detail: `by ${state.by}` };
    case 'gave_up':
      return { time: toIso(state.at), detail: state.reason };
    case 'not_started':
      return { time: null, detail: state.reason };
  }
}
