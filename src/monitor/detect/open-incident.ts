/**
 * The incident a detector holds open: three gates (host score, single metrics, hard limits), one incident while
 * any of them is on. Severity only rises within an incident. Pure: state in, state out.
 */
import type { Severity, Witness } from '../../domain/anomaly.ts';
import type { MetricName } from '../../domain/metric.ts';
import type { Ms } from '../../domain/units.ts';
import { CLOSED_GATE, type GateState, hostLimit, stepGate } from './alarm-gate.ts';
import type { AlarmParameters } from './parameters.ts';
import { confirmed, graver, type Testimony, weigh, witnessesOf } from './severity.ts';

/** Multiples of the limit that a broken hard limit counts as, for the strength of its alarm. */
const LIMIT_STRENGTH: Readonly<Record<Severity, number>> = { info: 1, warning: 3, critical: 9 };

export interface IncidentState {
  readonly host: GateState;
  readonly metric: GateState;
  readonly limit: GateState;
  /** Own times of the host alarms of the last day. */
  readonly alarms: readonly number[];
  readonly opened: number;
  readonly severity: Severity | null;
  readonly recent: readonly Severity[];
  readonly witnesses: readonly Witness[];
  readonly metrics: readonly MetricName[];
}

export const NO_INCIDENT: IncidentState = {
  host: CLOSED_GATE,
  metric: CLOSED_GATE,
  limit: CLOSED_GATE,
  alarms: [],
  opened: 0,
  severity: null,
  recent: [],
  witnesses: [],
  metrics: [],
};

/** What one row says. Ratios are multiples of the plain limit; `null` = unknown. */
export interface RowFindings {
  readonly own: Ms;
  readonly step: Ms;
  readonly host: number | null;
  /** What keeps it open: the level alone does, too, when the change is over and the trouble is not. */
  readonly hostHolds: number | null;
  readonly isTrusted: boolean;
  readonly metric: number | null;
  /** Multiple of the limit of a single-metric alarm raised on this row. */
  readonly metricRaised: number | null;
  /** `undefined` where no hard limit could be judged. */
  readonly limit: Severity | null | undefined;
  /** These are asked only while an incident is open. */
  readonly hasMetricWitness: () => boolean;
  readonly forest: () => boolean;
  readonly contributors: () => readonly MetricName[];
}

export interface IncidentStep {
  readonly state: IncidentState;
  /** Multiple of the limit at which an alarm was raised on this row, else `null`. */
  readonly raised: number | null;
}

export function stepIncident(
  state: IncidentState,
  row: RowFindings,
  parameters: AlarmParameters,
): IncidentStep {
  const limit = hostLimit(state.alarms, row.own, parameters) / parameters.hostLimit;
  const hostOpens = row.host !== null && row.host >= limit;
  const gate = (before: GateState, ratio: number | null, opens: boolean): GateState =>
    stepGate(before, { ratio, opens }, row.own, row.step, parameters);
  const broken = row.limit === undefined ? null : Number(row.limit !== null);
  const gates: Gates = {
    host: gate(state.host, row.hostHolds, hostOpens),
    metric: gate(state.metric, row.metric, row.metricRaised !== null),
    limit: gate(state.limit, broken, broken === 1),
    alarms: state.alarms,
  };
  const raises = [
    row.metricRaised ?? 0,
    state.host.since === null && hostOpens ? (row.host ?? 0) / limit : 0,
    state.limit.since === null && broken === 1 ? LIMIT_STRENGTH[row.limit ?? 'info'] : 0,
  ];
  const raised = Math.max(...raises);
  const all = {
    ...gates,
    alarms: raises[1] === 0 ? state.alarms : remembered(state.alarms, row.own, parameters),
  };
  const isOpen = [all.host, all.metric, all.limit].some((one) => one.since !== null);
  return {
    state: isOpen ? keepOpen(state, all, row, parameters) : { ...NO_INCIDENT, ...all, opened: state.opened },
    raised: raised === 0 ? null : raised,
  };
}

type Gates = Pick<IncidentState, 'host' | 'metric' | 'limit' | 'alarms'>;

function keepOpen(
  state: IncidentState,
  gates: Gates,
  row: RowFindings,
  parameters: AlarmParameters,
): IncidentState {
  const isNew = state.severity === null;
  const isUnknown = row.host === null && row.metric === null && row.limit === undefined;
  const opened = isNew ? state.opened + 1 : state.opened;
  if (isUnknown) return { ...state, ...gates, opened };
  const testimony: Testimony = {
    host: gates.host.since === null ? null : row.host,
    isTrusted: row.isTrusted,
    metric: row.hasMetricWitness(),
    forest: row.forest(),
    limit: row.limit ?? null,
  };
  const recent = [...(isNew ? [] : state.recent), weigh(testimony, parameters)].slice(-parameters.agreeOf);
  const known = isNew ? [] : state.witnesses;
  return {
    ...gates,
    opened,
    severity: graver(state.severity ?? 'info', graver(confirmed(recent, parameters), row.limit ?? 'info')),
    recent,
    witnesses: [...new Set([...known, ...witnessesOf(testimony)])],
    metrics: row.contributors(),
  };
}

/** The host alarms of the last day, this one included. */
function remembered(alarms: readonly number[], own: Ms, parameters: AlarmParameters): readonly number[] {
  return [...alarms.filter((at) => own - at < parameters.habituationSpan), own];
}
