/**
 * The streaming detector: rows in, one judgement a row out; what it says of a row depends on the rows up to it
 * and on nothing else.
 *
 * It never fits by itself: `dueFit` hands out the work (heavy, pure) and `install` takes the model back, so that
 * the caller decides whether a worker thread or, in a replay, the same thread does it.
 */
import type { Severity, Witness } from '../../domain/anomaly.ts';
import type { MetricName } from '../../domain/metric.ts';
import { type EpochMs, type Ms, ms } from '../../domain/units.ts';
import { createGrid, type GridRow, type GridState } from './grid.ts';
import { createHistory, type HistoryState } from './history.ts';
import type { FitTask, HostModel } from './host-model.ts';
import { createHostScore, type HostReading, type HostScore } from './host-score.ts';
import { createMetricAlarms, type MetricAlarmsState, type MetricStep } from './metric-alarms.ts';
import { type IncidentState, NO_INCIDENT, type RowFindings, stepIncident } from './open-incident.ts';
import { type DetectorParameters, rowsOf } from './parameters.ts';

const HALF_HOUR = 1_800_000;
const SLOTS = 48;
/** Metrics named with an incident, and the share of the distance that names one. */
const MOST_NAMED = 5;
const NAMED_SHARE = 0.1;

export interface DetectorRow {
  readonly at: EpochMs;
  /** `null`, NaN and infinities are unknown, as is a metric that is not there. */
  readonly values: ReadonlyMap<MetricName, number | null>;
  /** Hard limits broken by this row, judged outside; absent where none are configured. */
  readonly limits?: readonly { readonly metric: MetricName; readonly severity: Severity }[];
}

export interface Judgement {
  /** How unusual this row is, 0..1, for as long as it lasts; 0.5 is what the host passes in 1 % of its time. */
  readonly score: number;
  /** Strength of an alarm raised at this row, 0.5..1; 0 where none was. */
  readonly alarm: number;
  /** State of the open incident. */
  readonly severity: Severity | null;
  readonly incident: string | null;
  /** What contributed, strongest first. */
  readonly metrics: readonly MetricName[];
  readonly witnesses: readonly Witness[];
  /** How the row was taken: late and repeated rows are left out. */
  readonly taken: 'judged' | 'pooled' | 'late' | 'clock_jump';
}

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
  /** Metrics that came after the bound was reached and are not watched. */
  refused(): number;
  /** Everything, as plain data and typed arrays: a detector made from it goes on to the same digit. */
  save(): DetectorState;
}

export interface DetectorDeps {
  readonly parameters: DetectorParameters;
  /** Local wall time in ms, for times of day; UTC where the zone is not known. */
  readonly localTime: (at: EpochMs) => number;
  readonly saved?: DetectorState;
}

