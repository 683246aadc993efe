/**
 * The single-metric alarms of a host: each metric is watched by itself, and the limit grows with their number,
 * because among forty metrics one is always somewhere in its own tail.
 */
import type { MetricName } from '../../domain/metric.ts';
import { type Ms, ms } from '../../domain/units.ts';
import {
  createMetricWatch,
  type MetricVerdict,
  type MetricWatch,
  type MetricWatchState,
  restartWindows,
} from './metric-watch.ts';
import type { MetricParameters } from './parameters.ts';

/** When a metric raised its last alarm: own time and row number; `null` = never. */
type LastAlarm = readonly [own: number, row: number] | null;

export interface MetricAlarmsState {
  readonly step: number;
  readonly rows: number;
  readonly watches: readonly MetricWatchState[];
  readonly alarms: readonly LastAlarm[];
}

export interface MetricReading {
  readonly metric: MetricName;
  /** Strength as a multiple of a limit: see where it stands. */
  readonly ratio: number;
}

export interface MetricStep {
  /** The greatest strength as a multiple of the limit in force; `null` = nothing known. */
  readonly ratio: number | null;
  /** Metrics that raise an alarm on this row, strongest first, as multiples of the limit in force. */
  readonly raised: readonly MetricReading[];
  /** Metrics beyond the limit of one watched alone, as multiples of it: they bear witness, they raise nothing. */
  readonly standing: readonly MetricReading[];
}

export interface MetricRow {
  readonly values: Float32Array;
  readonly names: readonly MetricName[];
  readonly local: number;
  readonly own: Ms;
  /** Learning raises nothing and silences nothing. */
  readonly isLearning: boolean;
  /** False: judged, but no part of the own past. */
  readonly teaches: boolean;
  /** The host score hears these metrics too. */
  readonly besideHost: boolean;
}

export interface MetricAlarms {
  judge(row: MetricRow): MetricStep;
  /** Rows of another distance from now on: windows start afresh, the own past stays. */
  setStep(step: Ms): void;
  save(): MetricAlarmsState;
}

export const NOTHING_SEEN: MetricStep = { ratio: null, raised: [], standing: [] };

export function createMetricAlarms(parameters: MetricParameters, saved?: MetricAlarmsState): MetricAlarms {
  return new Watches(parameters, saved);
}

class Watches implements MetricAlarms {
  private readonly parameters: MetricParameters;
  private step: Ms;
  private rows: number;
  private watches: MetricWatch[];
  private readonly alarms: LastAlarm[];

  constructor(parameters: MetricParameters, saved: MetricAlarmsState | undefined) {
    this.parameters = parameters;
    const step = ms(saved?.step ?? 0);
    this.step = step;
    this.rows = saved?.rows ?? 0;
    this.watches = (saved?.watches ?? []).map((state, phase) =>
      createMetricWatch(parameters, { step, phase }, state),
    );
    this.alarms = [...(saved?.alarms ?? [])];
  }

  judge(row: MetricRow): MetricStep {
    this.rows += 1;
    while (this.watches.length < row.values.length) {
      this.watches.push(createMetricWatch(this.parameters, { step: this.step, phase: this.watches.length }));
      this.alarms.push(null);
    }
    const limit = limitFor(row, this.parameters);
    const raised: MetricReading[] = [];
    const standing: MetricReading[] = [];
    let greatest: number | null = null;
    for (const [column, watch] of this.watches.entries()) {
      const value = row.values[column] ?? Number.NaN;
      const alone = strengthOf(watch.judge(value, row.local, row.teaches), this.parameters);
      if (Number.isNaN(value)) continue;
      greatest = Math.max(greatest ?? 0, alone / limit);
      if (alone < 1) continue;
      const metric = row.names[column] ?? '';
      standing.push({ metric, ratio: alone });
      if (alone >= limit && this.mayRaise(column, row)) raised.push({ metric, ratio: alone / limit });
    }
    return { ratio: greatest, raised: raised.sort(stronger), standing: standing.sort(stronger) };
  }

  setStep(step: Ms): void {
    if (step === this.step) return;
    this.step = step;
    this.watches = this.watches.map((watch, phase) => {
      const state = restartWindows(watch.save(), this.parameters, step);
      return createMetricWatch(this.parameters, { step, phase }, state);
    });
  }

  save(): MetricAlarmsState {
    const { step, rows } = this;
    return { step, rows, watches: this.watches.map((watch) => watch.save()), alarms: [...this.alarms] };
  }

  /** Not while it is silent after its last alarm; asking charges the silence. */
  private mayRaise(column: number, row: MetricRow): boolean {
    if (row.isLearning) return false;
    const { silence } = this.parameters;
    const last = this.alarms[column] ?? null;
    const isSilent =
      last !== null && (row.own - last[0] < silence.span || this.rows - last[1] < silence.rows);
    if (!isSilent) this.alarms[column] = [row.own, this.rows];
    return !isSilent;
  }
}

/** As a multiple of the limit of a metric watched alone; a habit counts as nothing. */
function strengthOf(verdict: MetricVerdict, parameters: MetricParameters): number {
  return verdict.isHabit ? 0 : verdict.strength / parameters.limit;
}

function limitFor(row: MetricRow, parameters: MetricParameters): number {
  if (row.besideHost) return parameters.besideHost;
  let known = 0;
  for (const value of row.values) if (!Number.isNaN(value)) known += 1;
  return 1 + parameters.limitPerDoubling * Math.log2(Math.max(1, known));
}

function stronger(a: MetricReading, b: MetricReading): number {
  return b.ratio - a.ratio;
}
