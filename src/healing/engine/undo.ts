/**
 * Takes a deed back: when it made things worse, when its time is over, or when a person asks. An inverse is no
 * attempt and is not counted as one, but it has an intent and an outcome in the log, and it needs the lane.
 */
import { describeError, OpsError } from '../../domain/errors.ts';
import type { ActionPlan, Outcome } from '../../domain/strategy.ts';
import { actionId, days, type Ms } from '../../domain/units.ts';
import { NIGHTSHIFT } from '../actors.ts';
import { describeOutcome, execute } from '../executor.ts';
import { type IncidentRecord, type Undoable, withLine } from '../incident-record.ts';
import { hashOf } from '../planner.ts';
import { wakeHeld } from './act.ts';
import { whyStopped } from './brake.ts';
import type { Core } from './core.ts';
import { whyBack } from './go-back.ts';
import { withEscalation } from './paging.ts';

const LONGEST: Ms = days(1);

export type Undone =
  | { readonly kind: 'done'; readonly outcome: Outcome }
  /** Another action runs, or the log cannot be written: ask again. */
  | { readonly kind: 'later'; readonly reason: string };

/** True when nothing is left to undo, or undoing is not allowed now; false = ask again. */
export async function undoWorse(core: Core, id: string, plan: ActionPlan): Promise<boolean> {
  const item = core.incidents.get(id)?.undoable.find((other) => other.plan.actionId === plan.actionId);
  if (item === undefined) return true;
  const hindrance = whyStopped(core);
  if (hindrance !== null) {
    const now = core.deps.clock.now();
    await core.incidents.change(id, (record) => withLine(record, now, 'note', `Not undone: ${hindrance}.`));
    return true;
  }
  return (await takeBack(core, id, item, NIGHTSHIFT)).kind === 'done';
}

/** Ends what ends by itself; called by the tick for every incident, resolved ones too. */
export async function undoDue(core: Core, id: string): Promise<void> {
  if (whyStopped(core) !== null) return;
  const record = core.incidents.get(id);
  for (const item of record?.undoable ?? []) {
    const why = record === undefined ? null : whyDue(core, record, item);
    if (why === null) continue;
    await takeBack(core, id, item, NIGHTSHIFT, why);
    return;
  }
}

export function hasDueUndo(core: Core, record: IncidentRecord): boolean {
  return record.undoable.some((item) => whyDue(core, record, item) !== null);
}

/**
 * Call only from the queue of the incident.
 *
 * @param why For the thread, where it happens by itself.
 */
export async function takeBack(
  core: Core,
  id: string,
  { plan }: Undoable,
  actor: string,
  why = '',
): Promise<Undone> {
  const { deps, lane, actions, leaving } = core;
  const inverse = inverseOf(plan, deps.random.hex(8));
  if (!lane.claim(inverse.actionId, inverse.effect)) {
    return { kind: 'later', reason: `another action is running on this host: ${lane.running() ?? ''}` };
  }
  const place = { target: plan.target, incidentId: plan.incidentId };
  try {
    const { ran, outcome } = await execute(
      inverse,
      { actor, dryRun: false, inverse: true, approvalId: null },
      {
        clock: deps.clock,
        audit: deps.audit,
        log: deps.log,
        leaving,
        charge: () => Promise.resolve(true),
        begin: () => begin(core, id, plan, inverse),
        run: (_inverse, signal) => actions.undo(plan.action, place, signal),
      },
    );
    await tell(core, id, plan, outcome, why);
    deps.bus.publish({ type: 'action.finished', plan: inverse, outcome });
    return ran ? { kind: 'done', outcome } : { kind: 'later', reason: describeOutcome(outcome) };
  } catch (cause) {
    deps.log.error('inverse could not be carried out', {
      actionId: plan.actionId,
      error: describeError(cause),
    });
    return { kind: 'later', reason: describeError(cause) };
  } finally {
    lane.release(inverse.actionId);
    wakeHeld(core, id);
  }
}

function inverseOf(plan: ActionPlan, id: string): ActionPlan {
  const effect = plan.undo ?? plan.effect;
  return {
    ...plan,
    actionId: actionId(`act-${id}`),
    effect,
    undo: null,
    hash: hashOf({ undoOf: plan.hash, effect }),
  };
}

/** Struck from the record before it is done: whatever happens then, it is not done twice. */
async function begin(core: Core, id: string, plan: ActionPlan, inverse: ActionPlan): Promise<void> {
  const stopped = whyStopped(core);
  if (stopped !== null) throw new OpsError('REFUSED', stopped);
  let isThere = false;
  await core.incidents.change(id, (record) => {
    const undoable = record.undoable.filter((other) => other.plan.actionId !== plan.actionId);
    isThere = undoable.length < record.undoable.length;
    return isThere ? { ...record, undoable } : record;
  });
  if (!isThere) throw new OpsError('INTERNAL', 'it was undone meanwhile');
  core.deps.bus.publish({ type: 'action.started', plan: inverse, dryRun: false });
}

/** A deed that cannot be taken back is said and left to a person. */
async function tell(core: Core, id: string, plan: ActionPlan, outcome: Outcome, why: string): Promise<void> {
  const now = core.deps.clock.now();
  const what = plan.undo ?? plan.effect;
  await core.incidents.change(id, (record) => {
    if (outcome.kind === 'succeeded')
      return withLine(record, now, 'act', `Undone: ${what}${why === '' ? '' : ` (${why})`}.`);
    const told = withLine(record, now, 'bad', `Undo, ${what}: ${describeOutcome(outcome)}.`);
    return withEscalation(core, told, `it could not be undone: ${what}`, now);
  });
}

/** Its time is over, or what it was for is well again. */
function whyDue(core: Core, record: IncidentRecord, item: Undoable): string | null {
  const { plan, dueAt } = item;
  if (dueAt !== null && core.deadlines.isOver(`undo:${plan.actionId}`, dueAt, LONGEST))
    return 'its time is over';
  return whyBack(core, record, item);
}
