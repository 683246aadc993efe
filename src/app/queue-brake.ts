/**
 * The task queues as the throttle ladder holds them: batch tasks may start or wait, from beat to beat, and all tasks
 * below critical keep a part of the configured concurrency. Both are held in memory by the queue and end by themselves.
 */
import type { QueueChange, TaskQueue } from '../domain/queue.ts';
import type { QueueBrake, QueueHold } from '../domain/throttle.ts';

const CALL = { by: 'nightshift', dryRun: false } as const;
/** A queue without a limit of its own is lowered from here. */
const UNLIMITED = 4;

/** Where no queue runs there is nothing to hold. */
export const NO_QUEUES: QueueBrake = {
  describe: () => 'no task queue runs here',
  hold: async () => [],
};

export function createQueueBrake(port: TaskQueue): QueueBrake {
  /** What each queue was allowed before we lowered it. */
  const before = new Map<string, number>();
  return {
    describe,
    async hold(hold) {
      const problems: string[] = [];
      for (const queue of port.names()) {
        const changes =
          hold === null ? await release(port, queue, before) : await brake(port, queue, hold, before);
        problems.push(...changes.flatMap((change) => problemOf(queue, change)));
      }
      return problems;
    },
  };
}

async function brake(
  port: TaskQueue,
  queue: string,
  { batch, others, span }: QueueHold,
  before: Map<string, number>,
): Promise<readonly QueueChange[]> {
  const changes: QueueChange[] = [];
  if (batch === 0) changes.push(await port.holdClass(queue, 'batch', span, CALL));
  else changes.push(await port.releaseClass(queue, 'batch', CALL));
  if (others < 1) {
    const usual = before.get(queue) ?? (await port.view(queue))?.concurrency ?? UNLIMITED;
    before.set(queue, usual);
    changes.push(await port.setLimits(queue, { concurrency: Math.max(1, Math.floor(usual * others)) }, CALL));
  } else if (before.delete(queue)) {
    changes.push(await port.setLimits(queue, { concurrency: null }, CALL));
  }
  return changes;
}

async function release(
  port: TaskQueue,
  queue: string,
  before: Map<string, number>,
): Promise<readonly QueueChange[]> {
  const changes = [await port.releaseClass(queue, 'batch', CALL)];
  if (before.delete(queue))
    changes.push(await port.setLimits(queue, { concurrency: null, rate: null }, CALL));
  return changes;
}

function describe({ others }: QueueHold): string {
  const first = 'batch tasks start only while there is room in the budget';
  return others === 1
    ? first
    : `batch tasks wait, tasks below critical keep ${percent(others)} of their places`;
}

/** A queue without classes (BullMQ) is braked by its concurrency alone: that it has no class is no problem. */
function problemOf(queue: string, change: QueueChange): readonly string[] {
  return change.kind === 'unknown' ? [`${queue}: ${change.reason}`] : [];
}

function percent(share: number): string {
  return `${Math.round(share * 100)} %`;
}
