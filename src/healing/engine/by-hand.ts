/**
 * What a responder does to an incident: acknowledge, resolve, run a step, take one back. A person may do more than
 * healing would on its own, but no limit gives way: freeze, dry run, attempts, breaker, lane and approvals hold.
 */
import type { Actor } from '../../domain/approval.ts';
import type { ControlResult } from '../../domain/controls.ts';
import { describeError } from '../../domain/errors.ts';
import { isLive } from '../../domain/incident.ts';
import { actorName } from '../actors.ts';
import { type IncidentRecord, resolved, withIncident, withLine } from '../incident-record.ts';
import { whyStopped } from './brake.ts';
import type { Core } from './core.ts';
import type { StepQueue } from './step-queue.ts';
import { takeBack } from './undo.ts';

export async function acknowledge(core: Core, id: string, by: Actor): Promise<ControlResult> {
  const record = core.incidents.get(id);
  if (record === undefined) return notFound(id);
  if (!isLive(record.incident)) return { kind: 'refused', reason: `${id} is over already` };
  if (record.incident.ack !== null)
    return { kind: 'done', text: `${id} is acknowledged by ${record.incident.ack.by}` };
  const at = core.deps.clock.now();
  await core.incidents.change(id, (latest) => {
    if (!isLive(latest.incident) || latest.incident.ack !== null) return latest;
    const told = withLine(latest, at, 'note', `Acknowledged by ${by.display}.`);
    return withIncident(told, { ack: { by: by.display, at } });
  });
  await note(core, id, by, `Acknowledged ${id}`);
  return { kind: 'done', text: `${id} is yours: no repeats until state or severity changes` };
}

export async function resolveByHand(
  core: Core,
  id: string,
  by: Actor,
  reason: string,
): Promise<ControlResult> {
  const record = core.incidents.get(id);
  if (record === undefined) return notFound(id);
  if (reason.trim() === '') return { kind: 'refused', reason: 'resolving by hand needs a reason' };
  const { state } = record.incident;
  if (state.kind === 'resolved') return { kind: 'refused', reason: `${id} is over already` };
  if (state.kind === 'healing')
    return { kind: 'refused', reason: 'an action is running; wait until it has ended' };
  if (state.kind === 'awaiting_approval')
    await core.approvals.void(state.approvalId, `${id} was resolved by hand`);
  const at = core.deps.clock.now();
  const saved = await core.incidents.change(id, (latest) =>
    latest.incident.state.kind === 'healing'
      ? latest
      : resolved({ ...latest, active: [] }, 'by_hand', `${reason} (${by.display})`, at),
  );
  if (saved === undefined || isLive(saved.incident)) {
    return { kind: 'refused', reason: 'an action began meanwhile; wait until it has ended' };
  }
  await note(core, id, by, `Resolved ${id} by hand: ${reason}`);
  return { kind: 'done', text: `${id} is resolved` };
}

/** Takes back the newest deed of an incident that can be taken back. */
export async function undoByHand(
  core: Core,
  queue: StepQueue,
  id: string,
  by: Actor,
  dryRun: boolean,
): Promise<ControlResult> {
  const record = core.incidents.get(id);
  if (record === undefined) return notFound(id);
  const item = record.undoable.at(-1);
  if (item === undefined) return { kind: 'not_found', reason: `nothing that ${id} did can be taken back` };
  const effect = item.plan.undo ?? item.plan.effect;
  if (dryRun) return { kind: 'would', text: `Undo: ${effect}` };
  const hindrance = whyStopped(core);
  if (hindrance !== null) return { kind: 'refused', reason: hindrance };
  const undone = await queue.run(id, () => takeBack(core, id, item, actorName(by)));
  if (undone.kind === 'later') return { kind: 'refused', reason: undone.reason };
  switch (undone.outcome.kind) {
    case 'succeeded':
      return { kind: 'done', text: `Undone: ${effect}` };
    case 'dry-run':
      return { kind: 'would', text: `Undo: ${effect}` };
    case 'failed':
    case 'unknown':
      return { kind: 'failed', reason: undone.outcome.reason };
  }
}

/** What people did is in the log even where it changed no state of healing. */
export async function note(core: Core, id: string, by: Actor, text: string): Promise<void> {
  try {
    await core.deps.audit.append({ kind: 'command', actor: actorName(by), text, incidentId: id });
  } catch (cause) {
    core.deps.log.error('command could not be logged', { incidentId: id, error: describeError(cause) });
  }
}

export function notFound(id: string): ControlResult {
  return { kind: 'not_found', reason: `there is no incident ${id}` };
}

/** For people to choose from: live first. */
export function liveRecords(core: Core): readonly IncidentRecord[] {
  return core.incidents.records().filter(({ incident }) => isLive(incident));
}
