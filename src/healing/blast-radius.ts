/**
 * Too many sick at once? Then there is one cause that no restart will mend. Pure.
 *
 * A target whose dependency explains its trouble does not count: one dead database with fifty children is one
 * sick target, and healing it is right.
 */
import { type EpochMs, elapsed, type Ms, type Ratio } from '../domain/units.ts';

export interface BlastLimits {
  readonly within: Ms;
  readonly minTargets: number;
  readonly sickShare: Ratio;
}

/** A target with a confirmed anomaly, and when that was found. */
export interface SickTarget {
  readonly name: string;
  readonly foundAt: EpochMs;
}

export interface CommonCause {
  readonly sick: readonly string[];
  readonly total: number;
}

/**
 * @param sick Sick targets that no sick dependency explains.
 * @param total How many targets there are.
 */
export function findCommonCause(
  sick: readonly SickTarget[],
  total: number,
  limits: BlastLimits,
  now: EpochMs,
): CommonCause | null {
  if (total < limits.minTargets) return null;
  const recent = new Set(
    sick.filter((target) => elapsed(target.foundAt, now) <= limits.within).map((target) => target.name),
  );
  return recent.size > total * limits.sickShare ? { sick: [...recent].sort(), total } : null;
}

export function describeCommonCause(cause: CommonCause): string {
  const shown = cause.sick.slice(0, 5).join(', ');
  const more = cause.sick.length > 5 ? ` and ${cause.sick.length - 5} more` : '';
  return `${cause.sick.length} of ${cause.total} targets became sick together: ${shown}${more}`;
}
