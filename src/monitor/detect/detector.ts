/**
 * The streaming detector: rows in, one judgement a row out; what it says of a row depends on the rows up to it
 * and on nothing else.
 *
 * It never fits by itself: `dueFit` hands out the work (heavy, pure) and `install` takes the model back, so that
 * the caller decides whether a worker thread or, in a replay, the same thread does it.
 */
import type { MetricName } from '../../domain/metric.ts';
import { type EpochMs, hours, type Ms, ms } from '../../domain/units.ts';
import { createGrid, type Grid, type GridRow, type GridState } from './grid.ts';
import { createHistory, type History, type HistoryState } from './history.ts';
import type { FitTask, HostModel } from './host-model.ts';
import { createHostScore, type HostReading, type HostScore } from './host-score.ts';
import type { DetectorRow, Judgement } from './judgement.ts';
import {
  createMetricAlarms,
  type MetricAlarms,
  type MetricAlarmsState,
  type MetricStep,
  NOTHING_SEEN,
} from './metric-alarms.ts';
import { type IncidentState, NO_INCIDENT, stepIncident } from './open-incident.ts';
import type { DetectorParameters } from './parameters.ts';
import { findingsOf } from './row-findings.ts';
import { SLOTS } from './scaling.ts';

/** No window looks back further: a longer gap is as good as this one. */
const LONGEST_WINDOW: Ms = hours(6);
const DAY = 86_400_000;

/** Everything, as plain data and typed arrays. */
export interface DetectorState {
  readonly names: readonly MetricName[];
  readonly grid: GridState;
  readonly history: HistoryState;
  readonly metrics: MetricAlarmsState;
  readonly incident: IncidentState;
  readonly model: HostModel | null;
  readonly own: number;
  readonly triedAt: number | null;
  readonly score: number;
}

export interface Detector {
  /** Learns a row of history: remembers it and raises nothing. */
  learn(row: DetectorRow): void;
  judge(row: DetectorRow): Judgement;
  /** The refit that is due now, or `null`. Handed out once; answer with `install`. */
  dueFit(): FitTask | null;
  /** A fitted model, or `null` where the history was too thin: the old one stays. */
  install(model: HostModel | null): void;
  model(): HostModel | null;
  /** Own time since the last fit was handed out; `null` before the first. */
  sinceFit(): Ms | null;
  /** True once a metric came that is not watched because there are too many. */
  hasRefused(): boolean;
  /** A detector made from it goes on to the same digit. */
  save(): DetectorState;
}

export interface DetectorDeps {
  readonly parameters: DetectorParameters;
  /** Local wall time in ms, for times of day; UTC where the zone is not known. */
  readonly localTime: (at: EpochMs) => number;
  readonly saved?: DetectorState;
}

export function createDetector(deps: DetectorDeps): Detector {
  return new StreamingDetector(deps);
}

/** What the models say of one grid row. */
interface RowSeen {
  readonly metric: MetricStep;
  readonly reading: HostReading | null;
}

class StreamingDetector implements Detector {
  private readonly parameters: DetectorParameters;
  private readonly localTime: (at: EpochMs) => number;
  private readonly names: MetricName[];
  private readonly known: Set<MetricName>;
  private readonly grid: Grid;
  private readonly history: History;
  private readonly metrics: MetricAlarms;
  private incident: IncidentState;
  private hostModel: HostModel | null = null;
  private hostScore: HostScore | null = null;
  private own: Ms;
  private triedAt: number | null;
  private score: number;
  private refused = false;

  constructor({ parameters, localTime, saved }: DetectorDeps) {
    this.parameters = parameters;
    this.localTime = localTime;
    this.names = [...(saved?.names ?? [])];
    this.known = new Set(this.names);
    this.grid = createGrid(parameters.grid, LONGEST_WINDOW, saved?.grid);
    const capacity = Math.ceil(parameters.host.history / parameters.grid.step);
    this.history = createHistory(capacity, saved?.history);
    this.metrics = createMetricAlarms(parameters.metric, saved?.metrics);
    this.incident = saved?.incident ?? NO_INCIDENT;
    this.own = ms(saved?.own ?? 0);
    this.triedAt = saved?.triedAt ?? null;
    this.score = saved?.score ?? 0;
    this.install(saved?.model ?? null);
  }