export function createDetector({ parameters, localTime, saved }: DetectorDeps): Detector {
  const names: MetricName[] = [...(saved?.names ?? [])];
  const columns = new Map(names.map((name, index) => [name, index]));
  const grid = createGrid(parameters.grid, (step) => rowsOf({ span: LONGEST_WINDOW, rows: 0 }, step), saved?.grid);
  const history = createHistory(Math.ceil(parameters.host.history / parameters.grid.step), saved?.history);
  const metrics = createMetricAlarms(parameters.metric, saved?.metrics);
  let incident: IncidentState = saved?.incident ?? NO_INCIDENT;
  let model: HostModel | null = saved?.model ?? null;
  let hostScore: HostScore | null = model === null ? null : createHostScore(model, parameters.host);
  let own = ms(saved?.own ?? 0);
  let triedAt = saved?.triedAt ?? null;
  let score = saved?.score ?? 0;
  let refused = 0;

  function valuesOf(row: DetectorRow): Float64Array {
    for (const name of row.values.keys()) {
      if (columns.has(name)) continue;
      if (names.length >= parameters.grid.maxMetrics) refused += 1;
      else columns.set(name, names.push(name) - 1);
    }
    return Float64Array.from(names, (name) => row.values.get(name) ?? Number.NaN);
  }

  function take(row: GridRow, isLearning: boolean): RowSeen {
    own = row.own;
    const local = localTime(row.at);
    const slot = ((Math.floor(local / HALF_HOUR) % SLOTS) + SLOTS) % SLOTS;
    history.add(row.values, own, slot);
    const step = grid.step();
    if (step === 0) return { metric: NOTHING_SEEN, reading: null };
    metrics.setStep(step);
    const metric = metrics.judge(row.values, names, local, own, isLearning);
    const fits = hostScore !== null && model?.step === step && !isLearning;
    return { metric, reading: fits ? (hostScore?.read(history) ?? null) : null };
  }

  function judge(row: DetectorRow): Judgement {
    const arrival = grid.offer(row.at, valuesOf(row));
    if (arrival.kind === 'late') return judgement(null, 'late');
    let raised: number | null = null;
    if (arrival.kind === 'pooled' && row.limits !== undefined) {
      raised = step(findings({ metric: NOTHING_SEEN, reading: null }, row));
    }
    if (arrival.kind === 'pooled') return judgement(raised, 'pooled');
    for (const [index, gridRow] of arrival.rows.entries()) {
      const seen = take(gridRow, false);
      const isNewest = index === arrival.rows.length - 1;
      if (!isNewest) continue;
      score = squash(seen.reading?.level ?? seen.metric.ratio ?? 0);
      raised = step(findings(seen, row));
    }
    return judgement(raised, arrival.jumped ? 'clock_jump' : 'judged');
  }

  function step(row: RowFindings): number | null {
    const next = stepIncident(incident, row, parameters.alarm);
    incident = next.state;
    return next.raised;
  }

  function findings({ metric, reading }: RowSeen, row: DetectorRow): RowFindings {
    const host = reading === null ? null : reading.alarm / parameters.alarm.hostLimit;
    const broken = row.limits?.map((one) => one.severity);
    const named = (): readonly MetricName[] => (reading === null ? [] : namedBy(reading));
    return {
      own,
      step: grid.step(),
      host,
      metric: metric.ratio,
      metricRaised: metric.raised[0]?.alone ?? null,
      limit: broken === undefined ? undefined : gravest(broken),
      hasMetricWitness: isWitnessed(metric, reading),
      forest: () => (reading?.forest() ?? 0) >= 1,
      contributors: () => {
        const all = [...(row.limits ?? []), ...metric.raised].map((one) => one.metric);
        return [...new Set([...all, ...named(), ...(reading === null ? standing(metric) : [])])].slice(0, MOST_NAMED);
      },
    };
  }

  function judgement(raised: number | null, taken: Judgement['taken']): Judgement {
    return {
      score,
      alarm: raised === null ? 0 : squash(raised),
      severity: incident.severity,
      incident: incident.severity === null ? null : `inc-${incident.opened}`,
      metrics: incident.severity === null ? [] : incident.metrics,
      witnesses: incident.witnesses,
      taken,
    };
  }

  return {
    judge,
    learn(row) {
      const arrival = grid.offer(row.at, valuesOf(row));
      if (arrival.kind === 'rows') for (const gridRow of arrival.rows) take(gridRow, true);
    },
    dueFit() {
      const isDue = triedAt === null || own - triedAt >= parameters.host.refit;
      if (!isDue || grid.step() === 0) return null;
      const stretch = history.last(parameters.host.history);
      if (stretch.span + grid.step() < parameters.host.firstFit) return null;
      triedAt = own;
      return { stretch, names: [...names], step: grid.step(), parameters };
    },
    install(next) {
      if (next === null) return;
      model = next;
      hostScore = createHostScore(next, parameters.host);
    },
    model: () => model,
    refused: () => refused,
    save: () => ({
      names: [...names],
      grid: grid.save(),
      history: history.save(),
      metrics: metrics.save(),
      incident,
      model,
      own,
      triedAt,
      score,
    }),
  };
}

interface RowSeen {
  readonly metric: MetricStep;
  readonly reading: HostReading | null;
}

const LONGEST_WINDOW: Ms = ms(6 * 3_600_000);
const NOTHING_SEEN: MetricStep = { ratio: null, raised: [], standing: [] };

/** A ratio to 0..1; 1 becomes 0.5. */
function squash(ratio: number): number {
  return ratio / (1 + ratio);
}

function gravest(severities: readonly Severity[]): Severity | null {
  if (severities.includes('critical')) return 'critical';
  if (severities.includes('warning')) return 'warning';
  return severities[0] ?? null;
}

function standing(metric: MetricStep): readonly MetricName[] {
  return metric.standing.map((one) => one.metric);
}

function namedBy(reading: HostReading): readonly MetricName[] {
  const all = reading.contributions();
  const named = all.filter((one) => one.share >= NAMED_SHARE);
  return (named.length === 0 ? all.slice(0, 3) : named).map((one) => one.metric);
}

/** A metric far out of its own past; beside a host score it must be one of those that pull the score. */
function isWitnessed(metric: MetricStep, reading: HostReading | null): boolean {
  if (metric.standing.length === 0) return false;
  if (reading === null) return true;
  const pulling = new Set(namedBy(reading));
  return metric.standing.some((one) => pulling.has(one.metric));
}
