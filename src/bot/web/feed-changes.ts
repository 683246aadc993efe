/** Which parts of an open page an event makes old. Pure; the compiler finds a forgotten event. */
import type { OpsEvent, OpsEventType } from '../../domain/events.ts';

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

type Touched = 'metrics' | 'status' | 'workers' | 'incident' | 'nothing';

/** The incident that comes of an anomaly is what the page shows; a clock jump shows in the next beat. */
const TOUCHED: Readonly<Record<OpsEventType, Touched>> = {
  'sample.taken': 'metrics',
  'incident.opened': 'incident',
  'incident.updated': 'incident',
  'incident.escalated': 'incident',
  'incident.resolved': 'incident',
  'action.proposed': 'incident',
  'action.approved': 'incident',
  'action.denied': 'incident',
  'action.expired': 'incident',
  'action.started': 'incident',
  'action.finished': 'incident',
  'action.verified': 'incident',
  'worker.started': 'workers',
  'worker.exited': 'workers',
  'worker.gave_up': 'workers',
  'freeze.changed': 'status',
  'mode.changed': 'status',
  'maintenance.changed': 'status',
  'config.reloaded': 'status',
  'surface.changed': 'status',
  'self.unhealthy': 'status',
  'backup.completed': 'status',
  'backup.failed': 'status',
  'backup.verified': 'status',
  'drill.finished': 'status',
  'restore.started': 'status',
  'restore.waiting': 'status',
  'restore.finished': 'status',
  'restore.rolled_back': 'status',
  'budget.exceeded': 'status',
  'throttle.changed': 'status',
  'anomaly.detected': 'nothing',
  'anomaly.updated': 'nothing',
  'anomaly.cleared': 'nothing',
  'clock.jumped': 'nothing',
  'deploy.changed': 'nothing',
};

/** Adds to `changes` what `event` touches. */
export function noteEvent(changes: Changes, event: OpsEvent): void {
  const touched = TOUCHED[event.type];
  if (touched === 'metrics') changes.metrics = true;
  if (touched === 'workers') changes.workers = true;
  if (touched === 'status') changes.status = true;
  if (touched !== 'incident') return;
  const id = incidentOf(event);
  if (id !== null) changes.incidents.add(id);
  // What runs for an incident changes its own card alone; a decision and a state are on the overview too.
  if (!('plan' in event)) changes.status = true;
}

function incidentOf(event: OpsEvent): string | null {
  if ('incident' in event) return event.incident.id;
  if ('approval' in event) return event.approval.incidentId;
  return 'plan' in event ? event.plan.incidentId : null;
}
