/**
 * Runs one action: the intent line first, then the charge, then the record, then the action under a deadline,
 * then the outcome line.
 *
 * What a crash leaves behind can be told from the log alone: no intent, nothing ran and nothing was spent; an
 * intent without an outcome may have run, and recovery.ts verifies it and never repeats it.
 */
import { describeError, OpsError } from '../domain/errors.ts';
import type { AuditEntry, AuditLog, Clock, Logger } from '../domain/ports.ts';
import type { ActionPlan, Outcome } from '../domain/strategy.ts';
import type { EpochMs } from '../domain/units.ts';

export interface ExecutorDeps {
  readonly clock: Clock;
  readonly audit: AuditLog;
  readonly log: Logger;
  /** Saves the charge; false when this action id was spent before, and then nothing runs. */
  charge(plan: ActionPlan, at: EpochMs): Promise<boolean>;
  /** Saves that it is under way. A failure here still stops it. */
  begin(plan: ActionPlan, at: EpochMs): Promise<void>;
  run(plan: ActionPlan, signal: AbortSignal): Promise<Outcome>;
  /** Aborts when Nightshift has to leave and can wait no longer. */
  readonly leaving: AbortSignal;
}

export interface Order {
  /** `nightshift`, or the person who asked. */
  readonly actor: string;
  readonly dryRun: boolean;
  /** The inverse of an earlier action: not an attempt, but a deed with an intent like any other. */
  readonly inverse: boolean;
  /** Which approval released it, for the log. */
  readonly approvalId: string | null;
}

/** `ran` is false when it is certain that nothing was done. */
export interface Execution {
  readonly ran: boolean;
  readonly outcome: Outcome;
}

/**
 * Never throws because an action failed: a failed action is an expected outcome and is recorded.
 *
 * @throws OpsError `AUDIT_UNWRITABLE` when the intent cannot be put on disk; then nothing ran.
 */
export async function execute(plan: ActionPlan, order: Order, deps: ExecutorDeps): Promise<Execution> {
  if (order.dryRun) {
    await deps.audit.append(line('proposal', `Dry run, would do: ${plan.effect}`, plan, order));
    return { ran: false, outcome: { kind: 'dry-run' } };
  }
  await deps.audit.append(line('intent', intentText(plan, order), plan, order));
  const hindrance = await prepare(plan, deps);
  const outcome: Outcome =
    hindrance === null ? await perform(plan, deps) : { kind: 'failed', reason: `not run: ${hindrance}` };
  await recordOutcome(plan, order, outcome, deps);
  return { ran: hindrance === null, outcome };
}

/** Why it must not run after all, or `null`. */
async function prepare(plan: ActionPlan, deps: ExecutorDeps): Promise<string | null> {
  const at = deps.clock.now();
  try {
    if (!(await deps.charge(plan, at))) return 'this plan was run before';
    await deps.begin(plan, at);
    return deps.leaving.aborted ? 'Nightshift is stopping' : null;
  } catch (cause) {
    deps.log.error('action could not be prepared', { actionId: plan.actionId, error: describeError(cause) });
    return `its record could not be saved (${describeError(cause)})`;
  }
}

/** An action that ignores its signal must not hold the healer; what it still does then is unknown. */
async function perform(plan: ActionPlan, deps: ExecutorDeps): Promise<Outcome> {
  const { signal, end, ended } = stopwatch();
  const limit = plan.action.timeLimit;
  const cancel = deps.clock.in(limit, () => end(`no end within ${limit / 1_000} s`));
  const leave = (): void => end('Nightshift stopped while it ran');
  deps.leaving.addEventListener('abort', leave, { once: true });
  try {
    return await Promise.race([deps.run(plan, signal), ended]);
  } catch (cause) {
    return { kind: 'failed', reason: describeError(cause) };
  } finally {
    cancel();
    deps.leaving.removeEventListener('abort', leave);
  }
}

/** A signal for the action, and the outcome it has when the signal comes first; the first reason stays. */
function stopwatch(): { signal: AbortSignal; end: (reason: string) => void; ended: Promise<Outcome> } {
  const controller = new AbortController();
  const { signal } = controller;
  const ended = new Promise<Outcome>((resolve) => {
    signal.addEventListener(
      'abort',
      () => resolve({ kind: 'unknown', reason: describeError(signal.reason) }),
      {
        once: true,
      },
    );
  });
  return { signal, ended, end: (reason) => controller.abort(new OpsError('DEADLINE', reason)) };
}

/** The action has run: a log that cannot take the line now must not hide that from the state machine. */
async function recordOutcome(
  plan: ActionPlan,
  order: Order,
  outcome: Outcome,
  deps: ExecutorDeps,
): Promise<void> {
  try {
    await deps.audit.append({
      ...line('outcome', `${describeOutcome(outcome)}: ${plan.effect}`, plan, order),
      data: { outcome, inverse: order.inverse },
    });
  } catch (cause) {
    deps.log.error('outcome could not be logged', { actionId: plan.actionId, error: describeError(cause) });
  }
}

/** One audit line about a plan; the plan itself goes with it, so that the log alone can rebuild what happened. */
export function line(
  kind: 'proposal' | 'intent' | 'outcome',
  text: string,
  plan: ActionPlan,
  order: Order,
): AuditEntry {
  return {
    kind,
    actor: order.actor,
    text,
    incidentId: plan.incidentId,
    actionId: plan.actionId,
    ...(plan.target === null ? {} : { target: plan.target }),
    strategy: plan.strategy,
    data: { plan, inverse: order.inverse, approvalId: order.approvalId },
  };
}

export function describeOutcome(outcome: Outcome): string {
  switch (outcome.kind) {
    case 'succeeded':
      return outcome.note === '' ? 'Done' : `Done (${outcome.note})`;
    case 'dry-run':
      return 'Dry run, nothing done';
    case 'failed':
      return `Failed (${outcome.reason})`;
    case 'unknown':
      return `Unknown (${outcome.reason})`;
  }
}

function intentText(plan: ActionPlan, order: Order): string {
  if (order.inverse) return `About to undo: ${plan.effect}`;
  return `About to do, attempt ${plan.attempt} of ${plan.attemptsAllowed} this hour: ${plan.effect}`;
}
