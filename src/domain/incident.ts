/** Incidents: the life of an anomaly from first detection to resolution, kept across restarts. */
import type { Anomaly, AnomalyKind, Severity } from './anomaly.ts';
import type { Attempt, Gate } from './strategy.ts';
import type { ActionId, ApprovalId, EpochMs, IncidentId } from './units.ts';

/** Each state carries only its own data. */
export type IncidentState =
  | { readonly kind: 'open' }
  | { readonly kind: 'healing'; readonly actionId: ActionId }
  | { readonly kind: 'awaiting_approval'; readonly approvalId: ApprovalId }
  | {
      readonly kind: 'held';
      readonly gate: Gate;
      readonly reason: string;
      readonly retryAt: EpochMs | null;
    }
  | { readonly kind: 'verifying'; readonly actionId: ActionId; readonly until: EpochMs }
  | {
      readonly kind: 'resolved';
      readonly at: EpochMs;
      /** `joined`: it turned out to be part of another incident, which the reason names. */
      readonly how: 'healed' | 'recovered' | 'by_hand' | 'joined';
      readonly reason: string;
    }
  | { readonly kind: 'escalated'; readonly at: EpochMs; readonly reason: string };

export type IncidentStateKind = IncidentState['kind'];

/** What a list of incidents can be narrowed to; `live` is every state but resolved. */
export const INCIDENT_STATES: readonly (IncidentStateKind | 'live')[] = [
  'live',
  'open',
  'healing',
  'awaiting_approval',
  'held',
  'verifying',
  'resolved',
  'escalated',
];

/** One line of the timeline. `tone` picks the dot: what went wrong, what was done, what went well. */
export interface TimelineEntry {
  readonly at: EpochMs;
  readonly tone: 'bad' | 'act' | 'good' | 'note';
  readonly text: string;
}

export interface Incident {
  readonly id: IncidentId;
  readonly fingerprint: string;
  readonly host: string;
  readonly target: string | null;
  readonly kind: AnomalyKind;
  /** As it is now; it falls as the trouble fades. */
  readonly severity: Severity;
  /** The gravest it has been; absent = it was never graver than now. */
  readonly worst?: Severity | undefined;
  /** "billing-api is slow" */
  readonly title: string;
  readonly state: IncidentState;
  /** When the trouble began, as far as the samples tell. */
  readonly since: EpochMs;
  readonly openedAt: EpochMs;
  readonly updatedAt: EpochMs;
  /** Grows by one with every change; a surface ignores what is older than what it shows. */
  readonly version: number;
  /** The one it is about first, then those that joined. At most one for each fingerprint. */
  readonly anomalies: readonly Anomaly[];
  readonly strategy: string | null;
  /** The rung that is next on the ladder. */
  readonly rung: number;
  readonly attempts: readonly Attempt[];
  readonly timeline: readonly TimelineEntry[];
  readonly ack: { readonly by: string; readonly at: EpochMs } | null;
  /** When people were called for it, or `null` while the page is held back. */
  readonly pagedAt: EpochMs | null;
  readonly reopened: number;
}

/** What an incident counts as: one that faded before it ended was still what it had been. */
export function gravest({ severity, worst = severity }: Pick<Incident, 'severity' | 'worst'>): Severity {
  return worst;
}

/** Still somebody's business: everything but `resolved`. */
export function isLive(incident: Incident): boolean {
  return incident.state.kind !== 'resolved';
}

/** The one word a person sees for a state: the same in console, chat, mail and terminal. */
export function stateWord(
  state: IncidentState,
): 'Healing' | 'Waiting' | 'Held' | 'Paged' | 'Healed' | 'Over' | 'Open' {
  switch (state.kind) {
    case 'open':
      return 'Open';
    case 'healing':
    case 'verifying':
      return 'Healing';
    case 'awaiting_approval':
      return 'Waiting';
    case 'held':
      return 'Held';
    case 'escalated':
      return 'Paged';
    case 'resolved':
      return state.how === 'healed' ? 'Healed' : 'Over';
  }
}
