/** The stored minutes as the optimizer learns from them, judged by the monitor's own idea of normal. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { type MetricName, unitOf } from '../domain/metric.ts';
import type { Deviation, LoadHistory } from '../domain/optimizer.ts';
import type { Clock, Live } from '../domain/ports.ts';
import type { MinuteRows, RollupReader } from '../domain/rollup.ts';
import { before, type EpochMs } from '../domain/units.ts';
import { baselineAt, deviation, learn } from '../monitor/baseline.ts';
import type { MonitorConfig } from '../monitor/config.ts';
import { localTime } from '../platform/local-time.ts';

export interface LoadHistoryDeps {
  /** Looked up at each use: the monitor is built later. */
  readonly rollups: () => Pick<RollupReader, 'minutes' | 'metrics'> | undefined;
  readonly config: Live<MonitorConfig>;
  readonly clock: Clock;
  readonly timezone: string;
}

export function loadHistory(deps: LoadHistoryDeps): LoadHistory {
  return {
    metrics: () => deps.rollups()?.metrics() ?? [],
    async minutes(metric, span) {
      await nextTurn(); // weeks of one metric take milliseconds: others come in between
      const now = deps.clock.now();
      const rows = deps.rollups()?.minutes(metric, before(now, span), now, 'teaching');
      return rows ?? { first: now, values: new Float32Array() };
    },
    normal: (metric, rows) => normalOf(metric, rows, deps),
  };
}

function normalOf(
  metric: MetricName,
  rows: MinuteRows,
  { config, timezone }: LoadHistoryDeps,
): Deviation | null {
  const { baseline } = config.current();
  const hourOf = (at: EpochMs): number => localTime(at, timezone).hour;
  const learnt = learn(rows, unitOf(metric), {
    minRows: baseline.minSampleMinutes,
    hourOfDayAfterDays: baseline.hourOfDayAfterDays,
    hourOf,
  });
  if (learnt === null) return null;
  return (value, at) => deviation(value, baselineAt(learnt, hourOf(at)));
}
