/**
 * The throttle: moves the ladders of the host and of budgeted targets with every beat, and brings queues and targets
 * to what they say.
 *
 * A change of a ladder is saved before anything is done about it; a restart goes on where it was. While something
 * holds it (dry-run, freeze, maintenance) the ladder still moves, and what it would do is proposed once. What was
 * taken is given back also in dry-run, never under a freeze.
 */
import type { BudgetUse, ThrottleState } from '../domain/budget.ts';
import { describeError } from '../domain/errors.ts';
import type { EventBus, Live } from '../domain/ports.ts';
import type { QueueBrake } from '../domain/throttle.ts';
import { fromIso, type Ms, ms } from '../domain/units.ts';
import type { OptimizerConfig } from './config.ts';
import { batchShare } from './ladder.ts';
import { createLadderBook, type Move, toKept } from './ladder-book.ts';
import { createQueueHolder } from './queue-hold.ts';
import type { ThrottleData } from './state-shapes.ts';
import { type ActDeps, resumeStep } from './throttle-acts.ts';
import { createAround } from './throttle-around.ts';
import { createThrottleNotes } from './throttle-notes.ts';
import { holdOf, type LadderNow } from './throttle-plan.ts';
import { createTargetBringer } from './throttle-targets.ts';

/** A hold of the queues ends by itself after so many beats without a word. */
const HELD_BEATS = 3;

export interface ThrottleDeps extends Omit<ActDeps, 'memoryUse'> {
  readonly config: Live<OptimizerConfig>;
  readonly bus: Pick<EventBus, 'publish'>;
  readonly queues: QueueBrake;
  /** Between two beats. */
  readonly interval: () => Ms;
  /** The share of memory this host uses as a rule; `null` = too little history. */
  readonly usualMemory: () => number | null;
  /** Why nothing may be slowed now; `null` = it may. */
  readonly held: (target: string | null) => string | null;
  readonly isFrozen: () => boolean;
}

export interface Throttle {
  /** One beat. Returns at once; what is to be done is done behind it, one beat at a time. */
  take(uses: readonly BudgetUse[]): void;
  states(): readonly ThrottleState[];
  /** Takes up what the last process left. */
  resume(): Promise<void>;
  /** Resolves when what was begun is done. */
  settled(): Promise<void>;
}

export function createThrottle(deps: ThrottleDeps): Throttle {
  const book = createLadderBook();
  const holder = createQueueHolder(deps);
  const around = createAround(deps);
  const acts: ActDeps = { ...deps, memoryUse: around.memoryUse };
  const bringer = createTargetBringer({ ...deps, ...acts });
  const notes = createThrottleNotes(deps.audit);
  let lane: Promise<void> = Promise.resolve();
  let waiting = false;
  const states = (): readonly ThrottleState[] =>
    book.all().flatMap((one) => (one.ladder.rung === 'none' ? [] : [stateOf(one, deps)]));

  function queue(work: () => Promise<void>): void {
    lane = lane.then(work).catch((cause: unknown) => {
      // The audit log or the disk refused: nothing was done, and the next beat asks again.
      deps.log.error('the throttle could not act', { error: describeError(cause) });
    });
  }

  async function reconcile(): Promise<void> {
    waiting = false;
    const all = book.all();
    if (all.length > 0) await around.look();
    await notes.stuck(all);
    const host = all.find(({ target }) => target === null);
    const hold = holdOf(all, ms(deps.interval() * HELD_BEATS));
    const isOfUse = hold !== null && (holder.isHolding() || around.wouldHold(hold));
    await holder.bring(isOfUse ? hold : null, host?.reason ?? '', deps.held(null));
    await bringer.bring(all);
  }

  return {
    states,
    take(uses) {
      around.see(uses);
      for (const move of book.take(uses, deps.config.current().throttle, around)) {
        queue(() => save(move, deps));
        if (move.to.ladder.rung === move.from.rung) continue;
        queue(() => notes.passed(move));
        queue(async () => tell(move, states(), deps));
      }
      if (waiting) return;
      waiting = true;
      queue(reconcile);
    },
    async resume() {
      book.restore(deps.document.value.ladders);
      for (const step of deps.document.value.steps) if (step.state === 'begun') await resumeStep(step, acts);
    },
    settled: () => lane,
  };
}

async function save({ to }: Move, { document, clock }: ThrottleDeps): Promise<void> {
  await document.update((data: ThrottleData) => {
    const before = data.ladders.find(({ target }) => target === to.target);
    const kept = toKept(to, (before?.since && fromIso(before.since)) || clock.now());
    const others = data.ladders.filter(({ target }) => target !== to.target);
    return { ...data, ladders: kept === null ? others : [...others, kept] };
  });
}

function tell({ to, from }: Move, states: readonly ThrottleState[], deps: ThrottleDeps): void {
  const state = states.find(({ target }) => target === to.target) ?? stateOf(to, deps);
  deps.bus.publish({ type: 'throttle.changed', state, before: from.rung });
}

function stateOf({ target, ladder, reason }: LadderNow, deps: ThrottleDeps): ThrottleState {
  const { ladders, steps } = deps.document.value;
  const since = ladders.find((one) => one.target === target)?.since ?? null;
  return {
    target,
    rung: ladder.rung,
    batchShare: batchShare(ladder),
    queueShare: ladder.queueShare,
    since: since === null ? null : (fromIso(since) ?? null),
    acting: deps.held(target) === null,
    reason,
    steps: steps
      .filter((step) => step.ladder === target)
      .map(({ plan, rung, state, since: at }) => ({
        target: plan.target,
        rung,
        state: state === 'begun' ? 'unknown' : state,
        effect: plan.effect,
        since: fromIso(at) ?? deps.clock.now(),
      })),
  };
}
