/** What healing switched for the time of trouble and nobody took back yet: the host is not quite as it was configured. */
import type { StandingChange } from '../../domain/controls.ts';
import { type Undoable, waitOf } from '../incident-record.ts';
import type { Core } from './core.ts';

/** One for each kind and target, the newest; oldest first. */
export function standingChanges({
  incidents,
  deps,
}: Pick<Core, 'incidents' | 'deps'>): readonly StandingChange[] {
  const newest = new Map<string, StandingChange>();
  for (const { incident, undoable } of incidents.records()) {
    for (const item of undoable) {
      const { plan } = item;
      const done = incident.attempts.find(({ actionId }) => actionId === plan.actionId);
      const since = done?.finishedAt ?? done?.startedAt ?? deps.clock.now();
      const key = `${plan.action.kind} ${plan.target ?? ''}`;
      const known = newest.get(key);
      if (known === undefined || known.since < since)
        newest.set(key, { ...changeOf(item), incidentId: incident.id, since });
    }
  }
  return [...newest.values()].sort((a, b) => a.since - b.since);
}

function changeOf({ plan, dueAt }: Undoable): Omit<StandingChange, 'incidentId' | 'since'> {
  return {
    kind: plan.action.kind,
    target: plan.target,
    effect: plan.effect,
    undo: plan.undo ?? '',
    until: dueAt,
    goesBackAfter: waitOf(plan),
  };
}
