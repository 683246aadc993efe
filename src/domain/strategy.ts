/** Strategies and actions: what healing may do, in which order, and what it came to. */
import type { AnomalyKind, Severity } from './anomaly.ts';
import type { ActionId, EpochMs, IncidentId, Ms } from './units.ts';

export const ACTION_KINDS = [
  'rate_limit',
  'restart_process',
  'clear_cache',
  'restart_worker',
  'llm_fallback',
  'restart_service',
  'alert',
  'enable_cache',
  'scale_up_workers',
  'redistribute_tasks',
  'save_snapshot',
  'run_command',
  'http_call',
  'trigger_workflow',
] as const;
export type ActionKind = (typeof ACTION_KINDS)[number];

/** Goes back by itself when all has been well for this long; `null` = when a person takes it back. */
interface Passing {
  readonly goBackAfter: Ms | null;
}

interface ActionBase {
  /** Acts on this target instead of the anomaly's own. */
  readonly target: string | null;
  /** The action is ended after this. */
  readonly timeLimit: Ms;
  /** Needs a yes even where nothing else asks for one. */
  readonly needsApproval: boolean;
}

/** One rung of a ladder. */
export type Action =
  | (ActionBase & { readonly kind: 'rate_limit'; readonly perSecond: number; readonly span: Ms })
  | (ActionBase & { readonly kind: 'restart_process' })
  | (ActionBase & { readonly kind: 'clear_cache' })
  | (ActionBase & { readonly kind: 'restart_worker' })
  | (ActionBase & Passing & { readonly kind: 'llm_fallback' })
  | (ActionBase & { readonly kind: 'restart_service' })
  | (ActionBase & { readonly kind: 'alert'; readonly message: string })
  | (ActionBase & Passing & { readonly kind: 'enable_cache' })
  | (ActionBase & Passing & { readonly kind: 'scale_up_workers'; readonly by: number })
  | (ActionBase & { readonly kind: 'redistribute_tasks'; readonly to: string | null })
  | (ActionBase & { readonly kind: 'save_snapshot' })
  | (ActionBase & { readonly kind: 'run_command'; readonly command: string })
  | (ActionBase & {
      readonly kind: 'http_call';
      readonly url: string;
      readonly method: 'POST' | 'PUT' | 'GET';
    })
  | (ActionBase & { readonly kind: 'trigger_workflow'; readonly workflow: string });

/** What is asked for by a person and is no healing; it needs the same yes. */
export type Errand =
  | (ActionBase & {
      readonly kind: 'restore';
      readonly backup: string;
      readonly sections: readonly string[];
      readonly path: string | null;
    })
  | (ActionBase & { readonly kind: 'prune'; readonly backups: readonly string[] });

export type WorkKind = ActionKind | Errand['kind'];

/** `suggest` only says what it would do, `ask` needs a yes, `auto` acts inside the gates. */
export type Autonomy = 'suggest' | 'ask' | 'auto';

export interface StrategyMatch {
  readonly kinds: readonly AnomalyKind[];
  /** Metric names or families; empty = any. */
  readonly metrics: readonly string[];
  /** Target names; empty = any. */
  readonly targets: readonly string[];
  readonly minSeverity: Severity;
}

export interface Strategy {
  readonly name: string;
  readonly enabled: boolean;
  readonly match: StrategyMatch;
  /** Tried one at a time; the next only after a failed verification. */
  readonly actions: readonly Action[];
  readonly autonomy: Autonomy;
  /** How long fresh evidence may take to come. */
  readonly verifyWithin: Ms;
  readonly maxAttemptsPerHour: number;
  readonly gracePeriod: Ms;
}

/** Exactly what will run: what a person says yes to. Its hash binds the approval. */
export interface ActionPlan {
  readonly actionId: ActionId;
  readonly incidentId: IncidentId;
  readonly strategy: string;
  readonly rung: number;
  readonly action: Action;
  readonly target: string | null;
  /** The effect in the words of the target: `SIGTERM rpa-worker, then start it again`, or an argv. */
  readonly effect: string;
  /** What undoes it, or `null` where nothing does. */
  readonly undo: string | null;
  readonly idempotent: boolean;
  readonly critical: boolean;
  /** 1-based number of this attempt within the hour. */
  readonly attempt: number;
  readonly attemptsAllowed: number;
  /** sha256 over action, effect and the target's configuration. */
  readonly hash: string;
}

/** What an approval may be about: a step of healing, or an errand. */
export type WorkPlan = ActionPlan | ErrandPlan;

export interface ErrandPlan extends Omit<ActionPlan, 'action'> {
  readonly action: Errand;
}

export function isErrand(plan: WorkPlan): plan is ErrandPlan {
  return plan.action.kind === 'restore' || plan.action.kind === 'prune';
}

/** What running an action came to; whether it *helped* is the verifier's to say. */
export type Outcome =
  | { readonly kind: 'succeeded'; readonly note: string }
  | { readonly kind: 'dry-run' }
  | { readonly kind: 'failed'; readonly reason: string }
  | { readonly kind: 'unknown'; readonly reason: string };

/** What fresh evidence says after an action. */
export type Verification = 'helped' | 'no_effect' | 'worse' | 'unknown';

/** One run of an action for an incident, as kept with the incident. */
export interface Attempt {
  readonly actionId: ActionId;
  readonly strategy: string;
  readonly rung: number;
  readonly kind: ActionKind;
  readonly target: string | null;
  readonly effect: string;
  readonly startedAt: EpochMs;
  readonly finishedAt: EpochMs | null;
  readonly outcome: Outcome | null;
  readonly verification: Verification | null;
}

/** The gates of section 5, in their order. */
export const GATES = [
  'freeze',
  'mode',
  'unknown_data',
  'interlock',
  'dependency',
  'allow_list',
  'grace_period',
  'attempts',
  'breaker',
  'blast_radius',
  'self_protection',
  'approval',
] as const;
export type Gate = (typeof GATES)[number];

/** Why an action may not run now, in words an operator reads, and when asking again is worth it. */
export interface Refusal {
  readonly gate: Gate;
  readonly reason: string;
  readonly retryAt: EpochMs | null;
}
