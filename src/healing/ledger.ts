/**
 * What was spent: attempts, breakers and earned trust, on disk before anything runs.
 *
 * An action id can be charged once, ever: that alone makes a second run of the same plan impossible, whoever asks.
 * Ages are counted by the monotonic clock, so a wall clock that jumps neither frees an attempt nor holds one.
 */
import { z } from 'zod';
import type { Clock, StateStore } from '../domain/ports.ts';
import { ACTION_KINDS, type ActionKind, type ActionPlan, type Verification } from '../domain/strategy.ts';
import { type ActionId, days, type EpochMs, type Ms } from '../domain/units.ts';
import { type BreakerLimits, type BreakerState, beginAttempt, CLOSED, endAttempt } from './breaker.ts';
import type { ChargedAttempt } from './guard.ts';
import { ActionIdShape, Moment, VerificationShape } from './shapes.ts';
import { createSteadyMoments } from './steady-moments.ts';
import { openStored, type Stored } from './stored.ts';

/** Longer than any approval lives, so that no action id is forgotten while it could still be used. */
const KEPT: Ms = days(3);

export interface LedgerEntry extends ChargedAttempt {
  readonly actionId: ActionId;
  readonly kind: ActionKind;
  readonly verification: Verification | null;
}

export interface LedgerData {
  readonly attempts: readonly LedgerEntry[];
  /** By strategy and target, see `subjectKey`. */
  readonly breakers: Readonly<Record<string, BreakerState>>;
  /** Verified successes in a row, by strategy and target. */
  readonly earned: Readonly<Record<string, number>>;
}

export interface Ledger {
  /** False when this action id was charged before: then it must not run. */
  charge(plan: ActionPlan, at: EpochMs): Promise<boolean>;
  isCharged(actionId: ActionId): boolean;
  /** Counts for breaker and trust once; a repeated call changes nothing. */
  settle(actionId: ActionId, verification: Verification, limits: BreakerLimits): Promise<void>;
  /** Attempts with their moments on the wall clock as it stands now. */
  attempts(): readonly ChargedAttempt[];
  breaker(strategy: string, target: string | null): BreakerState;
  successes(strategy: string, target: string | null): number;
  readonly stored: Stored<LedgerData>;
}

const Entry: z.ZodType<LedgerEntry> = z.object({
  actionId: ActionIdShape,
  at: Moment,
  strategy: z.string(),
  target: z.string().nullable(),
  kind: z.enum(ACTION_KINDS),
  verification: VerificationShape.nullable(),
});

const Schema: z.ZodType<LedgerData> = z.object({
  attempts: z.array(Entry),
  breakers: z.record(
    z.string(),
    z.object({
      failures: z.number().int().min(0),
      openedAt: Moment.nullable(),
      trial: ActionIdShape.nullable(),
    }),
  ),
  earned: z.record(z.string(), z.number().int().min(0)),
});

/** @throws OpsError `STATE_UNWRITABLE` from `charge` and `settle`. */
export async function openLedger(states: StateStore, clock: Clock): Promise<Ledger> {
  const stored = await openStored(states, 'healing-ledger', Schema, {
    attempts: [],
    breakers: {},
    earned: {},
  });
  const steady = createSteadyMoments(clock);
  const ageOf = (entry: LedgerEntry): Ms => steady.age(entry.actionId, entry.at);
  const breakerOf = (key: string): BreakerState => {
    const state = stored.value.breakers[key] ?? CLOSED;
    const { openedAt } = state;
    return openedAt === null ? state : { ...state, openedAt: steady.now(`${key}/${openedAt}`, openedAt) };
  };
  /** Everything is looked at once now: its age is counted by the monotonic clock from here on. */
  const see = (): void => {
    const { attempts, breakers } = stored.value;
    for (const entry of attempts) ageOf(entry);
    for (const key of Object.keys(breakers)) breakerOf(key);
    const opened = Object.entries(breakers).map(([key, { openedAt }]) => `${key}/${openedAt}`);
    steady.keepOnly(new Set([...attempts.map(({ actionId }) => actionId), ...opened]));
  };
  see();

  return {
    stored,
    isCharged: (actionId) => stored.value.attempts.some((entry) => entry.actionId === actionId),
    async charge(plan, at) {
      let charged = false;
      await stored.update((data) => {
        charged = !data.attempts.some((entry) => entry.actionId === plan.actionId);
        return charged ? withAttempt(data, plan, at, ageOf) : data;
      });
      see();
      return charged;
    },
    async settle(actionId, verification, limits) {
      await stored.update((data) => withVerification(data, actionId, verification, limits, clock.now()));
      see();
    },
    attempts: () =>
      stored.value.attempts.map((entry) => ({ ...entry, at: steady.now(entry.actionId, entry.at) })),
    breaker: (strategy, target) => breakerOf(subjectKey(strategy, target)),
    successes: (strategy, target) => stored.value.earned[subjectKey(strategy, target)] ?? 0,
  };
}

export function subjectKey(strategy: string, target: string | null): string {
  return `${strategy}@${target ?? ''}`;
}

function withAttempt(
  data: LedgerData,
  plan: ActionPlan,
  at: EpochMs,
  ageOf: (entry: LedgerEntry) => Ms,
): LedgerData {
  const key = subjectKey(plan.strategy, plan.target);
  const entry: LedgerEntry = {
    actionId: plan.actionId,
    at,
    strategy: plan.strategy,
    target: plan.target,
    kind: plan.action.kind,
    verification: null,
  };
  const breaker = beginAttempt(data.breakers[key] ?? CLOSED, plan.actionId);
  return {
    ...data,
    attempts: [...data.attempts.filter((past) => ageOf(past) < KEPT), entry],
    breakers: breaker === CLOSED ? data.breakers : { ...data.breakers, [key]: breaker },
  };
}

function withVerification(
  data: LedgerData,
  actionId: ActionId,
  verification: Verification,
  limits: BreakerLimits,
  now: EpochMs,
): LedgerData {
  const entry = data.attempts.find((past) => past.actionId === actionId);
  if (entry === undefined || entry.verification !== null) return data;
  const key = subjectKey(entry.strategy, entry.target);
  const breaker = endAttempt(data.breakers[key] ?? CLOSED, actionId, verification, limits, now);
  const { [key]: earned = 0, ...others } = data.earned;
  const { [key]: _was, ...breakers } = data.breakers;
  return {
    attempts: data.attempts.map((past) => (past === entry ? { ...past, verification } : past)),
    breakers: breaker === CLOSED ? breakers : { ...breakers, [key]: breaker },
    earned: verification === 'helped' ? { ...others, [key]: earned + 1 } : others,
  };
}
