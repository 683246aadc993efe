/**
 * Prometheus Alertmanager, webhook version 4, and Grafana's alerting, which sends the same with a few fields more.
 * https://prometheus.io/docs/alerting/latest/configuration/#webhook_config
 */
import { z } from 'zod';
import { fromIso } from '../../../domain/units.ts';
import { alertsRead, type HookAlert, type HookInput, type HookReading, severityOf } from '../message.ts';
import { reading } from '../read-body.ts';

const MOST_ALERTS = 500;
/** A Go time that was never set. */
const NO_TIME = '0001-01-01T00:00:00Z';

const words = z.record(z.string().max(200), z.string().max(10_000)).nullish();
const alert = z.object({
  status: z.enum(['firing', 'resolved']),
  labels: words,
  annotations: words,
  startsAt: z.string().max(64).optional(),
  endsAt: z.string().max(64).optional(),
  fingerprint: z.string().max(128).optional(),
  valueString: z.string().max(10_000).nullish(),
});
const message = z.object({
  alerts: z.array(alert).max(MOST_ALERTS),
  commonAnnotations: words,
});

export function readAlertmanager({ body }: HookInput): HookReading {
  return reading(message, body, ({ alerts }) => alertsRead(alerts.map(alertOf)));
}

function alertOf(sent: z.output<typeof alert>): HookAlert {
  const labels = sent.labels ?? {};
  const annotations = sent.annotations ?? {};
  const name = labels['alertname'] ?? 'alert';
  const fingerprint = sent.fingerprint ?? labelKey(labels);
  const began = sent.startsAt === undefined || sent.startsAt === NO_TIME ? undefined : fromIso(sent.startsAt);
  const said = annotations['summary'] ?? annotations['message'] ?? annotations['description'] ?? '';
  return {
    fingerprint,
    eventId: [
      fingerprint,
      sent.status,
      sent.startsAt ?? '',
      sent.status === 'resolved' ? sent.endsAt : '',
    ].join('|'),
    name,
    state: sent.status,
    severity: severityOf(labels['severity']),
    labels,
    text: said === '' ? name : `${name}: ${said}`,
    startedAt: began ?? null,
  };
}

function labelKey(labels: Readonly<Record<string, string>>): string {
  return JSON.stringify(Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1)));
}
