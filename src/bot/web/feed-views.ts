/** What goes out on the live feed: a whole snapshot, or only the parts that changed, in the API's own views. */
import type { OpsControls, Status } from '../../domain/controls.ts';
import type { Incident } from '../../domain/incident.ts';
import {
  type MetricView,
  metricView,
  type StatusView,
  statusView,
  type WorkerView,
  workerView,
} from '../status-views.ts';
import { type IncidentView, incidentView } from '../views.ts';
import type { Changes } from './feed-changes.ts';

/** Incidents that began or ended tonight, live ones included: the list on the first page. */
const MOST_INCIDENTS = 60;

/** Status without what goes out on its own, so that a patch is as small as the change. */
export type FeedStatus = Omit<StatusView, 'incidents' | 'metrics'>;

/** The event `snapshot`. */
export interface FeedSnapshot {
  readonly status: FeedStatus;
  readonly metrics: readonly MetricView[];
  /** Live ones and tonight's, newest first. */
  readonly incidents: readonly IncidentView[];
  readonly workers: readonly WorkerView[];
}

/** The event `patch`: absent parts are as they were; `incidents` holds the changed ones only. */
export type FeedPatch = Partial<FeedSnapshot>;

export interface FeedViews {
  snapshot(): FeedSnapshot;
  patch(changes: Changes): FeedPatch;
}

export function createFeedViews(controls: OpsControls): FeedViews {
  return {
    snapshot() {
      const status = controls.status();
      const tonight = controls.incidents({ since: status.tonight.since, limit: MOST_INCIDENTS });
      const ids = new Set(tonight.map(({ id }) => id));
      const older = status.incidents.filter(({ id }) => !ids.has(id));
      return {
        status: feedStatus(status),
        metrics: status.metrics.map(metricView),
        incidents: [...tonight, ...older].map(listed),
        workers: controls.workers.list().map(workerView),
      };
    },
    patch(changes) {
      const changed = [...changes.incidents]
        .map((id) => controls.incident(id))
        .filter((incident) => incident !== undefined);
      return {
        ...(changes.status && { status: feedStatus(controls.status()) }),
        ...(changes.metrics && { metrics: controls.metrics().map(metricView) }),
        ...(changed.length > 0 && { incidents: changed.map(listed) }),
        ...(changes.workers && { workers: controls.workers.list().map(workerView) }),
      };
    },
  };
}

function feedStatus(status: Status): FeedStatus {
  const { incidents: _incidents, metrics: _metrics, ...rest } = statusView(status);
  return rest;
}

function listed(incident: Incident): IncidentView {
  return incidentView(incident, { chart: false });
}
