/**
 * What was spent: attempts, breakers and earned trust, on disk before anything runs.
 *
 * An action id can be charged once, ever: that alone makes a second run of the same plan impossible, whoever asks.
 * Ages are counted by the monotonic clock, and over a restart by the time since boot, so a wall clock that jumps
 * neither frees an attempt nor holds one.
 */
import { z } from 'zod';
import type { Clock, StateStore } from '../domain/ports.ts';
import { ACTION_KINDS, type ActionKind, type ActionPlan, type Verification } from '../domain/strategy.ts';
import { type ActionId, days, type EpochMs, hours, type Ms, ms } from '../domain/units.ts';
import { type BreakerLimits, type BreakerState, beginAttempt, CLOSED, endAttempt } from './breaker.ts';
import type { ChargedAttempt } from './guard.ts';
import { ActionIdShape, Moment, VerificationShape } from './shapes.ts';
import { type BootTime, createSteadyMoments, type ReadBootTime } from './steady-moments.ts';
import { openStored, type Stored } from './stored.ts';

/** Longer than any approval lives, so that no action id is forgotten while it could still be used. */
const KEPT: Ms = days(3);
/** So many heals that did not last open the breaker: as many as there are attempts in an hour, and again after its one try. */
const MOST_RELAPSES = 3;
const RELAPSE_WINDOW: Ms = hours(3);

export interface LedgerEntry extends ChargedAttempt {
  readonly actionId: ActionId;
  readonly kind: ActionKind;
  readonly verification: Verification | null;
  /** It helped, and the trouble came back: it did not last. */
  readonly relapsed?: boolean | undefined;
  /** When it was charged, by the clock since boot. */
  readonly since?: BootTime | undefined;
}

export interface LedgerData {
  readonly attempts: readonly LedgerEntry[];
  /** By strategy and target, see `subjectKey`. */
  readonly breakers: Readonly<Record<string, BreakerState & { readonly since?: BootTime | undefined }>>;
  /** Verified successes in a row, by strategy and target. */
  readonly earned: Readonly<Record<string, number>>;
}

export interface Ledger {
  /** False when this action id was charged before: then it must not run. */
  charge(plan: ActionPlan, at: EpochMs): Promise<boolean>;
  isCharged(actionId: ActionId): boolean;
  /** Counts for breaker and trust once; a repeated call changes nothing. */
  settle(actionId: ActionId, verification: Verification, limits: BreakerLimits): Promise<void>;
  /** What this attempt helped came back; counts once. */
  relapse(actionId: ActionId): Promise<void>;
  /** Attempts with their moments on the wall clock as it stands now. */
  attempts(): readonly ChargedAttempt[];
  breaker(strategy: string, target: string | null): BreakerState;
  successes(strategy: string, target: string | null): number;
  readonly stored: Stored<LedgerData>;
}

const Since = z.object({ boot: z.string(), at: z.number().transform((value) => ms(value)) }).optional();

const Entry: z.ZodType<LedgerEntry> = z.object({
  actionId: ActionIdShape,
  at: Moment,
  strategy: z.string(),
  target: z.string().nullable(),
  kind: z.enum(ACTION_KINDS),
  verification: VerificationShape.nullable(),
  relapsed: z.boolean().optional(),
  since: Since,
});

const Schema: z.ZodType<LedgerData> = z.object({
  attempts: z.array(Entry),
  breakers: z.record(
    z.string(),
    z.object({
      failures: z.number().int().min(0),
      openedAt: Moment.nullable(),
      trial: ActionIdShape.nullable(),
      since: Since,
    }),
  ),
  earned: z.record(z.string(), z.number().int().min(0)),
});

