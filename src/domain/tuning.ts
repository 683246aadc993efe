/**
 * What counts as trouble and what as normal, as people ask for it and change it: fixed limits with their overrides,
 * and the baselines learnt from the past.
 */
import type { Actor } from './approval.ts';
import type { ControlResult } from './control-result.ts';
import type { MetricName, MetricUnit } from './metric.ts';
import type { EpochMs, Ms } from './units.ts';

/** One pair of limits and how long each must be crossed before it counts. */
export interface LimitPair {
  readonly direction: 'high' | 'low';
  readonly warn: number | null;
  readonly critical: number | null;
  readonly warnAfter: Ms;
  readonly criticalAfter: Ms;
}

/** What a person set over the configuration. */
export interface LimitOverride {
  /** A metric, or a family for all of it. */
  readonly metric: MetricName;
  readonly warn: number | null;
  readonly critical: number | null;
  /** `null` = until it is reset. */
  readonly until: EpochMs | null;
  readonly by: string;
  readonly at: EpochMs;
}

/** What was learnt of a metric, as it holds at this hour. */
export interface LearntBand {
  readonly centre: number;
  readonly spread: number;
  readonly low: number;
  readonly high: number;
  /** Half the width in robust deviations, and where the figure comes from. */
  readonly sigmas: number;
  readonly configuredSigmas: number;
  /** What the optimizer asks for; `null` = nothing. */
  readonly offsetSigmas: number | null;
  /** Minutes it was learnt from. */
  readonly rows: number;
  readonly byHour: boolean;
}

/** Why the limits of a metric are what they are, and which of them decides now. */
export interface LimitExplanation {
  readonly metric: MetricName;
  readonly unit: MetricUnit;
  readonly value: number | null;
  /** The entry of the configuration, and its name where it is that of the family. */
  readonly configured: (LimitPair & { readonly entry: string }) | null;
  readonly override: LimitOverride | null;
  /** What is in force after the override; `null` = no fixed limit. */
  readonly inForce: LimitPair | null;
  readonly learnt: LearntBand | null;
  /** Which of them judges a sample now. */
  readonly applies: 'override' | 'fixed limit' | 'learnt band' | 'up or down' | 'nothing yet';
}

export interface LimitDesk {
  explain(metric: MetricName): LimitExplanation | undefined;
  overrides(): readonly LimitOverride[];
  set(
    change: {
      readonly metric: MetricName;
      readonly warn: number | null;
      readonly critical: number | null;
      readonly span: Ms | null;
    },
    by: Actor,
    dryRun: boolean,
  ): Promise<ControlResult>;
  /** `null` = every override. */
  reset(metric: MetricName | null, by: Actor, dryRun: boolean): Promise<ControlResult>;
}

/** Normal of a metric at one hour of the day. */
export interface HourBand {
  readonly hour: number;
  readonly centre: number;
  readonly low: number;
  readonly high: number;
  readonly rows: number;
}

export interface BaselineView {
  readonly metric: MetricName;
  readonly unit: MetricUnit;
  /** The band that holds now; `null` = not learnt yet. */
  readonly now: LearntBand | null;
  /** One entry for each hour of the day that is known by itself; empty while the whole day speaks for every hour. */
  readonly hours: readonly HourBand[];
  /** Where it was learnt from. */
  readonly source: 'history' | 'csv' | 'prometheus' | null;
  readonly learntAt: EpochMs | null;
  /** Minutes that may teach, of those kept, and the hours of the day (0..24) they cover. */
  readonly teachingMinutes: number;
  readonly hoursCovered: number;
  /** Nothing before this moment teaches; `null` = all that is kept. */
  readonly since: EpochMs | null;
}

export type CollectSource =
  | { readonly kind: 'history' }
  | { readonly kind: 'csv'; readonly path: string }
  | {
      readonly kind: 'prometheus';
      readonly url: string | null;
      /** Empty = every query of the configuration. */
      readonly queries: readonly { readonly metric: MetricName; readonly expr: string }[];
    };

export type CollectResult =
  | {
      readonly kind: 'collected';
      readonly baselines: readonly BaselineView[];
      /** Metrics with too little to learn from, and what could not be read. */
      readonly notes: readonly string[];
      readonly saved: boolean;
    }
  | { readonly kind: 'refused'; readonly reason: string }
  | { readonly kind: 'failed'; readonly reason: string };

export interface BaselineDesk {
  /** `null` = every metric that is known. */
  show(metric: MetricName | null): readonly BaselineView[];
  /** Forgets what was learnt; only what is sampled from now on teaches. `null` = every metric. */
  relearn(metric: MetricName | null, by: Actor, dryRun: boolean): Promise<ControlResult>;
  collect(
    request: { readonly days: number; readonly source: CollectSource },
    by: Actor,
    dryRun: boolean,
  ): Promise<CollectResult>;
}
