/**
 * Brings the targets to what the ladders ask: first given back, then taken, so that a target that changes its ladder
 * is never slowed twice. What cannot be done is said once and asked again after a while, not with every beat.
 */
import type { AuditLog, Live } from '../domain/ports.ts';
import { type EpochMs, elapsed, fromIso, type Ms, minutes } from '../domain/units.ts';
import type { OptimizerConfig } from './config.ts';
import type { KeptStep } from './state-shapes.ts';
import { type ActDeps, type ActResult, doStep, undoStep } from './throttle-acts.ts';
import { type LadderNow, missing, overdue, RETRY, type Wanted, wantedSteps } from './throttle-plan.ts';

/** So long after a cache was cleared it is looked whether that freed memory. */
const FREED_AFTER: Ms = minutes(1);
/** Less is chance. */
const LEAST_FREED = 0.01;

export interface TargetBringerDeps extends ActDeps {
  readonly config: Live<OptimizerConfig>;
  /** Why nothing may be slowed now; `null` = it may. */
  readonly held: (target: string | null) => string | null;
  readonly isFrozen: () => boolean;
}

export interface TargetBringer {
  bring(ladders: readonly LadderNow[]): Promise<void>;
}

export function createTargetBringer(deps: TargetBringerDeps): TargetBringer {
  const refusals = createRefusals(deps.audit);
  const failedUndo = new Map<string, EpochMs>();

  async function giveBack(step: KeptStep): Promise<void> {
    const now = deps.clock.now();
    const failedAt = failedUndo.get(step.id);
    if (failedAt !== undefined && elapsed(failedAt, now) < RETRY) return;
    const result = await undoStep(step, 'nothing is over its budget any more', deps);
    if (result.kind === 'failed') failedUndo.set(step.id, now);
    else failedUndo.delete(step.id);
  }

  async function slow(wanted: readonly Wanted[]): Promise<void> {
    const { targetCpu, targetMemory, clearCacheEvery } = deps.config.current().throttle;
    const rules = { clearEvery: clearCacheEvery, now: deps.clock.now() };
    const holds = ({ plan }: KeptStep): boolean => deps.targets.holds(plan);
    const open = missing(wanted, deps.document.value, holds, rules);
    for (const one of open.filter((step) => !refusals.isFresh(step, rules.now))) {
      const limits = { cpu: targetCpu, memory: targetMemory };
      const result = await doStep(one, limits, deps.held(one.target), deps);
      await refusals.note(one, result, rules.now);
      if (result.kind === 'failed')
        deps.log.warn('a target could not be throttled', { ...result, target: one.target });
    }
  }

  return {
    async bring(all) {
      const { document, targets } = deps;
      const wanted = wantedSteps(all, { slow: targets.targets(), clear_cache: targets.clearable() });
      if (wanted.length === 0) refusals.clear();
      await judgeCleared(deps);
      const old = deps.isFrozen() ? [] : overdue(document.value.steps, wanted);
      for (const step of old) await giveBack(step);
      await slow(wanted);
    },
  };
}

interface Refusals {
  isFresh(wanted: Wanted, now: EpochMs): boolean;
  note(wanted: Wanted, result: ActResult, now: EpochMs): Promise<void>;
  clear(): void;
}

function createRefusals(audit: AuditLog): Refusals {
  const kept = new Map<string, { readonly at: EpochMs; readonly reason: string }>();
  const keyOf = ({ target, measure, by }: Wanted): string => `${measure}/${by.need}/${target}`;
  return {
    isFresh(wanted, now) {
      const last = kept.get(keyOf(wanted));
      return last !== undefined && elapsed(last.at, now) < RETRY;
    },
    async note(wanted, result, now) {
      if (result.kind !== 'not_possible') return void kept.delete(keyOf(wanted));
      const { reason } = result;
      const isNews = kept.get(keyOf(wanted))?.reason !== reason;
      kept.set(keyOf(wanted), { at: now, reason });
      if (!isNews) return;
      const { target, measure, by } = wanted;
      const what =
        measure === 'slow' ? `${target} cannot be slowed` : `The cache of ${target} cannot be cleared`;
      await audit.append({
        kind: 'refusal',
        actor: 'nightshift',
        target,
        text: `${what}: ${reason}; ${by.reason}`,
      });
    },
    clear: () => kept.clear(),
  };
}

/** A minute after a cache was cleared: did it free memory? Only then is it worth to be done again soon. */
async function judgeCleared({ document, clock, memoryUse }: ActDeps): Promise<void> {
  const now = clock.now();
  const use = memoryUse();
  if (use === null) return;
  for (const [target, one] of Object.entries(document.value.cleared)) {
    const at = fromIso(one.at);
    if (one.freed !== null || one.before === null || at === undefined || elapsed(at, now) < FREED_AFTER)
      continue;
    const freed = one.before - use >= LEAST_FREED;
    await document.update((data) => ({ ...data, cleared: { ...data.cleared, [target]: { ...one, freed } } }));
  }
}