/** @throws OpsError `STATE_UNWRITABLE` from `charge` and `settle`. */
export async function openLedger(
  states: StateStore,
  clock: Clock,
  bootTime: ReadBootTime = () => null,
): Promise<Ledger> {
  const stored = await openStored(states, 'healing-ledger', Schema, {
    attempts: [],
    breakers: {},
    earned: {},
  });
  const steady = createSteadyMoments(clock, bootTime);
  const ageOf = (entry: LedgerEntry): Ms => steady.age(entry.actionId, entry.at);
  const breakerOf = (key: string): BreakerState => {
    const state = stored.value.breakers[key] ?? CLOSED;
    const { openedAt } = state;
    return openedAt === null ? state : { ...state, openedAt: steady.now(`${key}/${openedAt}`, openedAt) };
  };
  /** Everything is looked at once now: its age is counted by the monotonic clock from here on. */
  const see = (): void => {
    const { attempts, breakers } = stored.value;
    for (const entry of attempts) {
      steady.recall(entry.actionId, entry.since ?? null);
      ageOf(entry);
    }
    for (const [key, { openedAt, since }] of Object.entries(breakers)) {
      if (openedAt !== null) steady.recall(`${key}/${openedAt}`, since ?? null);
      breakerOf(key);
    }
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
        return charged ? withAttempt(data, plan, at, ageOf, bootTime()) : data;
      });
      see();
      return charged;
    },
    async settle(actionId, verification, limits) {
      await stored.update((data) =>
        withVerification(data, actionId, verification, limits, { now: clock.now(), boot: bootTime() }),
      );
      see();
    },
    async relapse(actionId) {
      const isNews = (data: LedgerData): boolean =>
        data.attempts.some((entry) => entry.actionId === actionId && isLasting(entry));
      if (!isNews(stored.value)) return;
      await stored.update((data) =>
        isNews(data) ? withRelapse(data, actionId, ageOf, { now: clock.now(), boot: bootTime() }) : data,
      );
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
  since: BootTime | null,
): LedgerData {
  const key = subjectKey(plan.strategy, plan.target);
  const entry: LedgerEntry = {
    actionId: plan.actionId,
    at,
    strategy: plan.strategy,
    target: plan.target,
    kind: plan.action.kind,
    verification: null,
    ...(since === null ? {} : { since }),
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
  moment: { readonly now: EpochMs; readonly boot: BootTime | null },
): LedgerData {
  const entry = data.attempts.find((past) => past.actionId === actionId);
  if (entry === undefined || entry.verification !== null) return data;
  const key = subjectKey(entry.strategy, entry.target);
  const breaker = endAttempt(data.breakers[key] ?? CLOSED, actionId, verification, limits, moment.now);
  const { [key]: earned = 0, ...others } = data.earned;
  const { [key]: was, ...breakers } = data.breakers;
  return {
    attempts: data.attempts.map((past) => (past === entry ? { ...past, verification } : past)),
    breakers: breaker === CLOSED ? breakers : { ...breakers, [key]: stamped(breaker, was, moment.boot) },
    earned: verification === 'helped' ? { ...others, [key]: earned + 1 } : others,
  };
}

function isLasting({ verification, relapsed }: LedgerEntry): boolean {
  return verification === 'helped' && relapsed !== true;
}

function withRelapse(
  data: LedgerData,
  actionId: ActionId,
  ageOf: (entry: LedgerEntry) => Ms,
  moment: { readonly now: EpochMs; readonly boot: BootTime | null },
): LedgerData {
  const attempts = data.attempts.map((past) =>
    past.actionId === actionId ? { ...past, relapsed: true } : past,
  );
  const entry = attempts.find((past) => past.actionId === actionId);
  if (entry === undefined) return data;
  const key = subjectKey(entry.strategy, entry.target);
  const relapses = attempts.filter(
    (past) =>
      past.relapsed === true &&
      subjectKey(past.strategy, past.target) === key &&
      ageOf(past) < RELAPSE_WINDOW,
  ).length;
  const { [key]: _earned, ...earned } = data.earned;
  if (relapses < MOST_RELAPSES) return { ...data, attempts, earned };
  const opened = { failures: relapses, openedAt: moment.now, trial: null };
  return {
    attempts,
    earned,
    breakers: { ...data.breakers, [key]: stamped(opened, undefined, moment.boot) },
  };
}

/** A breaker that has just been opened gets the time since boot; one that stands as it was keeps its own. */
function stamped(
  breaker: BreakerState,
  was: LedgerData['breakers'][string] | undefined,
  boot: BootTime | null,
): LedgerData['breakers'][string] {
  if (was !== undefined && was.openedAt === breaker.openedAt) return { ...breaker, since: was.since };
  return boot === null ? breaker : { ...breaker, since: boot };
}
