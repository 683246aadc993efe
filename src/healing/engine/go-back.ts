/**
 * What was switched for the time of trouble goes back by itself: a fallback, a cache, more workers. Each is kept
 * with its incident until it is taken back, so that no restart forgets it. It is time when what gave the alarm, or
 * the probe of what a fallback replaces, has been good without a break for long enough, and nothing is wrong with
 * the target. Each time it had to be switched again within a day, the wait is doubled.
 */
import { isLive } from '../../domain/incident.ts';
import type { JudgedSample, MetricName } from '../../domain/metric.ts';
import type { ActionPlan } from '../../domain/strategy.ts';
import { before, days, type EpochMs, elapsed, type Ms, ms } from '../../domain/units.ts';
import { activeAnomalies, type IncidentRecord, type Undoable, waitOf } from '../incident-record.ts';
import type { Core } from './core.ts';

const REPEATS_WITHIN: Ms = days(1);
const MOST_DOUBLINGS = 4;
/** So many of the samples may be without a value, and so many good ones there must be. */
const MISSING = 0.05;
const FEWEST_GOOD = 3;

/** The reason why it goes back now, or `null`. */
export function whyBack(core: Core, record: IncidentRecord, { plan }: Undoable): string | null {
  const wait = waitOf(plan);
  if (wait === null || plan.target === null) return null;
  const now = core.deps.clock.now();
  const span = ms(wait * 2 ** Math.min(MOST_DOUBLINGS, repeatsOf(core, plan, now)));
  const done = record.incident.attempts.find(({ actionId }) => actionId === plan.actionId)?.finishedAt ?? now;
  if (elapsed(done, now) < span || isInTrouble(core, plan.target)) return null;
  const metrics = witnessesOf(core, record, plan.target);
  const { staleAfter } = core.deps.config.current().limits;
  const isWell = (metric: MetricName): boolean =>
    isSteadilyGood(core.deps.metrics.judgedSince(metric, before(now, span)), { span, now, staleAfter });
  if (metrics.length === 0 || !metrics.every(isWell)) return null;
  return `${metrics.join(', ')} good for ${Math.round(span / 60_000)} min`;
}

/** Good all the time: covered by samples up to now, none bad, few missing. Pure. */
export function isSteadilyGood(
  samples: readonly JudgedSample[],
  { span, now, staleAfter }: { readonly span: Ms; readonly now: EpochMs; readonly staleAfter: Ms },
): boolean {
  const [first, last] = [samples[0], samples.at(-1)];
  if (first === undefined || last === undefined) return false;
  if (elapsed(first.at, now) < span - staleAfter || elapsed(last.at, now) > staleAfter) return false;
  if (samples.some(({ verdict }) => verdict === 'bad')) return false;
  const good = samples.filter(({ verdict }) => verdict === 'good').length;
  return good >= FEWEST_GOOD && good >= samples.length * (1 - MISSING);
}

/** What says that the first way is well again: its own probe, else what gave the alarm. */
function witnessesOf({ deps }: Core, { incident }: IncidentRecord, target: string): readonly MetricName[] {
  const probe = deps.targets.get(target)?.target.primaryProbe ?? null;
  if (probe !== null) return [`success_rate:${probe}`];
  return [...new Set(incident.anomalies.map(({ evidence }) => evidence.metric))];
}

function isInTrouble({ incidents }: Core, target: string): boolean {
  return incidents
    .records()
    .some(
      (record) =>
        isLive(record.incident) &&
        (record.incident.target === target ||
          activeAnomalies(record).some((anomaly) => anomaly.target === target)),
    );
}

/** How often the same was done on the target before, within a day. */
function repeatsOf({ ledger }: Core, { action, target }: ActionPlan, now: EpochMs): number {
  const same = ledger
    .attempts()
    .filter((past) => past.kind === action.kind && past.target === target)
    .filter((past) => elapsed(past.at, now) < REPEATS_WITHIN);
  return Math.max(0, same.length - 1);
}
