/**
 * OpsControls: all that people and other systems can ask of Nightshift, whatever the door. The command table
 * (bot/commands) is written against it; `app/controls.ts` is the thin glue over the rooms.
 *
 * Every changing call takes the actor and is audited. A dry run changes nothing and says what would be.
 */
import type { Severity } from './anomaly.ts';
import type { Actor, Approval, DecisionResult, Verdict } from './approval.ts';
import type { BackupDesk } from './backup.ts';
import type { ThrottleState } from './budget.ts';
import type { ControlResult } from './control-result.ts';
import type { DrillDesk } from './drill.ts';
import type { Freeze, Mode, SurfaceHealth } from './events.ts';
import type { Incident, IncidentStateKind } from './incident.ts';
import type { Band, MetricName, MetricUnit, Sample } from './metric.ts';
import type { OptimizerDesk } from './optimizer.ts';
import type { WebhookDesk } from './outside.ts';
import type { AuditLine, AuditQuery, AuditVerdict } from './ports.ts';
import type { TaskQueue } from './queue.ts';
import type { ReplayDesk } from './rehearsal.ts';
import type { ReportDesk } from './report.ts';
import type { BandSpan } from './rollup.ts';
import type { ActionKind, ActionPlan, Attempt, Autonomy, Refusal } from './strategy.ts';
import type { BaselineDesk, LimitDesk } from './tuning.ts';
import type { EpochMs, Ms } from './units.ts';
import type { WorkerPool } from './worker.ts';

export type { ControlResult } from './control-result.ts';

export interface MetricNow {
  readonly metric: MetricName;
  readonly unit: MetricUnit;
  readonly value: number | null;
  readonly at: EpochMs | null;
  readonly band: Band;
  readonly verdict: 'good' | 'bad' | 'unknown';
}

export interface Status {
  readonly host: string;
  readonly version: string;
  readonly mode: Mode;
  readonly freeze: Freeze | null;
  readonly startedAt: EpochMs;
  readonly now: EpochMs;
  readonly timezone: string;
  /** Live incidents, worst first. */
  readonly incidents: readonly Incident[];
  readonly pendingApprovals: readonly Approval[];
  readonly metrics: readonly MetricNow[];
  readonly surfaces: Readonly<Record<string, SurfaceHealth>>;
  /** Since `since`: what the night came to. */
  readonly tonight: Tonight;
  /** What is not as it is configured, because healing switched it; oldest first. */
  readonly standing: readonly StandingChange[];
  /** What is slowed or delayed now to stay within a budget; without what is only proposed. */
  readonly throttle: readonly ThrottleState[];
  /** What is wrong with Nightshift itself; empty when all is well. */
  readonly complaints: readonly string[];
}

/** A deed of healing that holds until it is taken back: a fallback, a cache, more workers, a rate limit. */
export interface StandingChange {
  readonly incidentId: string;
  readonly kind: ActionKind;
  readonly target: string | null;
  readonly effect: string;
  readonly undo: string;
  readonly since: EpochMs;
  /** When its time is over, where it has one. */
  readonly until: EpochMs | null;
  /** It goes back by itself when all has been well for this long; `null` = not by that. */
  readonly goesBackAfter: Ms | null;
}

export interface Tonight {
  readonly since: EpochMs;
  readonly found: number;
  readonly healed: number;
  readonly paged: number;
}

export interface IncidentFilter {
  readonly state?: IncidentStateKind | 'live';
  readonly severity?: Severity;
  readonly target?: string;
  readonly since?: EpochMs;
  readonly limit: number;
}

export interface Ready {
  readonly ready: boolean;
  readonly parts: Readonly<
    Record<string, { readonly ok: boolean; readonly needed: boolean; readonly text: string }>
  >;
}

/** For each rung, whether it can run for this incident now, and why not. */
export interface HealPlan {
  readonly incident: Incident;
  readonly strategy: string | null;
  readonly rungs: readonly {
    readonly plan: ActionPlan;
    readonly refusal: Refusal | null;
    readonly next: boolean;
  }[];
  readonly note: string;
}

export interface StrategyView {
  readonly name: string;
  readonly enabled: boolean;
  readonly autonomy: Autonomy;
  readonly locked: boolean;
  readonly matches: string;
  readonly rungs: readonly string[];
}

