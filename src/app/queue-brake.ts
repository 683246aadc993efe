/** The task queues as the throttle ladder holds them. */
import type { QueueBrake } from '../domain/throttle.ts';

/** Where no queue runs there is nothing to hold. */
export const NO_QUEUES: QueueBrake = {
  describe: () => 'no task queue runs here',
  hold: async () => [],
};
