/**
 * The ladder of the host and one for each target that has a budget of its own: moved by every beat, saved on every
 * change, taken up again after a restart. Pure but for the document.
 */
import type { BudgetUse, ThrottleRung } from '../domain/budget.ts';
import type { ThrottleNeed } from '../domain/throttle.ts';
import type { EpochMs } from '../domain/units.ts';
import { ratio, toIso } from '../domain/units.ts';
import type { ThrottleConfig } from './config.ts';
import { AT_EASE, differs, HOST_RUNGS, isThrottled, type Ladder, step, TARGET_RUNGS } from './ladder.ts';
import type { KeptLadder } from './state-shapes.ts';
import type { LadderNow } from './throttle-plan.ts';

const NOTHING_KNOWN: Around = { idle: () => [], usualMemory: null };
/** Above this there is no memory left to wait for. */
const MOST_HELD = 0.95;

/** A ladder that changed, and from what. */
export interface Move {
  readonly to: LadderNow;
  readonly from: Ladder;
}

/** What the ladders cannot see in the use alone. */
export interface Around {
  /** Rungs on which there is nothing to slow now. */
  idle(target: string | null, need: ThrottleNeed): readonly ThrottleRung[];
  /** The share of memory this host uses as a rule; `null` = not known. */
  readonly usualMemory: number | null;
}

export interface LadderBook {
  /** Takes the use of one beat; returns what changed. */
  take(uses: readonly BudgetUse[], rules: ThrottleConfig, around?: Around): readonly Move[];
  all(): readonly LadderNow[];
  restore(kept: readonly KeptLadder[]): void;
}

export function createLadderBook(): LadderBook {
  const ladders = new Map<string | null, LadderNow>();
  return {
    all: () => [...ladders.values()],
    restore(kept) {
      for (const one of kept) ladders.set(one.target, fromKept(one));
    },
    take(uses, rules, around = NOTHING_KNOWN) {
      const subjects = new Set([...ladders.keys(), ...uses.map(({ target }) => target)]);
      return [...subjects].flatMap((target) => {
        const before = ladders.get(target);
        const next = advance(target, before, uses, rules, around);
        if (isThrottled(next.ladder) || next.ladder.over > 0 || next.stuck) ladders.set(target, next);
        else ladders.delete(target);
        const from = before?.ladder ?? AT_EASE;
        return differs(next.ladder, from) ? [{ to: next, from }] : [];
      });
    },
  };
}

/** What is kept of a ladder on disk; `null` where it is at ease. */
export function toKept({ target, ladder, reason }: LadderNow, since: EpochMs): KeptLadder | null {
  if (!isThrottled(ladder)) return null;
  const { rung, queueShare } = ladder;
  return { target, rung, queueShare, since: toIso(since), reason };
}

function advance(
  target: string | null,
  before: LadderNow | undefined,
  uses: readonly BudgetUse[],
  rules: ThrottleConfig,
  around: Around,
): LadderNow {
  const mine = uses.filter((use) => use.target === target && use.resource !== 'messages');
  const worst = worstOf(mine, rules, around.usualMemory);
  const ladder = before?.ladder ?? AT_EASE;
  // A budget that was taken away asks for nothing any more.
  const pressure = mine.length === 0 || !rules.enabled ? 0 : (worst?.pressure ?? null);
  const rungs = target === null ? HOST_RUNGS : TARGET_RUNGS;
  const need = worst?.need ?? before?.need ?? 'cpu';
  const next = step(ladder, pressure, { ...rules, rungs, idle: around.idle(target, need) });
  const isNews = before === undefined || differs(next, ladder);
  return {
    target,
    ladder: next,
    need,
    stuck: isStuck(before, next, pressure, rules),
    reason: isNews && worst !== null ? worst.words : (before?.reason ?? worst?.words ?? ''),
  };
}

/** Long enough over the budget, and no rung is left. */
function isStuck(
  before: LadderNow | undefined,
  next: Ladder,
  pressure: number | null,
  { beatsOver }: ThrottleConfig,
): boolean {
  const ladder = before?.ladder ?? AT_EASE;
  if (pressure === null || pressure <= 1 || differs(next, ladder)) return false;
  return before?.stuck === true || (ladder.over + 1 >= beatsOver && next.over === 0);
}

interface Worst {
  readonly pressure: number;
  readonly need: ThrottleNeed;
  readonly words: string;
}

function worstOf(
  uses: readonly BudgetUse[],
  rules: ThrottleConfig,
  usualMemory: number | null,
): Worst | null {
  const known = uses.flatMap((use) => {
    const { resource, used, limit } = use;
    if (used === null || resource === 'messages') return [];
    const usual = isOfTheFile(use) ? usualMemory : null;
    const held = usual === null ? limit : Math.min(MOST_HELD, Math.max(limit, usual + rules.memoryRise));
    const rise = held === limit ? '' : `, as a rule it is ${percent(usual ?? 0)}`;
    const words = `${resource} is at ${percent(used)}, its budget is ${percent(limit)}${rise}`;
    return [{ pressure: used / held, need: resource, words }];
  });
  return known.sort((a, b) => b.pressure - a.pressure)[0] ?? null;
}

/**
 * Memory fills with what a host is for: where it is always above the budget of the file, only a rise above what is
 * usual throttles. A budget that a person set is held as it is, and so is one of a target.
 */
function isOfTheFile({ target, resource, source }: BudgetUse): boolean {
  return target === null && resource === 'memory' && source === 'config';
}

function fromKept({ target, rung, queueShare, reason }: KeptLadder): LadderNow {
  const ladder = { ...AT_EASE, rung, queueShare: ratio(queueShare) };
  return { target, ladder, need: reason.startsWith('memory') ? 'memory' : 'cpu', stuck: false, reason };
}

function percent(share: number): string {
  return `${Math.round(share * 100)} %`;
}
