/**
 * One event in the dress of who receives it. Pure. `null` = this receiver has no use for it.
 *
 * Slack and Discord incoming webhooks, ntfy (JSON publishing), PagerDuty Events v2, Alertmanager API v2, an SMS
 * gateway that takes a form post, and our own signed JSON.
 */
import type { Severity } from '../../domain/anomaly.ts';
import { after, type EpochMs, fromIso, hours, toIso } from '../../domain/units.ts';
import { escapeMarkdown } from '../discord/text.ts';
import { inertLine, shorten } from '../inert.ts';
import { escapeMrkdwn } from '../slack/text.ts';
import type { SinkConfig } from './config.ts';
import type { OutboundMessage } from './outbound-message.ts';
import { signBody } from './signature.ts';

/** Two SMS of 153 characters. */
const LONGEST_SMS = 306;
const LONGEST_SUMMARY = 1_000;

export interface Dressed {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface DressContext {
  readonly sink: SinkConfig;
  readonly url: string;
  readonly secret: string | null;
  readonly now: EpochMs;
  /** SMS only. */
  readonly recipient: string | null;
}

export function dress(sent: OutboundMessage, context: DressContext): Dressed | null {
  switch (context.sink.preset) {
    case 'signed':
      return signed(sent, context);
    case 'slack':
      return json(context.url, { text: escapeMrkdwn(line(sent, LONGEST_SUMMARY)) });
    case 'discord':
      return json(context.url, {
        content: escapeMarkdown(line(sent, LONGEST_SUMMARY)),
        allowed_mentions: { parse: [] },
        flags: NO_EMBEDS,
      });
    case 'ntfy':
      return ntfy(sent, context);
    case 'pagerduty':
      return pagerduty(sent, context);
    case 'alertmanager':
      return alertmanager(sent, context);
    case 'sms':
      return sms(sent, context);
    case 'healthchecks':
      return null;
  }
}

const NO_EMBEDS = 4;

function signed(sent: OutboundMessage, { url, secret, now }: DressContext): Dressed {
  const { id, type, at, host, text, data } = sent;
  const dressed = json(url, { id, type, at, host, text, data });
  const proof = secret === null ? {} : signBody(dressed.body, secret, now);
  return {
    ...dressed,
    headers: { ...dressed.headers, 'x-nightshift-event': type, 'x-nightshift-id': id, ...proof },
  };
}

function ntfy(sent: OutboundMessage, { url, secret }: DressContext): Dressed | null {
  const address = new URL(url);
  const topic = address.pathname.split('/').filter(Boolean).at(-1);
  if (topic === undefined) return null;
  const priority = { info: 2, warning: 3, critical: 5 }[sent.severity];
  const title = sent.incident === null ? `Nightshift on ${sent.host}` : sent.incident.title;
  const dressed = json(address.origin, {
    topic,
    title: shorten(inertLine(title), 200, String),
    message: line(sent, LONGEST_SUMMARY),
    priority,
    tags: [sent.severity],
  });
  return secret === null ? dressed : { ...dressed, headers: { ...dressed.headers, ...bearer(secret) } };
}

const PAGERDUTY_SEVERITY: Readonly<Record<Severity, string>> = {
  info: 'info',
  warning: 'warning',
  critical: 'critical',
};

function pagerduty(sent: OutboundMessage, { url, secret }: DressContext): Dressed | null {
  const { incident } = sent;
  if (sent.type === 'test') {
    const probe = { summary: sent.text, source: sent.host, severity: 'info' };
    return json(url, { routing_key: secret, event_action: 'trigger', dedup_key: sent.id, payload: probe });
  }
  if (incident === null) return null;
  return json(url, {
    routing_key: secret,
    event_action: incident.state === 'resolved' ? 'resolve' : 'trigger',
    dedup_key: `${sent.host}/${incident.id}`,
    payload: {
      summary: line(sent, LONGEST_SUMMARY),
      source: sent.host,
      severity: PAGERDUTY_SEVERITY[incident.severity],
      timestamp: incident.since,
      component: incident.target ?? sent.host,
      custom_details: { state: incident.word, incident: incident.id },
    },
  });
}

/** Without an end Alertmanager would forget it after five minutes: the end is told when it comes. */
function alertmanager(sent: OutboundMessage, { url, now }: DressContext): Dressed | null {
  const { incident } = sent;
  if (incident === null && sent.type !== 'test') return null;
  const over = sent.type === 'test' || incident?.state === 'resolved';
  const alert = {
    labels: {
      alertname: 'NightshiftIncident',
      host: sent.host,
      severity: sent.severity,
      incident: incident?.id ?? 'test',
      ...(incident?.target ? { target: inertLine(incident.target) } : {}),
    },
    annotations: { summary: line(sent, LONGEST_SUMMARY) },
    startsAt: incident?.since ?? sent.at,
    endsAt: over ? toIso(fromIso(sent.at) ?? now) : toIso(after(now, hours(24))),
  };
  return json(`${url.replace(/\/+$/, '')}/api/v2/alerts`, [alert]);
}

/** Text messages are for the moment when a person is called, and no other. */
function sms(sent: OutboundMessage, { url, sink, secret, recipient }: DressContext): Dressed | null {
  if (sent.type !== 'test' && sent.incident?.state !== 'escalated') return null;
  const form = new URLSearchParams({
    account: sink.account ?? '',
    from: sink.from ?? '',
    to: recipient ?? '',
    text: line(sent, LONGEST_SMS),
  });
  return {
    url,
    headers: {
      'content-type': 'application/x-www-form-urlencoded',
      ...(secret === null ? {} : bearer(secret)),
    },
    body: form.toString(),
  };
}

function line(sent: OutboundMessage, longest: number): string {
  const severity = sent.incident === null ? '' : `${sent.severity.toUpperCase()} `;
  return shorten(inertLine(`${severity}${sent.text} [${sent.host}]`), longest, String);
}

function bearer(secret: string): Readonly<Record<string, string>> {
  return { authorization: `Bearer ${secret}` };
}

function json(url: string, body: unknown): Dressed {
  return { url, headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
}
