/**
 * What the ladders ask for, held against what is in force: which steps are missing and which are to be given back.
 * Pure.
 */
import type { ThrottleRung } from '../domain/budget.ts';
import type { QueueHold, ThrottleNeed } from '../domain/throttle.ts';
import { days, type EpochMs, elapsed, fromIso, type Ms, minutes } from '../domain/units.ts';
import { batchShare, type Ladder } from './ladder.ts';
import type { KeptStep, ThrottleData } from './state-shapes.ts';

/** What failed is tried again after this. */
export const RETRY: Ms = minutes(5);
/** A cache whose clearing freed nothing is tried again after this. */
const IN_VAIN: Ms = days(1);

/** A ladder with what it is for. */
export interface LadderNow {
  /** `null` = the host. */
  readonly target: string | null;
  readonly ladder: Ladder;
  readonly need: ThrottleNeed;
  /** Over its budget, and there is nothing more here that may be slowed. */
  readonly stuck: boolean;
  /** `cpu at 97 % of the host, budget 80 %` */
  readonly reason: string;
}

export interface Wanted {
  readonly target: string;
  readonly measure: 'slow' | 'clear_cache';
  /** The ladder that asks for it. */
  readonly by: LadderNow;
}

/** One entry a target and measure, whoever asks; the host first. */
export function wantedSteps(
  ladders: readonly LadderNow[],
  may: Readonly<Record<Wanted['measure'], readonly string[]>>,
): readonly Wanted[] {
  const wanted = new Map<string, Wanted>();
  for (const by of ladders) {
    for (const measure of measuresOf(by)) {
      for (const target of may[measure].filter((name) => by.target === null || name === by.target)) {
        const key = `${measure}/${target}`;
        if (!wanted.has(key)) wanted.set(key, { target, measure, by });
      }
    }
  }
  return [...wanted.values()];
}

/** Slowed targets that nobody asks for any more, and caches that were cleared: those leave nothing to take back. */
export function overdue(steps: readonly KeptStep[], wanted: readonly Wanted[]): readonly KeptStep[] {
  return steps.filter(
    ({ plan }) => !wanted.some(({ target, measure }) => target === plan.target && measure === plan.measure),
  );
}

/** Wanted, and neither in force nor done or tried in vain a short while ago. */
export function missing(
  wanted: readonly Wanted[],
  data: ThrottleData,
  holds: (step: KeptStep) => boolean,
  rules: { readonly clearEvery: Ms; readonly now: EpochMs },
): readonly Wanted[] {
  return wanted.filter(({ target, measure }) => {
    const kept = data.steps.find(({ plan }) => plan.target === target && plan.measure === measure);
    if (kept?.state === 'proposed') return true;
    if (kept?.state === 'failed') return isOlder(kept.since, RETRY, rules.now);
    if (measure === 'slow') return kept === undefined || !holds(kept);
    const last = data.cleared[target];
    const pause = last?.freed === false ? Math.max(rules.clearEvery, IN_VAIN) : rules.clearEvery;
    return kept === undefined && isOlder(last?.at, pause as Ms, rules.now);
  });
}

/** How the queues are to be held; `null` = not at all. */
export function holdOf(ladders: readonly LadderNow[], span: Ms): QueueHold | null {
  const host = ladders.find(({ target }) => target === null)?.ladder;
  if (host === undefined || host.rung === 'none') return null;
  return { batch: batchShare(host), others: host.queueShare, span };
}

/** A cache holds memory; without it the processor has more to do. */
function measuresOf({ ladder: { rung }, need }: LadderNow): readonly Wanted['measure'][] {
  if (rung === 'clear_caches' && need === 'memory') return ['slow', 'clear_cache'];
  return isSlowing(rung) ? ['slow'] : [];
}

function isSlowing(rung: ThrottleRung): boolean {
  return rung === 'slow_targets' || rung === 'clear_caches';
}

function isOlder(at: string | undefined, span: Ms, now: EpochMs): boolean {
  const moment = at === undefined ? undefined : fromIso(at);
  return moment === undefined || elapsed(moment, now) >= span;
}
