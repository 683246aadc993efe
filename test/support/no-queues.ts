/** A host whose queues are empty and refuse everything, for tests that are not about them. */
import type { QueueChange, TaskQueue } from '../../src/domain/queue.ts';

const refused = async (): Promise<QueueChange> => ({ kind: 'refused', reason: 'no queues here' });

export const noQueues: TaskQueue = {
  names: () => [],
  processes: () => [],
  readings: async () => [],
  views: async () => [],
  view: async () => undefined,
  submit: async () => ({ kind: 'refused', reason: 'no queues here' }),
  list: async () => ({ tasks: [], total: 0, unknown: [] }),
  task: async () => undefined,
  cancel: refused,
  pause: refused,
  resume: refused,
  drain: refused,
  changePriority: refused,
  redistribute: refused,
  freeStuck: refused,
  stuck: async () => undefined,
  setLimits: refused,
  holdClass: refused,
  releaseClass: refused,
};
