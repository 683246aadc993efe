import { describe, expect, it } from 'vitest';
import { epochMs, ms, seconds } from '../../../../src/domain/units.ts';
import { createQueueCollector } from '../../../../src/monitor/collectors/queue.ts';

const now = { at: epochMs(0), monotonic: ms(0) };

describe('createQueueCollector', () => {
  it('tells depth, age and rate of each queue, unknown where the queue cannot tell', async () => {
    const collector = createQueueCollector({
      readings: async () => [
        { queue: 'mail', engine: 'embedded', depth: 4, oldest: seconds(12), ratePerMinute: 30, reason: '' },
        { queue: 'video', engine: 'bullmq', depth: null, oldest: null, ratePerMinute: null, reason: 'down' },
      ],
    });
    const readings = await collector.collect(now, new AbortController().signal);

    expect(readings.map(({ metric, value }) => [metric, value])).toEqual([
      ['queue_depth:mail', 4],
      ['queue_oldest:mail', 12],
      ['queue_rate:mail', 30],
      ['queue_depth:video', null],
      ['queue_oldest:video', null],
      ['queue_rate:video', null],
    ]);
    expect(collector.metrics()).toHaveLength(6);
  });

  it('passes on why tasks are not done and how long none was, and knows nothing of another queue', async () => {
    const idle = { current: seconds(40), longest: seconds(2) };
    const figures = { depth: 4, oldest: seconds(12), ratePerMinute: 30, reason: '' };
    const collector = createQueueCollector({
      readings: async () => [
        { queue: 'mail', engine: 'embedded', ...figures, idle, heldUpBy: 'queue mail was paused by ada' },
      ],
    });
    await collector.collect(now, new AbortController().signal);

    expect(collector.heldUpBy('queue_oldest:mail')).toBe('queue mail was paused by ada');
    expect(collector.idle('mail')).toEqual(idle);
    expect([collector.heldUpBy('queue_depth:other'), collector.idle('other')]).toEqual(['', null]);
  });
});
