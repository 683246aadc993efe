/**
 * Severity by agreement of witnesses. One model alone is info: its one false alarm in some days and host is fine
 * on a console and too much for a person's thread. Pure.
 */
import type { Severity, Witness } from '../../domain/anomaly.ts';
import { compareSeverity } from '../../domain/anomaly.ts';
import type { AlarmParameters } from './parameters.ts';

/** What each witness says of one row. */
export interface Testimony {
  /** The host score, as a multiple of its limit; `null` = silent or unknown. */
  readonly host: number | null;
  /** False while the host model knows less than a week. */
  readonly isTrusted: boolean;
  /** A metric far out of its own past; with a host score, one that also pulls the host score. */
  readonly metric: boolean;
  readonly forest: boolean;
  /** The gravest hard limit broken, or `null`. */
  readonly limit: Severity | null;
}

/** What this row alone speaks for. Without a sure host score the models have nothing to agree with. */
export function weigh(testimony: Testimony, parameters: AlarmParameters): Severity {
  const host = testimony.isTrusted ? (testimony.host ?? 0) : 0;
  const others = Number(testimony.metric) + Number(testimony.forest);
  const isWarning = others >= 1 && host >= parameters.warningAt;
  const isCritical = others === 2 && host >= parameters.criticalAt;
  return graver(isCritical ? 'critical' : isWarning ? 'warning' : 'info', testimony.limit ?? 'info');
}

export function witnessesOf(testimony: Testimony): readonly Witness[] {
  const witnesses: Witness[] = [];
  if (testimony.limit !== null) witnesses.push('limit');
  if ((testimony.host ?? 0) >= 1) witnesses.push('host_score');
  if (testimony.metric) witnesses.push('baseline');
  if (testimony.forest) witnesses.push('forest');
  return witnesses;
}

/** The severity that `agreeRows` of the newest `agreeOf` rows reach; a hard limit needs no second look. */
export function confirmed(recent: readonly Severity[], parameters: AlarmParameters): Severity {
  const ranked = [...recent.slice(-parameters.agreeOf)].sort((a, b) => compareSeverity(b, a));
  return ranked[parameters.agreeRows - 1] ?? 'info';
}

export function graver(a: Severity, b: Severity): Severity {
  return compareSeverity(a, b) >= 0 ? a : b;
}
