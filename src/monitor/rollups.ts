/**
 * One-minute means of every metric, kept 35 days beside the samples: `data/history/YYYY-MM-DD.1m.jsonl`, in the same
 * form. Baselines, reports and forecasts learn from them.
 *
 * A minute is written when it is over. What a restart cut off, and what an older version did not write, is made up
 * from the stored samples at the next start. One slot of a minute that must not teach keeps the minute from teaching.
 */
import type { MetricName } from '../domain/metric.ts';
import type { Logger } from '../domain/ports.ts';
import type { MinuteRows, RollupReader } from '../domain/rollup.ts';
import { days, type EpochMs, epochMs, type Ms, minutes } from '../domain/units.ts';
import { createHistory, type History } from './history.ts';
import type { HistoryFiles } from './history-files.ts';

const MINUTE: Ms = minutes(1);
const DAY: Ms = days(1);

export interface Rollups extends RollupReader {
  /** Takes the values of one moment, as they are stored. */
  add(at: EpochMs, values: ReadonlyMap<MetricName, number | null>, taught: boolean): void;
  /** Reads the files back, then makes up missing minutes from the samples. Never throws. */
  load(samples: History): Promise<void>;
  flush(): Promise<void>;
}

export interface RollupDeps {
  readonly files: HistoryFiles;
  readonly log: Logger;
  /** Whole days kept besides the one under way. */
  readonly keepDays: () => number;
}

interface OpenMinute {
  readonly at: EpochMs;
  readonly sums: Map<MetricName, { sum: number; count: number }>;
  taught: boolean;
}

export function createRollups(deps: RollupDeps): Rollups {
  const stored = createHistory({ ...deps, step: MINUTE });
  let open: OpenMinute | null = null;

  return {
    add(at, values, taught) {
      const minute = epochMs(Math.floor(at / MINUTE) * MINUTE);
      if (open !== null && open.at !== minute) close(open, stored);
      if (open?.at !== minute) open = { at: minute, sums: new Map(), taught: true };
      open.taught &&= taught;
      for (const [metric, value] of values) addValue(open, metric, value);
    },
    async load(samples) {
      await stored.load();
      await makeUp(stored, samples, open?.at ?? null);
    },
    minutes: stored.minutes,
    metrics: stored.metrics,
    oldest: stored.oldest,
    flush: stored.flush,
  };
}

function addValue(open: OpenMinute, metric: MetricName, value: number | null): void {
  const known = open.sums.get(metric) ?? { sum: 0, count: 0 };
  if (value !== null) {
    known.sum += value;
    known.count += 1;
  }
  open.sums.set(metric, known);
}

function close({ at, sums, taught }: OpenMinute, stored: History): void {
  const means = [...sums].map(
    ([metric, { sum, count }]) => [metric, count === 0 ? null : sum / count] as const,
  );
  stored.record(at, new Map(means), taught);
}

/** @param under the minute that is open and will be closed by itself. */
async function makeUp(stored: History, samples: History, under: EpochMs | null): Promise<void> {
  const from = samples.oldest();
  const newest = samples.newest();
  if (from === null || newest === null) return;
  const to = under ?? Math.floor(newest / MINUTE) * MINUTE;
  const metrics = samples.metrics();
  for (let day = from; day < to; day = epochMs((Math.floor(day / DAY) + 1) * DAY)) {
    const end = epochMs(Math.min(to, (Math.floor(day / DAY) + 1) * DAY));
    const missing = missingMinutes(stored, day, end);
    if (missing.length > 0) recordFrom(samples, metrics, { from: day, to: end }, missing, stored);
    await stored.flush();
  }
}

function missingMinutes(stored: History, from: EpochMs, to: EpochMs): readonly EpochMs[] {
  const missing: EpochMs[] = [];
  for (let at = Math.floor(from / MINUTE) * MINUTE; at < to; at += MINUTE) {
    if (!stored.isKept(epochMs(at))) missing.push(epochMs(at));
  }
  return missing;
}

function recordFrom(
  samples: History,
  metrics: readonly MetricName[],
  range: { readonly from: EpochMs; readonly to: EpochMs },
  missing: readonly EpochMs[],
  stored: History,
): void {
  const all = metrics.map((metric) => samples.minutes(metric, range.from, range.to, 'all'));
  const taught = metrics.map((metric) => samples.minutes(metric, range.from, range.to, 'teaching'));
  for (const at of missing) {
    const values = new Map<MetricName, number | null>();
    let teaches = true;
    for (const [index, metric] of metrics.entries()) {
      const value = valueAt(all[index], at);
      if (value === null) continue;
      values.set(metric, value);
      if (valueAt(taught[index], at) !== value) teaches = false;
    }
    if (values.size > 0) stored.record(at, values, teaches);
  }
}

function valueAt(rows: MinuteRows | undefined, at: EpochMs): number | null {
  const value = rows?.values[(at - rows.first) / MINUTE];
  return value === undefined || Number.isNaN(value) ? null : value;
}
