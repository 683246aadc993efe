/**
 * `queues` in configs/targets.json: the embedded queues of this bot, and BullMQ queues of your system that it may
 * look after when REDIS_URL is set. The queue `default` is always there, as shipped or as described here.
 */
import { z } from 'zod';
import { minutes } from '../domain/units.ts';
import {
  type BullQueueSettings,
  DEFAULT_QUEUE,
  type EmbeddedQueueSettings,
  type QueueSettings,
} from '../platform/queue/settings.ts';

const shortName = z
  .string()
  .regex(/^[a-z0-9][a-z0-9_-]{0,39}$/, { error: 'expected lower-case letters, digits, - and _, at most 40' });

const Embedded = z
  .strictObject({
    engine: z.literal('embedded'),
    name: shortName,
    concurrency: z.number().int().min(1).max(64).default(2), // a small server has two cores
    criticalSlots: z.number().int().min(0).max(16).default(1), // beyond concurrency: critical work never waits for batch work
    startsPerMinute: z.number().min(0.1).max(60_000).nullable().default(null), // as fast as slots are free
  })
  .transform(
    ({ startsPerMinute, ...rest }): EmbeddedQueueSettings => ({
      ...rest,
      rate: startsPerMinute === null ? null : { max: startsPerMinute, per: minutes(1) },
    }),
  );

const Bull = z
  .strictObject({
    engine: z.literal('bullmq'),
    name: shortName,
    queue: z
      .string()
      .regex(/^[^:\s]{1,200}$/, { error: 'expected a name without colon and blank' })
      .optional(), // as name
    prefix: z.string().min(1).max(100).default('bull'), // what BullMQ uses when nothing is said
    jobNames: z.array(z.string().min(1).max(200)).max(500).default([]), // nothing can be submitted
    stuckAfterMinutes: z.number().min(0.1).max(10_080).default(60), // longer than that is worth a look
  })
  .transform(
    ({ stuckAfterMinutes, queue, ...rest }): BullQueueSettings => ({
      ...rest,
      queue: queue ?? rest.name,
      stuckAfter: minutes(stuckAfterMinutes),
    }),
  );

const USUAL: EmbeddedQueueSettings = Embedded.parse({ engine: 'embedded', name: DEFAULT_QUEUE });

/** The list in targets.json; `default` is added where it is not described. */
export const Queues: z.ZodType<readonly QueueSettings[], unknown> = z
  .array(z.discriminatedUnion('engine', [Embedded, Bull]))
  .max(200)
  .default([]) // the queue `default` alone
  .superRefine((queues, context) => {
    for (const [at, { name, engine }] of queues.entries()) {
      if (queues.findIndex((other) => other.name === name) !== at) {
        context.addIssue({
          code: 'custom',
          message: `expected a name of its own: another queue is named ${name}`,
          path: [at, 'name'],
        });
      }
      if (name === DEFAULT_QUEUE && engine !== 'embedded') {
        context.addIssue({
          code: 'custom',
          message: 'expected the queue default to be embedded',
          path: [at, 'engine'],
        });
      }
    }
  })
  .transform((queues) => (queues.some(({ name }) => name === DEFAULT_QUEUE) ? queues : [USUAL, ...queues]));
