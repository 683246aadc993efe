/** Plain JSON of budgets, the throttle, load profiles, suggestions and forecasts: ISO times, no brands. */
import type { BudgetUse, ThrottleState } from '../domain/budget.ts';
import type { Forecast, LoadProfile, OptimizerDesk, Suggestion } from '../domain/optimizer.ts';
import { toIso } from '../domain/units.ts';
import { rungWords } from './budget-notices.ts';
import { isoOrNull } from './views.ts';

export interface BudgetView {
  readonly target: string | null;
  readonly resource: string;
  /** Percent of the host, or messages an hour. */
  readonly limit: number;
  readonly used: number | null;
  readonly state: 'within' | 'over' | 'unknown';
  readonly overSince: string | null;
  readonly source: 'config' | 'set';
  readonly by: string | null;
  readonly until: string | null;
}

export interface ThrottleView {
  readonly target: string | null;
  readonly rung: string;
  readonly words: string;
  readonly batchPercent: number;
  readonly queuePercent: number;
  readonly since: string | null;
  readonly acting: boolean;
  readonly reason: string;
  readonly steps: readonly {
    readonly target: string;
    readonly state: string;
    readonly effect: string;
    readonly since: string;
  }[];
}

export interface ProfileView {
  readonly metric: string;
  readonly unit: string;
  /** `not_enough`, `flat` or `split`. */
  readonly kind: string;
  readonly days: number;
  readonly neededDays: number | null;
  readonly peakHours: string | null;
  readonly peak: readonly boolean[];
  readonly surePercent: number | null;
  /** Median of each hour of the week, Monday 00 h first. */
  readonly hours: readonly (number | null)[];
}

export interface SuggestionView {
  readonly id: string;
  readonly metric: string;
  readonly when: string;
  readonly hours: string;
  readonly from: number;
  readonly sigmas: number;
  readonly reason: string;
  readonly state: string;
  readonly madeAt: string;
  readonly decidedAt: string | null;
  readonly by: string | null;
}

export interface ForecastView {
  readonly subject: string;
  readonly metric: string;
  readonly target: string | null;
  readonly soonestSeconds: number;
  readonly likelySeconds: number;
  readonly latestSeconds: number | null;
  readonly warns: boolean;
  readonly text: string;
}

/** The body of `GET /api/budget`. */
export interface BudgetPageView {
  readonly budgets: readonly BudgetView[];
  readonly throttle: readonly ThrottleView[];
  readonly tuning: string;
  readonly lastRun: string | null;
  readonly profiles: readonly ProfileView[];
  readonly suggestions: readonly SuggestionView[];
  readonly forecasts: readonly ForecastView[];
}

export function budgetPageView(desk: OptimizerDesk): BudgetPageView {
  const status = desk.status();
  return {
    budgets: desk.budgets().map(budgetView),
    throttle: status.throttle.map(throttleView),
    tuning: status.tuning,
    lastRun: isoOrNull(status.lastRun),
    profiles: status.profiles.map(profileView),
    suggestions: status.suggestions.map(suggestionView),
    forecasts: status.forecasts.map(forecastView),
  };
}

export function budgetView({ latest: _, ...use }: BudgetUse): BudgetView {
  return {
    ...use,
    limit: shown(use, use.limit),
    used: use.used === null ? null : shown(use, use.used),
    overSince: isoOrNull(use.overSince),
    until: isoOrNull(use.until),
  };
}

export function throttleView(state: ThrottleState): ThrottleView {
  const { target, rung, acting, reason } = state;
  return {
    target,
    rung,
    words: rungWords(rung),
    batchPercent: Math.round(state.batchShare * 100),
    queuePercent: Math.round(state.queueShare * 100),
    since: isoOrNull(state.since),
    acting,
    reason,
    steps: state.steps.map((step) => ({
      target: step.target,
      state: step.state,
      effect: step.effect,
      since: toIso(step.since),
    })),
  };
}

export function suggestionView(one: Suggestion): SuggestionView {
  return { ...one, madeAt: toIso(one.madeAt), decidedAt: isoOrNull(one.decidedAt) };
}

function profileView({ metric, unit, split, hours }: LoadProfile): ProfileView {
  const isSplit = split.kind === 'split';
  return {
    metric,
    unit,
    kind: split.kind,
    days: split.days,
    neededDays: split.kind === 'not_enough' ? split.needed : null,
    peakHours: isSplit ? split.words : null,
    peak: isSplit ? split.peak : [],
    surePercent: split.kind === 'not_enough' ? null : Math.round(split.sure * 100),
    hours: hours.map((value) => (value === null ? null : Number(value.toPrecision(4)))),
  };
}

function forecastView({
  soonest,
  likely,
  latest,
  subject,
  metric,
  target,
  warns,
  text,
}: Forecast): ForecastView {
  return {
    subject,
    metric,
    target,
    soonestSeconds: Math.round(soonest / 1_000),
    likelySeconds: Math.round(likely / 1_000),
    latestSeconds: latest === null ? null : Math.round(latest / 1_000),
    warns,
    text,
  };
}

/** Percent with one decimal; messages are counted. */
function shown({ resource }: BudgetUse, value: number): number {
  return resource === 'messages' ? value : Math.round(value * 1_000) / 10;
}
