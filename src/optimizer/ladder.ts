/**
 * How far to throttle: one rung up after a few beats over the budget, back only after many beats well under it. Pure.
 *
 * On the first rung batch tasks start only while there is credit: what a beat leaves of the budget is added, what it
 * takes too much is taken off. So the mean use settles at the budget, however coarse the tasks are. When it is passed
 * though no batch task starts any more, all tasks below critical lose places, then targets are slowed, then caches
 * cleared. Unknown use changes nothing. A rung on which there is nothing to slow is passed over.
 */
import { THROTTLE_RUNGS, type ThrottleRung } from '../domain/budget.ts';
import { type Ratio, ratio } from '../domain/units.ts';

/** Credit is bounded to one beat of the whole budget, either way. */
const MOST_CREDIT = 1;
/** The mean is to stay just under the budget. */
const AIM = 0.98;
/** Work below critical goes on, slowly, whatever happens. */
const LEAST_QUEUE = 0.25;
const GIVEN_BACK = 0.1;
/** A tenth over the budget takes a fifth; one decision at most half and at least a twentieth. */
const GAIN = 2;
const STRONGEST = 0.5;
const WEAKEST = 0.95;

export interface LadderRules {
  readonly beatsOver: number;
  readonly beatsUnder: number;
  readonly hysteresis: Ratio;
  /** The rungs that exist for this ladder, in order, `none` first. */
  readonly rungs: readonly ThrottleRung[];
  /** Rungs on which there is nothing to slow now: they are passed over. */
  readonly idle?: readonly ThrottleRung[];
}

export interface Ladder {
  readonly rung: ThrottleRung;
  /** Of the budget, saved up or overdrawn, in beats. Batch tasks may start while it is positive. */
  readonly credit: number;
  readonly queueShare: Ratio;
  /** Beats in a row over the budget, and well under it. */
  readonly over: number;
  readonly under: number;
}

export const AT_EASE: Ladder = { rung: 'none', credit: 0, queueShare: ratio(1), over: 0, under: 0 };

export const HOST_RUNGS: readonly ThrottleRung[] = THROTTLE_RUNGS;
/** A target's own budget is no reason to slow the queues. */
export const TARGET_RUNGS: readonly ThrottleRung[] = ['none', 'slow_targets', 'clear_caches'];

/** @param use Used over allowed, of the budget that is worst off: 1 = exactly spent; `null` = unknown. */
export function step(before: Ladder, use: number | null, rules: LadderRules): Ladder {
  if (use === null) return before;
  const ladder = { ...before, credit: creditAfter(before, use) };
  if (use > 1 && !isHelping(before, rules)) {
    const over = ladder.over + 1;
    return over < rules.beatsOver
      ? { ...ladder, over, under: 0 }
      : { ...tighter(ladder, use, rules), ...CALM };
  }
  if (use < 1 - rules.hysteresis && isThrottled(ladder) && isEasy(before)) {
    const under = ladder.under + 1;
    return under < rules.beatsUnder ? { ...ladder, under, over: 0 } : { ...looser(ladder, rules), ...CALM };
  }
  return { ...ladder, ...CALM };
}

export function isThrottled(ladder: Ladder): boolean {
  return ladder.rung !== 'none';
}

/** Share of the next beat in which batch tasks may start. */
export function batchShare({ rung, credit }: Ladder): Ratio {
  if (rung === 'none') return ratio(1);
  return ratio(rung === 'delay_batch' && credit > 0 ? 1 : 0);
}

/** True where something is to be saved and said. */
export function differs(a: Ladder, b: Ladder): boolean {
  return a.rung !== b.rung || a.queueShare !== b.queueShare;
}

const CALM = { over: 0, under: 0 } as const;

function creditAfter({ rung, credit }: Ladder, use: number): number {
  if (rung !== 'delay_batch') return 0;
  return Math.min(MOST_CREDIT, Math.max(-MOST_CREDIT, credit + AIM - use));
}

/** Batch tasks are still being weighed against the budget: no reason to go further yet. */
function isHelping(ladder: Ladder, { rungs, idle = [] }: LadderRules): boolean {
  if (!rungs.includes('delay_batch') || idle.includes('delay_batch')) return false;
  return ladder.rung === 'delay_batch' && ladder.credit > -MOST_CREDIT;
}

/** Well under the budget although batch tasks may start: they are not what fills it. */
function isEasy({ rung, credit }: Ladder): boolean {
  return rung !== 'delay_batch' || credit >= MOST_CREDIT;
}

function tighter(ladder: Ladder, use: number, { rungs, idle = [] }: LadderRules): Ladder {
  const factor = Math.min(WEAKEST, Math.max(STRONGEST, 1 - GAIN * (use - 1)));
  if (ladder.rung === 'slow_queue' && ladder.queueShare > LEAST_QUEUE && !idle.includes('slow_queue')) {
    return { ...ladder, queueShare: ratio(Math.max(LEAST_QUEUE, round(ladder.queueShare * factor))) };
  }
  const next = rungs.slice(rungs.indexOf(ladder.rung) + 1).find((rung) => !idle.includes(rung));
  if (next === undefined) return ladder;
  return next === 'slow_queue'
    ? { ...ladder, rung: next, queueShare: ratio(round(factor)) }
    : { ...ladder, rung: next };
}

function looser(ladder: Ladder, { rungs }: LadderRules): Ladder {
  const below = rungs[rungs.indexOf(ladder.rung) - 1] ?? 'none';
  if (ladder.rung !== 'slow_queue') return { ...ladder, rung: below };
  const queueShare = ratio(Math.min(1, round(ladder.queueShare + GIVEN_BACK)));
  return { ...ladder, queueShare, rung: queueShare === 1 ? below : ladder.rung };
}

/** Whole percents: what a person is told is what holds. */
function round(share: number): number {
  return Math.round(share * 100) / 100;
}
