/** What the page knows, as signals. The live feed writes here; everything drawn is a function of this. */
import { computed, type ReadonlySignal, type Signal, signal } from '@preact/signals';
import type { MetricView, WorkerView } from '../../status-views.ts';
import type { IncidentView } from '../../views.ts';
import type { FeedPatch, FeedStatus } from '../feed-views.ts';

export interface Session {
  readonly who: string;
  readonly roles: readonly string[];
  readonly csrf: string | null;
  readonly host: string;
  readonly version: string;
  readonly demo: boolean;
}

/** How the live feed stands. */
export type Feed =
  | { readonly kind: 'connecting' }
  | { readonly kind: 'live' }
  | { readonly kind: 'lost'; readonly since: number };

/** `undefined` until the server was asked, `null` when nobody is signed in. */
export const session: Signal<Session | null | undefined> = signal(undefined);
export const feed: Signal<Feed> = signal({ kind: 'connecting' });
export const status: Signal<FeedStatus | null> = signal(null);
export const metrics: Signal<readonly MetricView[]> = signal([]);
export const workers: Signal<readonly WorkerView[]> = signal([]);
/** The page's own idea of now, to the ten seconds: what spans and expiries are counted from. */
export const now: Signal<number> = signal(Date.now());

const known: Signal<ReadonlyMap<string, IncidentView>> = signal(new Map());

/** Live ones and tonight's, newest first. */
export const incidents: ReadonlySignal<readonly IncidentView[]> = computed(() =>
  [...known.value.values()].sort((a, b) => b.openedAt.localeCompare(a.openedAt)),
);

export const liveIncidents: ReadonlySignal<readonly IncidentView[]> = computed(() =>
  incidents.value.filter(({ state }) => state !== 'resolved'),
);

/** Takes what the feed sent. A snapshot replaces, a patch adds; an incident never goes back to an older version. */
export function take(patch: FeedPatch, how: 'snapshot' | 'patch'): void {
  if (patch.status !== undefined) status.value = patch.status;
  if (patch.metrics !== undefined) metrics.value = patch.metrics;
  if (patch.workers !== undefined) workers.value = patch.workers;
  if (patch.incidents !== undefined) {
    const next = new Map(how === 'snapshot' ? [] : known.value);
    for (const incident of patch.incidents) {
      const old = next.get(incident.id);
      if (old === undefined || incident.version >= old.version) next.set(incident.id, incident);
    }
    known.value = next;
  }
  now.value = Date.now();
}

export function hasRole(role: 'responder' | 'operator' | 'approver'): boolean {
  const roles = session.value?.roles ?? [];
  return roles.includes(role) || (role === 'responder' && roles.includes('operator'));
}
