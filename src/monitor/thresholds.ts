/**
 * Fixed limits: is this value beyond the limit of its metric?
 *
 * Pure. Hysteresis belongs here: once a limit counts as crossed, the value must come back by a share of the
 * limit before it is good again, so that a value that trembles on the line does not raise and clear for ever.
 */
import { familyOf, type MetricName } from '../domain/metric.ts';
import type { Ms, Ratio } from '../domain/units.ts';
import type { ConfirmCount } from './flapping.ts';

/** Which way a metric is bad. */
export type Direction = 'high' | 'low';

/** The limits of one metric, or of a whole family (`disk` for every `disk:<mount>`). */
export interface Threshold {
  readonly metric: MetricName;
  readonly direction: Direction;
  readonly warn: number | null;
  readonly critical: number | null;
  /** Below this long beyond the limit the trouble is only *info*: a build may use the whole processor. */
  readonly warnAfter: Ms;
  readonly criticalAfter: Ms;
  /** `null` = the general rule for soft faults. */
  readonly confirm: ConfirmCount | null;
}

/** Families that are bad when they are low; everything else is bad when it is high. */
export function directionOf(metric: MetricName): Direction {
  return LOW_IS_BAD.has(familyOf(metric)) ? 'low' : 'high';
}

/** A list of thresholds is never changed in place; a new configuration brings a new one. */
const ANSWERS = new WeakMap<readonly Threshold[], Map<MetricName, Threshold | null>>();
const MOST_ANSWERS = 1_000;
const LOW_IS_BAD: ReadonlySet<string> = new Set(['success_rate', 'target_up', 'probe_up', 'queue_rate']);

/** The entry for exactly this metric, else the one for its family. Asked several times for each sample, so it remembers. */
export function thresholdFor(metric: MetricName, thresholds: readonly Threshold[]): Threshold | undefined {
  const known = ANSWERS.get(thresholds) ?? new Map<MetricName, Threshold | null>();
  const answer = known.get(metric);
  if (answer !== undefined) return answer ?? undefined;
  const found = findThreshold(metric, thresholds);
  if (known.size >= MOST_ANSWERS) known.clear();
  ANSWERS.set(thresholds, known.set(metric, found ?? null));
  return found;
}

function findThreshold(metric: MetricName, thresholds: readonly Threshold[]): Threshold | undefined {
  const family = familyOf(metric);
  return (
    thresholds.find((entry) => entry.metric === metric) ?? thresholds.find((entry) => entry.metric === family)
  );
}

/** `crossed`: the limit counts as crossed already, so the hysteresis applies. */
export function isBeyond(
  value: number,
  limit: number,
  direction: Direction,
  hysteresis: Ratio,
  crossed: boolean,
): boolean {
  if (direction === 'high') return value >= (crossed ? limit * (1 - hysteresis) : limit);
  return value <= (crossed ? lowReturn(limit, hysteresis) : limit);
}

/**
 * Where a low limit is left again. A share (0..1) cannot rise above 1, so it never has to come back by more
 * than half of what is left up to 1.
 */
function lowReturn(limit: number, hysteresis: Ratio): number {
  const back = limit * (1 + hysteresis);
  return limit <= 1 ? Math.min(back, limit + (1 - limit) / 2) : back;
}
