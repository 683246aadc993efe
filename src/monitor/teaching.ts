/** Whether what is seen now may teach what is normal. Pure. */
import { type Anomaly, compareSeverity } from '../domain/anomaly.ts';
import { type EpochMs, elapsed, hours, type Ms } from '../domain/units.ts';

/** Trouble that lasts longer than this is the new normal and teaches again. */
const TEACHES_AFTER: Ms = hours(24);

/** Not in a maintenance or a drill, and not while something worse than *info* is wrong. */
export function mayTeach(teaching: () => boolean, active: readonly Anomaly[], now: EpochMs): boolean {
  if (!teaching()) return false;
  return !active.some(
    (one) => compareSeverity(one.severity, 'warning') >= 0 && elapsed(one.since, now) < TEACHES_AFTER,
  );
}
