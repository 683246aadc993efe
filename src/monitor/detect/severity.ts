/**
 * Severity by agreement of witnesses. One model alone is info: three to six false alarms in ten days and host
 * are fine on a console and too many for a person's thread. Pure.
 */
import type { Severity, Witness } from '../../domain/anomaly.ts';
import { compareSeverity } from '../../domain/anomaly.ts';
import type { AlarmParameters } from './parameters.ts';

/** What each witness says of one row. */
export interface Testimony {
  /** The host score, as a multiple of its limit; `null` = silent or unknown. */
  readonly host: number | null;
  /** A metric far out of its own past; with a host score, one that also pulls the host score. */
  readonly metric: boolean;
  readonly forest: boolean;
  /** The gravest hard limit broken, or `null`. */
  readonly limit: Severity | null;
}

/** What this row alone speaks for. */
export function weigh(testimony: Testimony, parameters: AlarmParameters): Severity {
  const models = witnessesOf(testimony).filter((witness) => witness !== 'limit').length;
  const isOverwhelming = models >= 3 && (testimony.host ?? 0) >= parameters.criticalAt;
  const byModels: Severity = isOverwhelming ? 'critical' : models >= 2 ? 'warning' : 'info';
  return graver(byModels, testimony.limit ?? 'info');
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
