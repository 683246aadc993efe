/**
 * One witness's line from reading to alarm: when it is on and when it is over. Pure.
 *
 * On at the first sure row (scores are means over minutes already). Over after a quiet while, and not before an
 * hour. Unknown rows neither start nor end anything.
 */
import type { Ms } from '../../domain/units.ts';
import { type AlarmParameters, rowsOf } from './parameters.ts';

export interface GateState {
  /** Own time since it is on; `null` = off. */
  readonly since: number | null;
  readonly quietRows: number;
}

export const CLOSED_GATE: GateState = { since: null, quietRows: 0 };

export interface GateReading {
  /** Multiple of the plain limit, or `null` = unknown. */
  readonly ratio: number | null;
  /** True where this row is reason enough to open. */
  readonly opens: boolean;
}

export function stepGate(
  state: GateState,
  reading: GateReading,
  own: Ms,
  step: Ms,
  parameters: AlarmParameters,
): GateState {
  if (reading.ratio === null) return state;
  if (state.since === null) return reading.opens ? { since: own, quietRows: 0 } : state;
  if (reading.ratio >= parameters.offShare) return { since: state.since, quietRows: 0 };
  const quietRows = state.quietRows + 1;
  const isOver = quietRows >= rowsOf(parameters.off, step) && own - state.since >= parameters.shortest;
  return isOver ? CLOSED_GATE : { since: state.since, quietRows };
}

/** The host's limit in force: raised by each alarm of the last day. Hosts differ; so it learns the host. */
export function hostLimit(alarms: readonly number[], own: Ms, parameters: AlarmParameters): number {
  const recent = alarms.filter((at) => own - at < parameters.habituationSpan).length;
  return parameters.hostLimit * (1 + Math.min(parameters.habituationMost, parameters.habituation * recent));
}
