/**
 * Does one step of the ladder, or takes it back: the intent on disk, then the plan with all that undoes it, then the
 * act under a deadline, then its outcome.
 *
 * Whatever moment the process dies at, the document says what may have been changed and how to give it back. Slowing
 * a target twice changes nothing, so a step of unknown outcome is done again; a cache is not cleared again.
 */
import { describeError } from '../domain/errors.ts';
import type { AuditLog, Clock, Document, Logger } from '../domain/ports.ts';
import type { Outcome } from '../domain/strategy.ts';
import type { TargetThrottle, ThrottleLimits } from '../domain/throttle.ts';
import { type Ms, seconds, toIso } from '../domain/units.ts';
import { withDeadline } from '../platform/deadline.ts';
import type { KeptStep, ThrottleData } from './state-shapes.ts';
import type { Wanted } from './throttle-plan.ts';

const ACT_LIMIT: Ms = seconds(20);
const ACTOR = 'nightshift';

export interface ActDeps {
  readonly clock: Clock;
  readonly log: Logger;
  readonly audit: AuditLog;
  readonly targets: TargetThrottle;
  readonly document: Document<ThrottleData>;
  /** Share of the host's memory in use; `null` = not known. */
  readonly memoryUse: () => number | null;
}

/** What became of a wanted step. `reason` says why nothing was done. */
export type ActResult =
  | { readonly kind: 'done' }
  | { readonly kind: 'proposed' }
  | { readonly kind: 'not_possible'; readonly reason: string }
  | { readonly kind: 'failed'; readonly reason: string };

/** @param held Why nothing may be done now; then it is only proposed. */
export async function doStep(
  wanted: Wanted,
  limits: ThrottleLimits,
  held: string | null,
  deps: ActDeps,
): Promise<ActResult> {
  const { target, measure, by } = wanted;
  const answer =
    measure === 'slow'
      ? await deps.targets.slow(target, by.need, limits)
      : await deps.targets.clearCache(target);
  if (answer.kind === 'cannot') return { kind: 'not_possible', reason: answer.reason };
  const kept: KeptStep = {
    id: `${measure}/${target}`,
    ladder: by.target,
    rung: by.ladder.rung,
    plan: answer.plan,
    state: 'begun',
    since: toIso(deps.clock.now()),
  };
  if (held !== null) return propose({ ...kept, state: 'proposed' }, held, by.reason, deps);
  await deps.audit.append(
    entry('intent', `Throttle ${target}: ${answer.plan.effect}, because ${by.reason}`, kept),
  );
  const before = deps.memoryUse();
  await keep(kept, deps);
  const outcome = await act(kept, deps, (signal) => deps.targets.apply(answer.plan, signal));
  const done = outcome.kind === 'succeeded';
  await keep({ ...kept, state: done ? 'applied' : 'failed' }, deps);
  if (done && measure === 'clear_cache') await noteCleared(target, before, deps);
  return done ? { kind: 'done' } : { kind: 'failed', reason: reasonOf(outcome) };
}

/** Gives back what a step took. What it did is unknown? Then what it would have taken is put back, which is harmless. */
export async function undoStep(step: KeptStep, why: string, deps: ActDeps): Promise<ActResult> {
  const { plan } = step;
  if (plan.undo === null || step.state === 'proposed') {
    await drop(step, deps);
    return { kind: 'done' };
  }
  await deps.audit.append(
    entry('intent', `Throttle of ${plan.target} ends: ${plan.undo}, because ${why}`, step),
  );
  const outcome = await act(step, deps, (signal) => deps.targets.release(plan, signal));
  if (outcome.kind !== 'succeeded') return { kind: 'failed', reason: reasonOf(outcome) };
  await drop(step, deps);
  return { kind: 'done' };
}

/**
 * After a restart: a step whose outcome is not known. Slowing is done again with the plan that was saved, because only
 * that knows what was there before; a cache is left alone.
 */
export async function resumeStep(step: KeptStep, deps: ActDeps): Promise<void> {
  const again = step.plan.measure === 'slow';
  const what = again ? 'it is done again, which changes nothing twice' : 'it is not repeated';
  const text = `Throttle of ${step.plan.target} was under way when Nightshift ended: ${what}`;
  await deps.audit.append({ ...entry('intent', text, step), kind: 'repair' });
  if (!again) {
    await noteCleared(step.plan.target, null, deps);
    await keep({ ...step, state: 'applied' }, deps);
    return;
  }
  const outcome = await act(step, deps, (signal) => deps.targets.apply(step.plan, signal));
  await keep({ ...step, state: outcome.kind === 'succeeded' ? 'applied' : 'failed' }, deps);
}

/** Said once for each plan: a proposal that is repeated each beat is noise. */
async function propose(step: KeptStep, held: string, reason: string, deps: ActDeps): Promise<ActResult> {
  const before = deps.document.value.steps.find(({ id }) => id === step.id);
  if (before?.state === 'proposed') return { kind: 'proposed' };
  const text = `Would throttle ${step.plan.target}: ${step.plan.effect}, because ${reason} (${held})`;
  await deps.audit.append(entry('proposal', text, step));
  await keep(step, deps);
  return { kind: 'proposed' };
}

async function act(
  step: KeptStep,
  deps: ActDeps,
  run: (signal: AbortSignal) => Promise<Outcome>,
): Promise<Outcome> {
  const outcome = await withDeadline(deps.clock, { what: step.plan.effect, span: ACT_LIMIT }, run).catch(
    (cause: unknown): Outcome => ({ kind: 'unknown', reason: describeError(cause) }),
  );
  const text = `${outcome.kind}: ${step.plan.target}: ${outcome.kind === 'succeeded' ? outcome.note : reasonOf(outcome)}`;
  await deps.audit.append(entry('outcome', text, step)).catch((cause: unknown) => {
    // It has happened: a log that cannot take the line must not hide that from the document.
    deps.log.error('outcome of a throttle step could not be logged', { error: describeError(cause) });
  });
  return outcome;
}

function entry(kind: 'intent' | 'outcome' | 'proposal', text: string, step: KeptStep) {
  return {
    kind,
    actor: ACTOR,
    text,
    target: step.plan.target,
    data: { throttle: { id: step.id, rung: step.rung, measure: step.plan.measure } },
  };
}

async function keep(step: KeptStep, { document }: ActDeps): Promise<void> {
  await document.update((data) => ({
    ...data,
    steps: [...data.steps.filter(({ id }) => id !== step.id), step],
  }));
}

async function drop(step: KeptStep, { document }: ActDeps): Promise<void> {
  await document.update((data) => ({ ...data, steps: data.steps.filter(({ id }) => id !== step.id) }));
}

async function noteCleared(
  target: string,
  before: number | null,
  { document, clock }: ActDeps,
): Promise<void> {
  const one = { at: toIso(clock.now()), before, freed: null };
  await document.update((data) => ({ ...data, cleared: { ...data.cleared, [target]: one } }));
}

function reasonOf(outcome: Outcome): string {
  return 'reason' in outcome ? outcome.reason : outcome.kind;
}