/** One rung on one target: can it run here? */
export interface RungCheck {
  readonly strategy: string;
  readonly target: string;
  readonly rung: number;
  readonly action: string;
  readonly runnable: boolean;
  readonly reason: string;
}

export interface Silence {
  /** A target name or a metric name. */
  readonly subject: string;
  readonly until: EpochMs;
  readonly by: string;
  readonly reason: string;
}

export interface MaintenanceWindow {
  /** `null` = the whole host. */
  readonly target: string | null;
  readonly until: EpochMs;
  readonly by: string;
  readonly reason: string;
}

export interface OpsControls {
  // Looking
  status(): Status;
  ready(): Ready;
  incidents(filter: IncidentFilter): readonly Incident[];
  incident(id: string): Incident | undefined;
  metrics(): readonly MetricNow[];
  history(metric: MetricName, span: Ms): readonly Sample[];
  /** The bands that held between the two, oldest first; no span where none was known. */
  bands(metric: MetricName, from: EpochMs, to: EpochMs): readonly BandSpan[];
  approvals(which: 'pending' | 'all'): readonly Approval[];
  healPlan(id: string): HealPlan | undefined;
  healHistory(filter: { readonly target?: string; readonly limit: number }): readonly (Attempt & {
    readonly incidentId: string;
  })[];
  strategies(): readonly StrategyView[];
  validateStrategies(): Promise<readonly RungCheck[]>;
  silences(): readonly Silence[];
  maintenance(): readonly MaintenanceWindow[];
  audit(query: AuditQuery): Promise<readonly AuditLine[]>;
  verifyAudit(): Promise<AuditVerdict>;
  /** The configuration in force, secrets masked, as printable JSON. */
  config(): { readonly hash: string; readonly text: string };
  validateConfig(): Promise<{ readonly faults: readonly string[] }>;

  // Deciding
  decide(approval: string, verdict: Verdict, by: Actor, reason: string): Promise<DecisionResult>;
  acknowledge(id: string, by: Actor): Promise<ControlResult>;
  resolve(id: string, by: Actor, reason: string): Promise<ControlResult>;
  silence(subject: string, span: Ms, by: Actor, reason: string, dryRun: boolean): Promise<ControlResult>;

  // Acting
  runHeal(
    request: { readonly id?: string; readonly strategy?: string; readonly target?: string },
    by: Actor,
    reason: string,
    dryRun: boolean,
  ): Promise<ControlResult>;
  undoHeal(id: string, by: Actor, dryRun: boolean): Promise<ControlResult>;
  setMode(mode: Mode, span: Ms | null, by: Actor, dryRun: boolean): Promise<ControlResult>;
  freeze(
    scope: Freeze['scope'],
    span: Ms,
    by: Actor,
    reason: string,
    dryRun: boolean,
  ): Promise<ControlResult>;
  thaw(by: Actor, dryRun: boolean): Promise<ControlResult>;
  setStrategyMode(
    strategy: string,
    target: string | null,
    autonomy: Autonomy,
    by: Actor,
    dryRun: boolean,
  ): Promise<ControlResult>;
  enableStrategy(strategy: string, enabled: boolean, by: Actor, dryRun: boolean): Promise<ControlResult>;
  startMaintenance(
    target: string | null,
    span: Ms,
    by: Actor,
    reason: string,
    dryRun: boolean,
  ): Promise<ControlResult>;
  endMaintenance(target: string | null, by: Actor, dryRun: boolean): Promise<ControlResult>;
  reloadConfig(by: Actor, dryRun: boolean): Promise<ControlResult>;
  readonly workers: WorkerPool;
  readonly tasks: TaskQueue;
  readonly backups: BackupDesk;
  readonly optimizer: OptimizerDesk;
  readonly webhooks: WebhookDesk;
  readonly limits: LimitDesk;
  readonly baselines: BaselineDesk;
  readonly replays: ReplayDesk;
  readonly reports: ReportDesk;
  readonly drills: DrillDesk;
  /** Says the critical test words on every surface, sends a test mail, or shows test buttons. */
  testSurfaces(what: 'alert' | 'mail' | 'buttons', by: Actor): Promise<ControlResult>;
  /** Records a command as used, whoever used it. */
  recordCommand(command: string, by: Actor, result: string): Promise<void>;
}
