/** What the optimizer has learnt, what it suggests, and what people may ask of it. */
import type { Actor } from './approval.ts';
import type { BudgetOrder, BudgetReset, BudgetUse, ThrottleState } from './budget.ts';
import type { ControlResult } from './control-result.ts';
import type { MetricName, MetricUnit } from './metric.ts';
import type { MinuteRows } from './rollup.ts';
import type { EpochMs, Ms, Ratio } from './units.ts';

export const HOURS_A_WEEK = 168;

/** How far a value lies from the middle of the normal band of its moment, in robust deviations. */
export type Deviation = (value: number, at: EpochMs) => number | null;

/** The past as the monitor keeps it, for whoever learns from it. */
export interface LoadHistory {
  metrics(): readonly MetricName[];
  /** The last `span` of a metric, as far as it is kept. Empty for an unknown one. */
  minutes(metric: MetricName, span: Ms): Promise<MinuteRows>;
  /** What the monitor calls normal, learnt from these rows; `null` while they are too few. */
  normal(metric: MetricName, rows: MinuteRows): Deviation | null;
}

/** Peak and off-peak hours of a metric, or why they are not known. */
export type LoadSplit =
  | { readonly kind: 'not_enough'; readonly days: number; readonly needed: number }
  /** Looked for and not found: no hour of the week is reliably busier than another. */
  | { readonly kind: 'flat'; readonly days: number; readonly sure: Ratio }
  | {
      readonly kind: 'split';
      readonly days: number;
      /** One entry an hour of the week, Monday 00 h first, in the bot's zone. */
      readonly peak: readonly boolean[];
      /** `Mon–Fri 09–18 h` */
      readonly words: string;
      readonly peakLevel: number;
      readonly offPeakLevel: number;
      /** Share of the hours of other weeks that fell on the side this split says. */
      readonly sure: Ratio;
    };

export interface LoadProfile {
  readonly metric: MetricName;
  readonly unit: MetricUnit;
  readonly split: LoadSplit;
  /** Median of each hour of the week; `null` where nothing is known. Empty without enough history. */
  readonly hours: readonly (number | null)[];
}

/** `holds`: what is in force is right already. */
export type SuggestionState = 'open' | 'holds' | 'accepted' | 'rejected';

/** A width of the normal band for some hours of the week, with its reason. */
export interface Suggestion {
  readonly id: string;
  readonly metric: MetricName;
  readonly when: 'peak' | 'off_peak';
  /** `Mon–Fri 09–18 h` */
  readonly hours: string;
  readonly from: number;
  readonly sigmas: number;
  readonly reason: string;
  readonly state: SuggestionState;
  readonly madeAt: EpochMs;
  readonly decidedAt: EpochMs | null;
  /** Who decided; `nightshift` in auto mode. */
  readonly by: string | null;
}

/** When something will be used up, with the range that holds in about nine of ten cases. */
export interface Forecast {
  /** `disk:/`, `memory`, `budget:cpu`, `budget:memory:<target>` */
  readonly subject: string;
  readonly metric: MetricName;
  readonly target: string | null;
  readonly limit: number;
  readonly level: number;
  readonly madeAt: EpochMs;
  readonly soonest: Ms;
  readonly likely: Ms;
  /** `null` where it may as well never happen. */
  readonly latest: Ms | null;
  /** Near and sure enough to be told ahead. */
  readonly warns: boolean;
  /** `Disk /var will be full in about 9 h (7 h to 14 h).` */
  readonly text: string;
}

export interface Forecasts {
  current(): readonly Forecast[];
}

export interface OptimizerStatus {
  /** `suggest` waits for a person, `auto` applies by itself in production. */
  readonly tuning: 'suggest' | 'auto';
  readonly lastRun: EpochMs | null;
  readonly profiles: readonly LoadProfile[];
  readonly suggestions: readonly Suggestion[];
  readonly throttle: readonly ThrottleState[];
  readonly forecasts: readonly Forecast[];
}

/** Use against budget over a time, for the report: one entry an hour. */
export interface BudgetHistory {
  readonly use: BudgetUse;
  readonly from: EpochMs;
  readonly hours: readonly {
    readonly at: EpochMs;
    readonly mean: number | null;
    readonly highest: number | null;
  }[];
  /** Share of the known minutes above the budget. */
  readonly overShare: Ratio | null;
}

/** All that people can ask of the optimizer. Every change is audited; a dry run changes nothing. */
export interface OptimizerDesk {
  budgets(): readonly BudgetUse[];
  budgetHistory(span: Ms): Promise<readonly BudgetHistory[]>;
  status(): OptimizerStatus;
  /** Why the band of a metric is as wide as it is now, in sentences; empty where the optimizer has no part in it. */
  explain(metric: MetricName): readonly string[];
  setBudget(order: BudgetOrder, by: Actor, dryRun: boolean): Promise<ControlResult>;
  resetBudget(reset: BudgetReset, by: Actor, dryRun: boolean): Promise<ControlResult>;
  /** Looks at the history now. A dry run keeps nothing of what it finds. */
  run(by: Actor, dryRun: boolean): Promise<ControlResult>;
  /** `all` takes every open one. */
  accept(id: string, by: Actor, dryRun: boolean): Promise<ControlResult>;
  /** Drops an open one, takes an accepted one back. */
  reject(id: string, by: Actor, dryRun: boolean): Promise<ControlResult>;
}
