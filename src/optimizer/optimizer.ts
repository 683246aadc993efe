/**
 * The optimizer room: learns the load of the week, suggests how wide normal is by hour, holds use against budgets,
 * throttles in steps and says ahead what will run out.
 *
 * Publishes `budget.exceeded` and `throttle.changed`. Recommends only, until somebody accepts or auto mode is on;
 * acts on queues and targets only in production mode and never under a freeze. Before `start` it knows nothing and
 * answers with what is configured.
 */
import type { ControlResult } from '../domain/controls.ts';
import { OpsError } from '../domain/errors.ts';
import type { Beat } from '../domain/metric.ts';
import type { Forecasts, OptimizerDesk, OptimizerStatus } from '../domain/optimizer.ts';
import type { ThresholdOffsets } from '../domain/ports.ts';
import { actorName, done, would } from './audited.ts';
import { budgetHistory } from './budget-history.ts';
import { type BudgetWatch, createBudgetWatch } from './budget-watch.ts';
import { type HeldBudget, heldBudgets } from './budgets.ts';
import { type Home, openHome } from './home.ts';
import { type Look, lookAtHistory } from './learner.ts';
import { lookWords } from './look-words.ts';
import type { OptimizerDeps } from './optimizer-deps.ts';
import { ALL, AUTO } from './tuning-desk.ts';

export interface Optimizer extends OptimizerDesk {
  /** Reads what was kept and takes up what was throttled. */
  start(): Promise<void>;
  /** What is throttled stays as it is: the next start goes on from there. */
  stop(): Promise<void>;
  readonly offsets: ThresholdOffsets;
  readonly forecasts: Forecasts;
  /** `sample.taken`. */
  take(beat: Beat): void;
  /** The scheduled look at the history. */
  learn(): Promise<void>;
  /** The look ahead, more often: a disk can fill within the hour. After a start it also learns the profiles again. */
  lookAhead(): Promise<void>;
  /** Messages an hour, where a budget for them was set here. */
  messageBudget(): number | null;
  complaints(): readonly string[];
}

const NOTHING: Look = { profiles: [], tuned: [], forecasts: [], usualMemory: null };

export function createOptimizer(deps: OptimizerDeps): Optimizer {
  const { clock, bus } = deps;
  const parts = createParts(deps);
  const { watch } = parts;
  return {
    async start() {
      parts.home ??= await openHome(deps, () => parts.look.usualMemory);
    },
    async stop() {
      await parts.home?.throttle.settled();
    },
    offsets: { current: (metric, now) => parts.home?.tuning.sigmasAt(metric, now) ?? null },
    forecasts: { current: () => parts.look.forecasts },
    take(beat) {
      const held = heldNow(parts, deps);
      for (const use of watch.take(beat, held)) bus.publish({ type: 'budget.exceeded', use });
      if (deps.throttles) parts.home?.throttle.take(watch.uses(held, beat.at));
    },
    async learn() {
      const { budgets, tuning } = opened(parts);
      await budgets.expire();
      await learnNow(parts, deps);
      if (deps.config.current().learning.mode === 'auto' && deps.isProduction()) {
        await tuning.accept(ALL, AUTO, false);
      }
    },
    async lookAhead() {
      if (parts.look === NOTHING) parts.look = await lookNow(parts, deps);
      const config = deps.config.current();
      const ahead = await lookAtHistory('ahead', deps, config, heldNow(parts, deps), clock.now());
      parts.look = { ...parts.look, forecasts: ahead.forecasts, usualMemory: ahead.usualMemory };
    },
    messageBudget: () => heldNow(parts, deps).find(({ resource }) => resource === 'messages')?.limit ?? null,
    complaints: () => parts.home?.complaints ?? [],
    budgets: () => watch.uses(heldNow(parts, deps), clock.now()),
    budgetHistory: (span) => budgetHistory(watch.uses(heldNow(parts, deps), clock.now()), span, deps),
    status: () => statusOf(parts, deps),
    explain(metric) {
      const profile = parts.look.profiles.find((one) => one.metric === metric);
      return parts.home?.tuning.explain(metric, profile, clock.now()) ?? [];
    },
    setBudget: (order, by, dryRun) => opened(parts).budgets.set(order, by, dryRun),
    resetBudget: (reset, by, dryRun) => opened(parts).budgets.reset(reset, by, dryRun),
    run: (_, dryRun) => run(parts, deps, dryRun),
    accept: (id, by, dryRun) => opened(parts).tuning.accept(id, actorName(by), dryRun),
    reject: (id, by, dryRun) => opened(parts).tuning.reject(id, actorName(by), dryRun),
  };
}

/** What is there at once, and what comes with the start. */
interface Parts {
  readonly watch: BudgetWatch;
  home: Home | null;
  look: Look;
}

function createParts({ size, messages }: OptimizerDeps): Parts {
  return { watch: createBudgetWatch(size, messages), home: null, look: NOTHING };
}

function opened({ home }: Parts): Home {
  if (home === null) throw new OpsError('NOT_RUNNING', 'the optimizer has not started yet');
  return home;
}

function heldNow({ home }: Parts, { config, clock }: OptimizerDeps): readonly HeldBudget[] {
  const now = clock.now();
  return home?.budgets.held(now) ?? heldBudgets(config.current().budgets, [], now);
}

function statusOf({ home, look }: Parts, { config }: OptimizerDeps): OptimizerStatus {
  return {
    tuning: config.current().learning.mode,
    lastRun: home?.tuning.lastRun() ?? null,
    profiles: look.profiles,
    suggestions: home?.tuning.suggestions() ?? [],
    throttle: home?.throttle.states() ?? [],
    forecasts: look.forecasts,
  };
}

async function learnNow(parts: Parts, deps: OptimizerDeps): Promise<Look> {
  parts.look = await lookNow(parts, deps);
  await opened(parts).tuning.keep(parts.look.tuned);
  return parts.look;
}

function lookNow(parts: Parts, deps: OptimizerDeps): Promise<Look> {
  return lookAtHistory('all', deps, deps.config.current(), heldNow(parts, deps), deps.clock.now());
}

/** Looking changes nothing but the list of suggestions; a dry run not even that. */
async function run(parts: Parts, deps: OptimizerDeps, dryRun: boolean): Promise<ControlResult> {
  const { tuning } = opened(parts);
  if (!dryRun) return done(lookWords(await learnNow(parts, deps), tuning.suggestions()));
  const found = await lookNow(parts, deps);
  return would(lookWords(found, tuning.preview(found.tuned)));
}
