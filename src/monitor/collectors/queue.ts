/**
 * The task queues: `queue_depth:<q>`, `queue_oldest:<q>` (seconds) and `queue_rate:<q>` (done a minute), as whoever
 * keeps the queue tells them. A queue that cannot be read has unknown figures, never empty ones.
 */
import type { MetricName } from '../../domain/metric.ts';
import type { QueueReader, QueueReading } from '../../domain/queue.ts';
import type { Collector, Reading } from '../collector.ts';

export function createQueueCollector(reader: QueueReader): Collector {
  let last: readonly MetricName[] = [];
  return {
    name: 'queues',
    metrics: () => last,
    async collect() {
      const readings = (await reader.readings()).flatMap(readingsOf);
      last = readings.map(({ metric }) => metric);
      return readings;
    },
  };
}

function readingsOf({ queue, depth, oldest, ratePerMinute }: QueueReading): readonly Reading[] {
  return [
    { metric: `queue_depth:${queue}`, value: depth },
    { metric: `queue_oldest:${queue}`, value: oldest === null ? null : oldest / 1_000 },
    { metric: `queue_rate:${queue}`, value: ratePerMinute },
  ];
}
