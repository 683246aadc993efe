/**
 * Healthchecks' webhook integration. Its body is a template that the user fills in; docs/webhooks.md gives the one
 * we read: `{"code": "$CODE", "name": "$NAME", "status": "$STATUS", "tags": "$TAGS", "now": "$NOW"}`.
 */
import { z } from 'zod';
import { fromIso } from '../../../domain/units.ts';
import { alertsRead, type HookInput, type HookReading } from '../message.ts';
import { reading } from '../read-body.ts';

const message = z.object({
  code: z.string().min(1).max(200),
  name: z.string().max(500).optional(),
  status: z.enum(['up', 'down']),
  tags: z.string().max(2_000).optional(),
  now: z.string().max(64).optional(),
});

export function readHealthchecks({ body, digest }: HookInput): HookReading {
  return reading(message, body, ({ code, name = code, status, tags = '', now }) =>
    alertsRead([
      {
        fingerprint: code,
        eventId: [code, status, now ?? digest].join('|'),
        name,
        state: status === 'down' ? 'firing' : 'resolved',
        severity: 'warning',
        labels: { check: name, tags },
        text: status === 'down' ? `${name} did not report in time` : `${name} reports again`,
        startedAt: (now === undefined ? undefined : fromIso(now)) ?? null,
      },
    ]),
  );
}
