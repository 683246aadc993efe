/**
 * One look at the stored history: a profile of every load metric, the widths of its normal band, and forecasts. One
 * metric after the other; nothing is kept here and nothing is changed.
 */
import { familyOf, type MetricName } from '../domain/metric.ts';
import type { Forecast, LoadHistory, LoadProfile } from '../domain/optimizer.ts';
import type { MinuteRows } from '../domain/rollup.ts';
import { days, type EpochMs, type Ms } from '../domain/units.ts';
import { type HostSize, metricOf, shareOf } from './budget-watch.ts';
import type { HeldBudget } from './budgets.ts';
import type { OptimizerConfig } from './config.ts';
import { forecastBudget, forecastLevel, levelLimit } from './forecast.ts';
import { learnProfile } from './load-profile.ts';
import { median } from './split.ts';
import { type Tuned, tune } from './threshold-tuner.ts';
import type { HourOfWeek } from './week.ts';

/** As long as one-minute roll-ups are kept. */
const MEMORY: Ms = days(35);
/** What has busy hours. A disk fills whatever the hour. */
const LOADS: ReadonlySet<string> = new Set([
  'cpu',
  'memory',
  'load_per_core',
  'pressure_cpu',
  'pressure_memory',
  'pressure_io',
  'net_rx',
  'net_tx',
  'disk_io',
  'latency',
  'queue_depth',
  'queue_rate',
  'target_cpu',
  'target_memory',
]);
const USUAL_MINUTES = 7 * 24 * 60;
const LEAST_MINUTES = 6 * 60;
/** Falling to nothing is as strange as doubling. */
const TWO_SIDED: ReadonlySet<string> = new Set(['net_rx', 'net_tx', 'queue_rate']);

export interface LearnerDeps {
  readonly history: LoadHistory;
  readonly hourOfWeek: HourOfWeek;
  readonly size: HostSize;
}

export interface Look {
  readonly profiles: readonly LoadProfile[];
  readonly tuned: readonly Tuned[];
  readonly forecasts: readonly Forecast[];
  /** The share of memory this host uses as a rule; `null` = too little history. */
  readonly usualMemory: number | null;
}

/** @param which `ahead`: forecasts alone; there are no profiles then. */
export async function lookAtHistory(
  which: 'all' | 'ahead',
  deps: LearnerDeps,
  config: OptimizerConfig,
  budgets: readonly HeldBudget[],
  now: EpochMs,
): Promise<Look> {
  const profiles: LoadProfile[] = [];
  const tuned: Tuned[] = [];
  const forecasts: Forecast[] = [];
  let usualMemory: number | null = null;
  for (const metric of deps.history.metrics()) {
    const mine = budgets.filter((budget) => metricOf(budget) === metric);
    const isLevel = isRisingLevel(metric);
    const isLoad = LOADS.has(familyOf(metric));
    const matters = isLevel || mine.length > 0 || (isLoad && which === 'all');
    if (!matters) continue;
    const rows = await deps.history.minutes(metric, MEMORY);
    if (metric === 'memory') usualMemory = usualLevel(rows);
    if (isLoad && which === 'all') {
      const profile = learnProfile(metric, rows, { ...config.learning, hourOfWeek: deps.hourOfWeek });
      profiles.push(profile);
      tuned.push(...tuneOne(profile, rows, deps, config));
    }
    forecasts.push(...forecastsOf({ metric, rows, isLevel, budgets: mine }, deps.size, config, now));
  }
  return { profiles, tuned, forecasts: forecasts.sort((a, b) => a.likely - b.likely), usualMemory };
}

/** The middle of the last week; `null` while less than six hours of it are known. */
function usualLevel({ values }: MinuteRows): number | null {
  const known = [...values.slice(-USUAL_MINUTES)].filter((value) => !Number.isNaN(value));
  return known.length < LEAST_MINUTES ? null : median(known);
}

function tuneOne(
  profile: LoadProfile,
  rows: MinuteRows,
  { history, hourOfWeek }: LearnerDeps,
  { learning }: OptimizerConfig,
): readonly Tuned[] {
  if (profile.split.kind !== 'split') return [];
  const deviation = history.normal(profile.metric, rows);
  if (deviation === null) return [];
  const bothSides = TWO_SIDED.has(familyOf(profile.metric));
  return tune(profile, rows, deviation, { ...learning, hourOfWeek, bothSides });
}

interface Watched {
  readonly metric: MetricName;
  readonly rows: MinuteRows;
  readonly isLevel: boolean;
  readonly budgets: readonly HeldBudget[];
}

function forecastsOf(
  { metric, rows, isLevel, budgets }: Watched,
  size: HostSize,
  { forecast }: OptimizerConfig,
  now: EpochMs,
): readonly Forecast[] {
  const target = metric.startsWith('target_') ? metric.slice(metric.indexOf(':') + 1) : null;
  const horizon = metric === 'memory' ? forecast.memory : forecast.disk;
  const level = { subject: metric, metric, target, limit: levelLimit(metric), horizon };
  return [
    isLevel ? forecastLevel(level, rows, now) : null,
    ...budgets.map((budget) => {
      const shares = { ...rows, values: rows.values.map((value) => shareOf(budget, value, size)) };
      const subject = `budget:${budget.resource}${budget.target === null ? '' : `:${budget.target}`}`;
      const about = { subject, metric, target: budget.target, limit: budget.limit, horizon: forecast.budget };
      return forecastBudget(about, shares, now);
    }),
  ].filter((one) => one !== null);
}

function isRisingLevel(metric: MetricName): boolean {
  const family = familyOf(metric);
  return family === 'disk' || family === 'inodes' || metric === 'memory';
}
