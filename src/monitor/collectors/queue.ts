/**
 * The task queues: `queue_depth:<q>`, `queue_oldest:<q>` (seconds) and `queue_rate:<q>` (done a minute), as whoever
 * keeps the queue tells them. A queue that cannot be read has unknown figures, never empty ones.
 */
import { type MetricName, subjectOf } from '../../domain/metric.ts';
import type { QueueIdle, QueueReader, QueueReading } from '../../domain/queue.ts';
import type { Collector, Reading } from '../collector.ts';

/** What queues tell besides figures, as of the last beat. */
export interface QueueCollector extends Collector {
  /** Why its tasks are not done; empty where it does not say. */
  heldUpBy(metric: MetricName): string;
  /** `null` where it is not counted, or not known now. */
  idle(queue: string): QueueIdle | null;
}

export function createQueueCollector(reader: QueueReader): QueueCollector {
  let last: readonly QueueReading[] = [];
  const reading = (queue: string): QueueReading | undefined => last.find((one) => one.queue === queue);
  return {
    name: 'queues',
    metrics: () => last.flatMap(readingsOf).map(({ metric }) => metric),
    async collect() {
      last = await reader.readings();
      return last.flatMap(readingsOf);
    },
    heldUpBy: (metric) => reading(subjectOf(metric) ?? '')?.heldUpBy ?? '',
    idle: (queue) => reading(queue)?.idle ?? null,
  };
}

function readingsOf({ queue, depth, oldest, ratePerMinute }: QueueReading): readonly Reading[] {
  return [
    { metric: `queue_depth:${queue}`, value: depth },
    { metric: `queue_oldest:${queue}`, value: oldest === null ? null : oldest / 1_000 },
    { metric: `queue_rate:${queue}`, value: ratePerMinute },
  ];
}
