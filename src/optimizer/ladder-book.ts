/**
 * The ladder of the host and one for each target that has a budget of its own: moved by every beat, saved on every
 * change, taken up again after a restart. Pure but for the document.
 */
import type { BudgetUse } from '../domain/budget.ts';
import type { ThrottleNeed } from '../domain/throttle.ts';
import type { EpochMs } from '../domain/units.ts';
import { ratio, toIso } from '../domain/units.ts';
import type { ThrottleConfig } from './config.ts';
import { AT_EASE, differs, HOST_RUNGS, isThrottled, type Ladder, step, TARGET_RUNGS } from './ladder.ts';
import type { KeptLadder } from './state-shapes.ts';
import type { LadderNow } from './throttle-plan.ts';

/** A ladder that changed, and from what. */
export interface Move {
  readonly to: LadderNow;
  readonly from: Ladder;
}

export interface LadderBook {
  /** Takes the use of one beat; returns what changed. */
  take(uses: readonly BudgetUse[], rules: ThrottleConfig): readonly Move[];
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
    take(uses, rules) {
      const subjects = new Set([...ladders.keys(), ...uses.map(({ target }) => target)]);
      return [...subjects].flatMap((target) => {
        const before = ladders.get(target);
        const next = advance(target, before, uses, rules);
        if (isThrottled(next.ladder) || next.ladder.over > 0) ladders.set(target, next);
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
): LadderNow {
  const mine = uses.filter((use) => use.target === target && use.resource !== 'messages');
  const worst = worstOf(mine);
  const ladder = before?.ladder ?? AT_EASE;
  // A budget that was taken away asks for nothing any more.
  const pressure = mine.length === 0 || !rules.enabled ? 0 : (worst?.pressure ?? null);
  const rungs = target === null ? HOST_RUNGS : TARGET_RUNGS;
  const next = step(ladder, pressure, { ...rules, rungs });
  const isNews = before === undefined || differs(next, ladder);
  return {
    target,
    ladder: next,
    need: worst?.need ?? before?.need ?? 'cpu',
    reason: isNews && worst !== null ? worst.words : (before?.reason ?? worst?.words ?? ''),
  };
}

interface Worst {
  readonly pressure: number;
  readonly need: ThrottleNeed;
  readonly words: string;
}

function worstOf(uses: readonly BudgetUse[]): Worst | null {
  const known = uses.flatMap(({ resource, used, limit }) => {
    if (used === null || resource === 'messages') return [];
    const words = `${resource} is at ${percent(used)}, its budget is ${percent(limit)}`;
    return [{ pressure: used / limit, need: resource, words }];
  });
  return known.sort((a, b) => b.pressure - a.pressure)[0] ?? null;
}

function fromKept({ target, rung, queueShare, reason }: KeptLadder): LadderNow {
  const ladder = { ...AT_EASE, rung, queueShare: ratio(queueShare) };
  return { target, ladder, need: reason.startsWith('memory') ? 'memory' : 'cpu', reason };
}

function percent(share: number): string {
  return `${Math.round(share * 100)} %`;
}
