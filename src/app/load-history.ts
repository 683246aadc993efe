/** The stored minutes as the optimizer learns from them, judged by the monitor's own idea of normal. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { type MetricName, unitOf } from '../domain/metric.ts';
import type { Deviation, LoadHistory, MinuteRows } from '../domain/optimizer.ts';
import type { Clock, Live } from '../domain/ports.ts';
import { before, type EpochMs, epochMs, type Ms } from '../domain/units.ts';
import { baselineAt, deviation, learn } from '../monitor/baseline.ts';
import type { MonitorConfig } from '../monitor/config.ts';
import { localTime } from '../platform/local-time.ts';

const MINUTE = 60_000;

export interface LoadHistoryDeps {
  readonly rows: (metric: MetricName, until: EpochMs) => MinuteRows | null;
  readonly metrics: () => readonly MetricName[];
  readonly config: Live<MonitorConfig>;
  readonly clock: Clock;
  readonly timezone: string;
}

export function loadHistory(deps: LoadHistoryDeps): LoadHistory {
  return {
    metrics: deps.metrics,
    async minutes(metric, span) {
      await nextTurn(); // weeks of one metric take milliseconds: others come in between
      const now = deps.clock.now();
      const rows = deps.rows(metric, now);
      return rows === null ? { first: now, values: new Float32Array() } : newest(rows, span, now);
    },
    normal: (metric, rows) => normalOf(metric, rows, deps),
  };
}

function newest(rows: MinuteRows, span: Ms, now: EpochMs): MinuteRows {
  const skip = Math.min(
    rows.values.length,
    Math.max(0, Math.ceil((before(now, span) - rows.first) / MINUTE)),
  );
  return { first: epochMs(rows.first + skip * MINUTE), values: rows.values.subarray(skip) };
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
