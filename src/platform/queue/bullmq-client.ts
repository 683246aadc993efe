/**
 * Our own connection to Redis for BullMQ queues, where we are a guest.
 *
 * Nothing waits for a Redis that is away: a command is sent on a ready connection or not at all, so that none is
 * carried out later behind our back, and every question ends within 2 s whatever Redis does.
 */
import { Queue } from 'bullmq';
import { Redis } from 'ioredis';
import { describeError } from '../../domain/errors.ts';
import type { Clock, Logger } from '../../domain/ports.ts';
import { ms, seconds } from '../../domain/units.ts';
import { withDeadline } from '../deadline.ts';
import type { BullQueueSettings } from './settings.ts';

const ANSWER_LIMIT = seconds(2);
const LOOK_AGAIN = ms(20);
const FIRST_RETRY_MS = 100;
const LAST_RETRY_MS = 2_000;

/** One queue of the user's, with what is needed to ask about it. */
export interface BullQueue {
  readonly settings: BullQueueSettings;
  readonly queue: Queue;
  readonly redis: Redis;
  /** `bull:emails:42` for the parts `42`. */
  key(...parts: readonly string[]): string;
}

export type Asked<T> =
  | { readonly kind: 'answered'; readonly value: T }
  | { readonly kind: 'unknown'; readonly reason: string };

export interface BullClient {
  /** Asks with a deadline. Work of several steps looks at the signal between them. */
  ask<T>(
    settings: BullQueueSettings,
    work: (bull: BullQueue, signal: AbortSignal) => Promise<T>,
  ): Promise<Asked<T>>;
  close(): Promise<void>;
}

export interface BullClientDeps {
  readonly url: string;
  readonly clock: Clock;
  readonly log: Logger;
}

export function createBullClient({ url, clock, log }: BullClientDeps): BullClient {
  let trouble = 'it has not answered yet';
  const redis = new Redis(url, {
    connectionName: 'nightshift',
    connectTimeout: ANSWER_LIMIT,
    commandTimeout: ANSWER_LIMIT,
    maxRetriesPerRequest: 0,
    enableOfflineQueue: false,
    autoResendUnfulfilledCommands: false,
    retryStrategy: (times) => Math.min(LAST_RETRY_MS, FIRST_RETRY_MS * 2 ** Math.min(times, 10)),
  });
  redis.on('error', (cause: unknown) => {
    if (trouble === '') log.warn('Redis does not answer', { error: describeError(cause) });
    trouble = describeError(cause) || 'it cannot be reached';
  });
  redis.on('ready', () => {
    trouble = '';
  });
  const queues = new Map<string, Queue>();

  function queueOf({ queue, prefix }: BullQueueSettings): Queue {
    const id = `${prefix}:${queue}`;
    const known = queues.get(id);
    if (known !== undefined) return known;
    const made = new Queue(queue, {
      connection: redis,
      prefix,
      skipMetasUpdate: true,
      skipVersionCheck: true,
      skipWaitingForReady: true,
    });
    made.on('error', () => {}); // each question is answered with its own failure
    queues.set(id, made);
    return made;
  }

  async function ready(signal: AbortSignal): Promise<void> {
    while (redis.status === 'connecting' || redis.status === 'connect') await clock.sleep(LOOK_AGAIN, signal);
    if (redis.status !== 'ready') throw new Error(away(trouble));
  }

  return {
    async ask(settings, work) {
      const what = `Redis about ${settings.name}`;
      try {
        const value = await withDeadline(clock, { what, span: ANSWER_LIMIT }, async (signal) => {
          await ready(signal);
          const key = (...parts: readonly string[]): string =>
            [settings.prefix, settings.queue, ...parts].join(':');
          return work({ settings, queue: queueOf(settings), redis, key }, signal);
        });
        return { kind: 'answered', value };
      } catch (cause) {
        return {
          kind: 'unknown',
          reason: `Redis: ${redis.status === 'ready' ? describeError(cause) : away(trouble)}`,
        };
      }
    },
    async close() {
      for (const queue of queues.values()) await queue.close().catch(() => {}); // the connection below ends all
      redis.disconnect();
    },
  };
}

function away(trouble: string): string {
  return trouble === '' ? 'the connection is lost' : trouble;
}
