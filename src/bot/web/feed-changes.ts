/** Which parts of an open page an event makes old. Pure; the compiler finds a forgotten event. */
import type { OpsEvent } from '../../domain/events.ts';

/** What changed since the last patch. */
export interface Changes {
  metrics: boolean;
  status: boolean;
  workers: boolean;
  readonly incidents: Set<string>;
}

export function noChanges(): Changes {
  return { metrics: false, status: false, workers: false, incidents: new Set() };
}

export function hasChanges({ metrics, status, workers, incidents }: Changes): boolean {
  return metrics || status || workers || incidents.size > 0;
}

/** Adds to `changes` what `event` touches. */
export function noteEvent(changes: Changes, event: OpsEvent): void {
  switch (event.type) {
    case 'sample.taken':
      changes.metrics = true;
      return;
    case 'incident.opened':
    case 'incident.updated':
    case 'incident.escalated':
    case 'incident.resolved':
      changes.incidents.add(event.incident.id);
      changes.status = true;
      return;
    case 'action.proposed':
    case 'action.approved':
    case 'action.denied':
    case 'action.expired':
      changes.incidents.add(event.approval.incidentId);
      changes.status = true;
      return;
    case 'action.started':
    case 'action.finished':
    case 'action.verified':
      changes.incidents.add(event.plan.incidentId);
      return;
    case 'worker.started':
    case 'worker.exited':
    case 'worker.gave_up':
      changes.workers = true;
      return;
    case 'freeze.changed':
    case 'mode.changed':
    case 'config.reloaded':
    case 'surface.changed':
    case 'self.unhealthy':
    case 'budget.exceeded':
    case 'throttle.changed':
    case 'backup.completed':
    case 'backup.failed':
    case 'backup.verified':
    case 'drill.finished':
    case 'restore.started':
    case 'restore.waiting':
    case 'restore.finished':
    case 'restore.rolled_back':
      changes.status = true;
      return;
    // The incident that comes of an anomaly is what the page shows; a drill is asked for by its command.
    case 'anomaly.detected':
    case 'anomaly.updated':
    case 'anomaly.cleared':
    case 'clock.jumped':
    case 'deploy.changed':
  }
}
