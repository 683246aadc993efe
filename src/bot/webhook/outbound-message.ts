/** From what happened inside to what leaves the house: an id, a time, and plain data without secrets. */
import { compareSeverity, type Severity } from '../../domain/anomaly.ts';
import type { OpsEvent } from '../../domain/events.ts';
import { stateWord } from '../../domain/incident.ts';
import { type EpochMs, toIso } from '../../domain/units.ts';
import { approvalView, planView } from '../approval-views.ts';
import { incidentView } from '../views.ts';
import type { SinkConfig } from './config.ts';
import { OUTBOUND_EVENTS, type OutboundEventType, type PresetId } from './outbound-events.ts';

/** What an incident looks like to a receiver that knows nothing of ours. */
export interface IncidentBrief {
  readonly id: string;
  readonly title: string;
  readonly state: string;
  readonly word: string;
  readonly severity: Severity;
  readonly target: string | null;
  readonly summary: string;
  readonly since: string;
}

/** One event on its way out. Plain data: it is kept on disk until it was taken. */
export interface OutboundMessage {
  readonly id: string;
  readonly type: OutboundEventType;
  /** ISO 8601 UTC. */
  readonly at: string;
  readonly host: string;
  /** Messages with the same key arrive in this order. */
  readonly key: string;
  readonly severity: Severity;
  /** One plain line. */
  readonly text: string;
  readonly incident: IncidentBrief | null;
  readonly data: unknown;
}

export interface OutboundContext {
  readonly host: string;
  readonly now: EpochMs;
  readonly newId: () => string;
}

/** `null` for what stays inside. */
export function outboundMessage(event: OpsEvent, context: OutboundContext): OutboundMessage | null {
  switch (event.type) {
    case 'incident.opened':
    case 'incident.updated':
    case 'incident.resolved':
      return incidentMessage(event.type, event, context);
    case 'incident.escalated':
      return incidentMessage('incident.updated', event, context);
    case 'action.proposed':
    case 'action.approved':
    case 'action.denied':
    case 'action.expired': {
      const approval = approvalView(event.approval);
      const text = `${event.approval.plan.effect}: ${event.type.slice('action.'.length)}`;
      return message(event.type, text, { approval }, event.approval.incidentId, context);
    }
    case 'action.started':
    case 'action.finished': {
      const { type, plan, ...rest } = event;
      const outcome = 'outcome' in rest ? rest.outcome.kind : 'started';
      return message(
        type,
        `${plan.effect}: ${outcome}`,
        { plan: planView(plan), ...rest },
        plan.incidentId,
        context,
      );
    }
    default:
      return plainMessage(event, context);
  }
}

/** Everything else that the list names goes out as it is. */
function plainMessage(event: OpsEvent, context: OutboundContext): OutboundMessage | null {
  const { type, ...data } = event;
  const known = OUTBOUND_EVENTS.find((name) => name === type);
  if (known === undefined) return null;
  return message(known, describe(type, data), data, null, context);
}

export function testMessage(by: string, context: OutboundContext): OutboundMessage {
  return message('test', `A test of Nightshift, asked for by ${by}`, {}, null, context);
}

function incidentMessage(
  type: OutboundEventType,
  {
    incident,
  }:
    | Extract<OpsEvent, { readonly type: 'incident.opened' }>
    | { readonly incident: Extract<OpsEvent, { readonly type: 'incident.opened' }>['incident'] },
  context: OutboundContext,
): OutboundMessage {
  const view = incidentView(incident, { chart: false });
  const summary = incident.anomalies.at(-1)?.summary ?? incident.title;
  const brief: IncidentBrief = {
    id: view.id,
    title: view.title,
    state: view.state,
    word: stateWord(incident.state),
    severity: incident.severity,
    target: view.target,
    summary,
    since: view.since,
  };
  return {
    ...message(type, `${brief.title} (${brief.word}). ${summary}`, { incident: view }, view.id, context),
    severity: incident.severity,
    incident: brief,
  };
}

function message(
  type: OutboundEventType,
  text: string,
  data: unknown,
  key: string | null,
  { host, now, newId }: OutboundContext,
): OutboundMessage {
  const severity: Severity = type === 'self.unhealthy' || type === 'backup.failed' ? 'warning' : 'info';
  return { id: newId(), type, at: toIso(now), host, key: key ?? type, severity, text, incident: null, data };
}

function describe(type: string, data: Readonly<Record<string, unknown>>): string {
  const said = [data['text'], data['reason'], data['part']].filter((part) => typeof part === 'string');
  return [type.replace('.', ' '), ...said].join(': ');
}

const FOR_PEOPLE: readonly OutboundEventType[] = [
  'incident.opened',
  'incident.resolved',
  'backup.failed',
  'self.unhealthy',
];
const FOR_PAGERS: readonly OutboundEventType[] = ['incident.opened', 'incident.updated', 'incident.resolved'];

/** What each preset is for where the configuration names no events. */
const USUAL: Readonly<Record<PresetId, readonly OutboundEventType[]>> = {
  signed: OUTBOUND_EVENTS,
  slack: FOR_PEOPLE,
  discord: FOR_PEOPLE,
  ntfy: FOR_PEOPLE,
  pagerduty: FOR_PAGERS,
  alertmanager: FOR_PAGERS,
  healthchecks: [],
  sms: FOR_PAGERS,
};

/** Does this sink want it? A test is for everyone; the severity counts for incidents only. */
export function isWanted(sent: OutboundMessage, sink: SinkConfig): boolean {
  if (sent.type === 'test') return sink.preset !== 'healthchecks';
  if (!(sink.events ?? USUAL[sink.preset]).includes(sent.type)) return false;
  return sent.incident === null || compareSeverity(sent.severity, sink.minSeverity) >= 0;
}
