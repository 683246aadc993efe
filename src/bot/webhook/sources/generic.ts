/** Our own plain form, for everything that has no form of its own. Strict: a misspelt key is told. */
import { z } from 'zod';
import { fromIso } from '../../../domain/units.ts';
import { alertsRead, type HookInput, type HookReading } from '../message.ts';
import { reading } from '../read-body.ts';

const word = z.string().min(1).max(200);
const message = z.strictObject({
  /** The same message sent twice has the same id; without one, the same body is the same message. */
  id: word.optional(),
  /** The same trouble has the same key; without one, the name is the key. */
  key: word.optional(),
  name: word,
  state: z.enum(['firing', 'resolved']).default('firing'),
  severity: z.enum(['info', 'warning', 'critical']).default('warning'),
  target: word.optional(),
  text: z.string().max(10_000).default(''),
  since: z.iso.datetime({ offset: true }).optional(),
  labels: z.record(z.string().max(200), z.string().max(2_000)).default({}),
});

export function readGeneric({ body, digest }: HookInput): HookReading {
  return reading(message, body, (sent) =>
    alertsRead([
      {
        fingerprint: sent.key ?? sent.name,
        eventId: sent.id ?? digest,
        name: sent.name,
        state: sent.state,
        severity: sent.severity,
        labels: { ...sent.labels, ...(sent.target !== undefined && { target: sent.target }) },
        text: sent.text === '' ? sent.name : `${sent.name}: ${sent.text}`,
        startedAt: (sent.since === undefined ? undefined : fromIso(sent.since)) ?? null,
      },
    ]),
  );
}
