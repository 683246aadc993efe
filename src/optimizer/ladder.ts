/**
 * How far to throttle: one rung up after a few beats over the budget, back only after many beats well under it. Pure.
 *
 * The first two rungs are not switches: batch tasks keep a share of the time in which they may start, then all tasks
 * below critical keep a share of the queue. A share is lowered the more the budget is exceeded and given back in
 * small steps, so that use settles just under the budget instead of swinging. Unknown use changes nothing.
 */
import { THROTTLE_RUNGS, type ThrottleRung } from '../domain/budget.ts';
import { type Ratio, ratio } from '../domain/units.ts';

/** Less than this is nothing. */
const LEAST_BATCH = 0.05;
/** Work below critical goes on, slowly, whatever happens. */
const LEAST_QUEUE = 0.25;
const GIVEN_BACK = 0.1;
/** A tenth over the budget takes a fifth. */
const GAIN = 2;
/** One decision takes at most half and at least a twentieth. */
const STRONGEST = 0.5;
const WEAKEST = 0.95;

export interface LadderRules {
  readonly beatsOver: number;
  readonly beatsUnder: number;
  readonly hysteresis: Ratio;
  /** The rungs that exist for this ladder, in order, `none` first. */
  readonly rungs: readonly ThrottleRung[];
}

export interface Ladder {
  readonly rung: ThrottleRung;
  readonly batchShare: Ratio;
  readonly queueShare: Ratio;
  /** Beats in a row over the budget, and well under it. */
  readonly over: number;
  readonly under: number;
}

export const AT_EASE: Ladder = {
  rung: 'none',
  batchShare: ratio(1),
  queueShare: ratio(1),
  over: 0,
  under: 0,
};

export const HOST_RUNGS: readonly ThrottleRung[] = THROTTLE_RUNGS;
/** A target's own budget is no reason to slow the queues. */
export const TARGET_RUNGS: readonly ThrottleRung[] = ['none', 'slow_targets', 'clear_caches'];

/** @param use Used over allowed, of the budget that is worst off: 1 = exactly spent; `null` = unknown. */
export function step(ladder: Ladder, use: number | null, rules: LadderRules): Ladder {
  if (use === null) return ladder;
  if (use > 1) {
    const over = ladder.over + 1;
    return over < rules.beatsOver
      ? { ...ladder, over, under: 0 }
      : { ...tighter(ladder, use, rules), ...CALM };
  }
  if (use < 1 - rules.hysteresis && isThrottled(ladder)) {
    const under = ladder.under + 1;
    return under < rules.beatsUnder ? { ...ladder, under, over: 0 } : { ...looser(ladder, rules), ...CALM };
  }
  return { ...ladder, ...CALM };
}

export function isThrottled(ladder: Ladder): boolean {
  return ladder.rung !== 'none';
}

/** True where something is to be done or undone. */
export function differs(a: Ladder, b: Ladder): boolean {
  return a.rung !== b.rung || a.batchShare !== b.batchShare || a.queueShare !== b.queueShare;
}

const CALM = { over: 0, under: 0 } as const;

function tighter(ladder: Ladder, use: number, rules: LadderRules): Ladder {
  const factor = Math.min(WEAKEST, Math.max(STRONGEST, 1 - GAIN * (use - 1)));
  if (ladder.rung === 'delay_batch' && ladder.batchShare > 0) {
    return { ...ladder, batchShare: cutShare(ladder.batchShare, factor) };
  }
  if (ladder.rung === 'slow_queue' && ladder.queueShare > LEAST_QUEUE) {
    return { ...ladder, queueShare: ratio(Math.max(LEAST_QUEUE, round(ladder.queueShare * factor))) };
  }
  const next = rules.rungs[rules.rungs.indexOf(ladder.rung) + 1];
  if (next === undefined) return ladder;
  if (next === 'delay_batch')
    return { ...ladder, rung: next, batchShare: cutShare(ladder.batchShare, factor) };
  if (next === 'slow_queue') return { ...ladder, rung: next, queueShare: ratio(round(factor)) };
  return { ...ladder, rung: next };
}

function looser(ladder: Ladder, rules: LadderRules): Ladder {
  const below = rules.rungs[rules.rungs.indexOf(ladder.rung) - 1] ?? 'none';
  if (ladder.rung === 'slow_queue' && ladder.queueShare < 1) {
    const queueShare = ratio(Math.min(1, round(ladder.queueShare + GIVEN_BACK)));
    return { ...ladder, queueShare, rung: queueShare === 1 ? below : ladder.rung };
  }
  if (ladder.rung === 'delay_batch' && ladder.batchShare < 1) {
    const batchShare = ratio(Math.min(1, round(ladder.batchShare + GIVEN_BACK)));
    return { ...ladder, batchShare, rung: batchShare === 1 ? below : ladder.rung };
  }
  return { ...ladder, rung: below };
}

function cutShare(share: Ratio, factor: number): Ratio {
  const cut = round(share * factor);
  return ratio(cut < LEAST_BATCH ? 0 : cut);
}

/** Whole percents: what a person is told is what holds. */
function round(share: number): number {
  return Math.round(share * 100) / 100;
}
