/**
 * Limits of a BullMQ queue live in Redis and outlast this process. What was set before is kept beside them before
 * anything is lowered, so that it can be given back also by the process after this one.
 */
import type { QueueLimits } from '../../domain/queue.ts';
import type { BullQueue } from './bullmq-client.ts';

type Part = 'concurrency' | 'rate';

/** `null` gives back what was there; a part left out stays as it is. */
export async function lowerLimits(bull: BullQueue, limits: QueueLimits): Promise<void> {
  const { queue } = bull;
  if (limits.concurrency !== undefined && limits.concurrency !== null) {
    await keep(bull, 'concurrency');
    await queue.setGlobalConcurrency(limits.concurrency);
  }
  if (limits.rate !== undefined && limits.rate !== null) {
    await keep(bull, 'rate');
    await queue.setGlobalRateLimit(limits.rate.max, limits.rate.per);
  }
  await giveBack(bull, { concurrency: limits.concurrency === null, rate: limits.rate === null });
}

/** Gives back the named parts; both where none is named. */
export async function giveBack(bull: BullQueue, parts: { readonly [P in Part]?: boolean }): Promise<void> {
  const all = Object.keys(parts).length === 0;
  const { queue, redis } = bull;
  const kept = await redis.hgetall(place(bull));
  if ((all || parts.concurrency) && kept['concurrency'] !== undefined) {
    const before = kept['concurrency'];
    await (before === '' ? queue.removeGlobalConcurrency() : queue.setGlobalConcurrency(Number(before)));
    await redis.hdel(place(bull), 'concurrency');
  }
  if ((all || parts.rate) && kept['rate'] !== undefined) {
    const [max, duration] = kept['rate'].split('/').map(Number);
    await (max && duration ? queue.setGlobalRateLimit(max, duration) : queue.removeGlobalRateLimit());
    await redis.hdel(place(bull), 'rate');
  }
}

/** Only the first time: what is there later is ours. */
async function keep(bull: BullQueue, part: Part): Promise<void> {
  const { queue, redis } = bull;
  const before =
    part === 'concurrency' ? await queue.getGlobalConcurrency() : await queue.getGlobalRateLimit();
  const words =
    before === null ? '' : typeof before === 'number' ? String(before) : `${before.max}/${before.duration}`;
  await redis.hsetnx(place(bull), part, words);
}

function place({ settings }: BullQueue): string {
  return `nightshift:limits:${settings.prefix}:${settings.queue}`;
}