  learn(row: DetectorRow): void {
    const arrival = this.grid.offer(row.at, this.valuesOf(row));
    if (arrival.kind !== 'rows') return;
    for (const gridRow of arrival.rows) this.take(gridRow, true, row.teaches ?? true);
  }

  judge(row: DetectorRow): Judgement {
    const arrival = this.grid.offer(row.at, this.valuesOf(row));
    switch (arrival.kind) {
      case 'late':
        return this.judgement(null, 'late');
      case 'pooled':
        return this.judgement(row.limits === undefined ? null : this.conclude(UNSEEN, row), 'pooled');
      case 'rows': {
        let seen = UNSEEN;
        for (const gridRow of arrival.rows) seen = this.take(gridRow, false, row.teaches ?? true);
        this.score = squash(seen.reading?.unusual ?? seen.metric.ratio ?? 0);
        return this.judgement(this.conclude(seen, row), arrival.jumped ? 'clock_jump' : 'judged');
      }
    }
  }

  dueFit(): FitTask | null {
    const { host } = this.parameters;
    const step = this.grid.step();
    const isDue = this.triedAt === null || this.own - this.triedAt >= host.refit;
    if (!isDue || step === 0) return null;
    if (this.history.span() + step < host.firstFit) return null;
    this.triedAt = this.own;
    const stretch = this.history.last(host.history);
    return { stretch, names: [...this.names], step, parameters: this.parameters };
  }

  install(model: HostModel | null): void {
    if (model === null) return;
    this.hostModel = model;
    this.hostScore = createHostScore(model, this.parameters.host);
  }

  model(): HostModel | null {
    return this.hostModel;
  }

  sinceFit(): Ms | null {
    return this.triedAt === null ? null : ms(this.own - this.triedAt);
  }

  hasRefused(): boolean {
    return this.refused;
  }

  save(): DetectorState {
    const { incident, own, triedAt, score } = this;
    return {
      names: [...this.names],
      grid: this.grid.save(),
      history: this.history.save(),
      metrics: this.metrics.save(),
      incident,
      model: this.hostModel,
      own,
      triedAt,
      score,
    };
  }

  private valuesOf(row: DetectorRow): Float64Array {
    for (const name of row.values.keys()) {
      if (this.known.has(name)) continue;
      if (this.names.length >= this.parameters.grid.maxMetrics) {
        this.refused = true;
        break;
      }
      this.known.add(name);
      this.names.push(name);
    }
    return Float64Array.from(this.names, (name) => row.values.get(name) ?? Number.NaN);
  }

  private take(row: GridRow, isLearning: boolean, teaches: boolean): RowSeen {
    this.own = row.own;
    const local = this.localTime(row.at);
    this.history.add(row.values, row.own, slotOf(local), teaches);
    const step = this.grid.step();
    if (step === 0) return UNSEEN;
    this.metrics.setStep(step);
    const hears = !isLearning && this.hostModel?.step === step;
    const reading = hears ? (this.hostScore?.read(this.history) ?? null) : null;
    const { values, own } = row;
    const besideHost = reading !== null;
    const metric = this.metrics.judge({
      values,
      names: this.names,
      local,
      own,
      isLearning,
      teaches,
      besideHost,
    });
    return { metric, reading };
  }

  /** Moves the incident on by one row; the multiple of the limit of an alarm raised, or `null`. */
  private conclude({ metric, reading }: RowSeen, row: DetectorRow): number | null {
    const { alarm } = this.parameters;
    const findings = findingsOf(metric, reading, row.limits, alarm, {
      own: this.own,
      step: this.grid.step(),
    });
    const next = stepIncident(this.incident, findings, alarm);
    this.incident = next.state;
    return next.raised;
  }

  private judgement(raised: number | null, taken: Judgement['taken']): Judgement {
    const { severity, opened, metrics, witnesses } = this.incident;
    return {
      score: this.score,
      alarm: raised === null ? 0 : squash(raised),
      severity,
      incident: severity === null ? null : `inc-${opened}`,
      metrics,
      witnesses,
      taken,
    };
  }
}

const UNSEEN: RowSeen = { metric: NOTHING_SEEN, reading: null };

/** A ratio to 0..1; 1 becomes 0.5. */
function squash(ratio: number): number {
  return ratio / (1 + ratio);
}

/** The half hour of the local day. */
function slotOf(local: number): number {
  return Math.floor(((((local % DAY) + DAY) % DAY) / DAY) * SLOTS);
}
