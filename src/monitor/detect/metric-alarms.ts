/**
 * The single-metric alarms of a host: each metric is watched by itself, and the limit grows with their number,
 * because among forty metrics one is always somewhere in its own tail.
 */
import type { MetricName } from '../../domain/metric.ts';
import type { Ms } from '../../domain/units.ts';
import { createMetricWatch, type MetricWatch, type MetricWatchState, restartWindows } from './metric-watch.ts';
import type { MetricParameters } from './parameters.ts';

export interface MetricAlarmsState {
  readonly step: number;
  readonly watches: readonly MetricWatchState[];
  readonly rows: number;
  readonly silent: readonly (readonly [number, number] | null)[];
}

export interface MetricReading {
  readonly metric: MetricName;
  /** Strength as a multiple of the limit of a metric watched alone. */
  readonly alone: number;
}

export interface MetricStep {
  /** The greatest strength as a multiple of this host's limit. */
  readonly ratio: number | null;
  /** Metrics that raise an alarm on this row, strongest first. */
  readonly raised: readonly MetricReading[];
  /** Metrics beyond the limit of a metric watched alone: they bear witness, they raise nothing. */
  readonly standing: readonly MetricReading[];
}

export interface MetricAlarms {
  judge(values: Float32Array, names: readonly MetricName[], local: number, own: Ms, isLearning: boolean): MetricStep;
  /** Rows of another distance from now on: windows start afresh, the own past stays. */
  setStep(step: Ms): void;
  save(): MetricAlarmsState;
}

export function createMetricAlarms(parameters: MetricParameters, saved?: MetricAlarmsState): MetricAlarms {
  let step = (saved?.step ?? 0) as Ms;
  let watches: MetricWatch[] = (saved?.watches ?? []).map((state) => createMetricWatch(parameters, step, state));
  let rows = saved?.rows ?? 0;
  const silent: (readonly [number, number] | null)[] = [...(saved?.silent ?? [])];

  function judge(values: Float32Array, names: readonly MetricName[], local: number, own: Ms, isLearning: boolean): MetricStep {
    rows += 1;
    while (watches.length < values.length) {
      watches.push(createMetricWatch(parameters, step));
      silent.push(null);
    }
    const limit = limitFor(known(values), parameters);
    const readings: (MetricReading & { readonly raises: boolean })[] = [];
    for (const [column, watch] of watches.entries()) {
      const verdict = watch.judge(values[column] ?? Number.NaN, local);
      if (Number.isNaN(values[column] ?? Number.NaN)) continue;
      const alone = verdict.isHabit ? 0 : verdict.strength / parameters.limit;
      const raises = !isLearning && alone >= limit && !isSilent(column, own);
      if (raises) silent[column] = [own, rows];
      readings.push({ metric: names[column] ?? '', alone, raises });
    }
    readings.sort((a, b) => b.alone - a.alone);
    return {
      ratio: readings.length === 0 ? null : (readings[0]?.alone ?? 0) / limit,
      raised: readings.filter((reading) => reading.raises).map(({ metric, alone }) => ({ metric, alone: alone / limit })),
      standing: readings.filter((reading) => reading.alone >= 1),
    };
  }

  function isSilent(column: number, own: Ms): boolean {
    const last = silent[column];
    if (last === null || last === undefined) return false;
    return own - last[0] < parameters.silence.span || rows - last[1] < parameters.silence.rows;
  }

  return {
    judge,
    setStep(next) {
      if (next === step) return;
      step = next;
      watches = watches.map((watch) => createMetricWatch(parameters, step, restartWindows(watch.save(), parameters, step)));
    },
    save: () => ({ step, watches: watches.map((watch) => watch.save()), rows, silent: [...silent] }),
  };
}

/** As a multiple of the limit of a metric watched alone. */
function limitFor(metrics: number, parameters: MetricParameters): number {
  return 1 + parameters.limitPerDoubling * Math.log2(Math.max(1, metrics));
}

function known(values: Float32Array): number {
  let count = 0;
  for (const value of values) if (!Number.isNaN(value)) count += 1;
  return count;
}
