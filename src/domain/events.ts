/**
 * Everything that can have happened, told and never answered. A handler that throws is logged and stops
 * nobody; losing an event must never lose safety (what matters is in a state document first).
 */
import type { Anomaly } from './anomaly.ts';
import type { Actor, Approval, Decision, SurfaceId } from './approval.ts';
import type { BudgetUse, ThrottleRung, ThrottleState } from './budget.ts';
import type { DrillReport } from './drill.ts';
import type { Incident, TimelineEntry } from './incident.ts';
import type { Beat } from './metric.ts';
import type { ActionPlan, Outcome, Verification } from './strategy.ts';
import type { EpochMs, Ms } from './units.ts';

export type OpsEvent =
  | { readonly type: 'sample.taken'; readonly beat: Beat }
  | { readonly type: 'anomaly.detected'; readonly anomaly: Anomaly }
  | { readonly type: 'anomaly.updated'; readonly anomaly: Anomaly }
  | {
      readonly type: 'anomaly.cleared';
      readonly fingerprint: string;
      readonly at: EpochMs;
      readonly text: string;
    }
  | { readonly type: 'incident.opened'; readonly incident: Incident }
  | { readonly type: 'incident.updated'; readonly incident: Incident; readonly line: TimelineEntry | null }
  | { readonly type: 'incident.escalated'; readonly incident: Incident; readonly line: TimelineEntry }
  | { readonly type: 'incident.resolved'; readonly incident: Incident; readonly line: TimelineEntry }
  | { readonly type: 'action.proposed'; readonly approval: Approval }
  | { readonly type: 'action.approved'; readonly approval: Approval; readonly decision: Decision }
  | { readonly type: 'action.denied'; readonly approval: Approval; readonly decision: Decision }
  | { readonly type: 'action.expired'; readonly approval: Approval }
  | { readonly type: 'action.started'; readonly plan: ActionPlan; readonly dryRun: boolean }
  | { readonly type: 'action.finished'; readonly plan: ActionPlan; readonly outcome: Outcome }
  | { readonly type: 'action.verified'; readonly plan: ActionPlan; readonly verification: Verification }
  | { readonly type: 'freeze.changed'; readonly freeze: Freeze | null; readonly by: Actor | null }
  | { readonly type: 'mode.changed'; readonly mode: Mode; readonly by: Actor | null }
  /** Begun, or ended by a person; one that runs out tells nothing. `target: null` = the whole host. */
  | {
      readonly type: 'maintenance.changed';
      readonly target: string | null;
      readonly window: { readonly until: EpochMs; readonly reason: string } | null;
      readonly by: Actor | null;
    }
  | { readonly type: 'deploy.changed'; readonly text: string; readonly target: string | null }
  | { readonly type: 'config.reloaded'; readonly oldHash: string; readonly newHash: string }
  | {
      readonly type: 'worker.started';
      readonly worker: string;
      readonly pid: number;
      readonly adopted: boolean;
    }
  | { readonly type: 'worker.exited'; readonly worker: string; readonly pid: number; readonly how: string }
  | {
      readonly type: 'worker.gave_up';
      readonly worker: string;
      readonly reason: string;
      readonly evidence: string;
    }
  | { readonly type: 'surface.changed'; readonly surface: SurfaceId; readonly health: SurfaceHealth }
  | { readonly type: 'drill.finished'; readonly kind: 'faults'; readonly report: DrillReport }
  | { readonly type: 'backup.completed'; readonly id: string; readonly bytes: number; readonly took: Ms }
  | { readonly type: 'backup.failed'; readonly reason: string }
  | {
      readonly type: 'backup.verified';
      readonly id: string;
      readonly good: boolean;
      readonly reasons: readonly string[];
    }
  | {
      readonly type: 'drill.finished';
      readonly kind: 'restore';
      readonly id: string;
      readonly good: boolean;
      readonly took: Ms;
      readonly projected: Ms;
      readonly reasons: readonly string[];
    }
  | { readonly type: 'restore.started'; readonly id: string; readonly text: string }
  /** A section is exchanged and checked; a person says whether it goes on. */
  | { readonly type: 'restore.waiting'; readonly id: string; readonly text: string }
  | { readonly type: 'restore.finished'; readonly id: string; readonly good: boolean; readonly text: string }
  | { readonly type: 'restore.rolled_back'; readonly id: string; readonly text: string }
  | { readonly type: 'budget.exceeded'; readonly use: BudgetUse }
  | { readonly type: 'throttle.changed'; readonly state: ThrottleState; readonly before: ThrottleRung }
  | { readonly type: 'clock.jumped'; readonly by: Ms; readonly at: EpochMs }
  | { readonly type: 'self.unhealthy'; readonly part: string; readonly reason: string };

export type OpsEventType = OpsEvent['type'];
export type EventOf<T extends OpsEventType> = Extract<OpsEvent, { readonly type: T }>;

export type Mode = 'dry-run' | 'production';

/** While a freeze holds nothing acts. It survives restarts and ends by itself. */
export interface Freeze {
  readonly scope: 'all' | 'healing' | 'optimizer';
  readonly until: EpochMs;
  readonly by: string;
  readonly reason: string;
}

export interface SurfaceHealth {
  readonly state: 'up' | 'degraded' | 'down' | 'off';
  readonly since: EpochMs;
  readonly reason: string;
}
