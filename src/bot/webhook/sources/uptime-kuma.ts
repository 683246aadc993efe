/** Uptime Kuma's webhook notification, JSON body: a heartbeat, its monitor and a line of text. */
import { z } from 'zod';
import { alertsRead, type HookInput, type HookReading, NOTHING_READ } from '../message.ts';
import { reading } from '../read-body.ts';

const DOWN = 0;
const UP = 1;

const message = z.object({
  heartbeat: z
    .object({
      status: z.int(),
      time: z.string().max(64).optional(),
      msg: z.string().max(10_000).nullish(),
    })
    .nullable(),
  monitor: z
    .object({
      id: z.union([z.int(), z.string().max(100)]),
      name: z.string().max(500),
      type: z.string().max(100).nullish(),
      url: z.string().max(2_000).nullish(),
      hostname: z.string().max(500).nullish(),
      tags: z.array(z.object({ name: z.string().max(200), value: z.string().max(200).nullish() })).nullish(),
    })
    .nullable(),
  msg: z.string().max(10_000).nullish(),
});

type Heartbeat = NonNullable<z.output<typeof message>['heartbeat']>;
type Monitor = NonNullable<z.output<typeof message>['monitor']>;

export function readUptimeKuma({ body, digest }: HookInput): HookReading {
  return reading(message, body, ({ heartbeat, monitor, msg }) => {
    // The test button sends neither; pending and maintenance are no news.
    if (heartbeat === null || monitor === null) return NOTHING_READ;
    if (heartbeat.status !== DOWN && heartbeat.status !== UP) return NOTHING_READ;
    const said = heartbeat.msg ?? msg ?? '';
    return alertsRead([
      {
        fingerprint: String(monitor.id),
        eventId: eventIdOf(heartbeat, monitor, digest),
        name: monitor.name,
        state: heartbeat.status === DOWN ? 'firing' : 'resolved',
        severity: 'critical',
        labels: labelsOf(monitor),
        text: said === '' ? monitor.name : `${monitor.name}: ${said}`,
        startedAt: null,
      },
    ]);
  });
}

function eventIdOf({ status, time }: Heartbeat, { id }: Monitor, digest: string): string {
  return [id, status, time ?? digest].join('|');
}

function labelsOf({ name, hostname, tags }: Monitor): Readonly<Record<string, string>> {
  const tagged = (tags ?? []).map((tag) => [tag.name, tag.value ?? '']);
  return { ...Object.fromEntries(tagged), monitor: name, ...(hostname && { hostname }) };
}
