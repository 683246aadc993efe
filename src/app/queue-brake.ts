/**
 * The task queues as the throttle ladder holds them: batch tasks may start or wait, from beat to beat, and all tasks
 * below critical keep a part of their places and starts. A hold of batch tasks ends by itself; limits are lowered
 * from what stood before, which is on disk before anything is changed, because those of BullMQ outlive this process.
 */
import { z } from 'zod';
import type { Document, StateStore } from '../domain/ports.ts';
import type { QueueChange, QueueView, StartRate, TaskQueue } from '../domain/queue.ts';
import type { QueueBrake, QueueHold, QueueLoad } from '../domain/throttle.ts';
import { minutes, ms } from '../domain/units.ts';

const CALL = { by: 'nightshift', dryRun: false } as const;
/** A queue without a limit of its own is lowered from here. */
const UNLIMITED = 4;
/** Tasks that end so often in a minute are too short for fewer places to matter: then their starts are counted. */
const SHORT_TASKS = 60;
/** Below this a window that holds one start is finer than one that holds several. */
const FEW = 10;

/** What a queue was allowed before we lowered it. `null` = not limited. */
interface Before {
  readonly concurrency: number | null;
  readonly rate: StartRate | null;
}

interface Kept {
  readonly queues: Readonly<Record<string, Before>>;
}

const KeptShape: z.ZodType<Kept> = z.object({
  queues: z.record(
    z.string(),
    z.object({
      concurrency: z.number().nullable(),
      rate: z.object({ max: z.number().positive(), per: z.number().positive().transform(ms) }).nullable(),
    }),
  ),
});
const NOTHING: Kept = { queues: {} };

export interface QueueBrakeDeps {
  readonly port: TaskQueue;
  readonly states: StateStore;
  /** Queues that belong to a critical target are left alone. */
  readonly mayHold: (queue: string) => boolean;
}

export function createQueueBrake({ port, states, mayHold }: QueueBrakeDeps): QueueBrake {
  const held = new Set<string>();
  let opening: Promise<Document<Kept>> | undefined;
  const document = (): Promise<Document<Kept>> => {
    opening ??= states
      .open('queue-brake', (data) => KeptShape.parse(data), NOTHING)
      .then(({ document: opened }) => opened);
    return opening;
  };
  const names = (): readonly string[] => port.names().filter(mayHold);

  return {
    describe,
    async load() {
      const views = await Promise.all(names().map((name) => port.view(name)));
      return loadOf(views, port);
    },
    isHeld: async () => held.size > 0 || Object.keys((await document()).value.queues).length > 0,
    async hold(hold) {
      const kept = await document();
      const problems: string[] = [];
      const queues = hold === null ? [...new Set([...held, ...Object.keys(kept.value.queues)])] : names();
      for (const queue of queues) {
        const changes =
          hold === null ? await release(queue, port, kept, held) : await brake(queue, hold, port, kept, held);
        problems.push(...changes.flatMap((change) => problemOf(queue, change)));
      }
      return problems;
    },
  };
}

async function brake(
  queue: string,
  { batch, others, span }: QueueHold,
  port: TaskQueue,
  kept: Document<Kept>,
  held: Set<string>,
): Promise<readonly QueueChange[]> {
  held.add(queue);
  const changes = [
    batch === 0
      ? await port.holdClass(queue, 'batch', span, CALL)
      : await port.releaseClass(queue, 'batch', CALL),
  ];
  if (others === 1) return [...changes, ...(await giveBack(queue, port, kept))];
  const before = kept.value.queues[queue] ?? beforeOf(await port.view(queue));
  if (before === null) return changes;
  if (kept.value.queues[queue] === undefined) {
    await kept.update(({ queues }) => ({ queues: { ...queues, [queue]: before } }));
  }
  const concurrency = Math.max(1, Math.floor((before.concurrency ?? UNLIMITED) * others));
  const rate = before.rate === null ? {} : { rate: lowered(before.rate, others) };
  return [...changes, await port.setLimits(queue, { concurrency, ...rate }, CALL)];
}

async function release(
  queue: string,
  port: TaskQueue,
  kept: Document<Kept>,
  held: Set<string>,
): Promise<readonly QueueChange[]> {
  const freed = held.has(queue) ? [await port.releaseClass(queue, 'batch', CALL)] : [];
  const changes = [...freed, ...(await giveBack(queue, port, kept))];
  if (!changes.some(({ kind }) => kind === 'unknown')) held.delete(queue);
  return changes;
}

/** What is not known to be given back is kept, and asked again. */
async function giveBack(
  queue: string,
  port: TaskQueue,
  kept: Document<Kept>,
): Promise<readonly QueueChange[]> {
  if (kept.value.queues[queue] === undefined) return [];
  const change = await port.setLimits(queue, { concurrency: null, rate: null }, CALL);
  if (change.kind === 'unknown') return [change];
  await kept.update(({ queues }) => {
    const { [queue]: _, ...rest } = queues;
    return { queues: rest };
  });
  return [change];
}

/** `null` where the queue did not answer: nothing is lowered then. */
function beforeOf(view: QueueView | undefined): Before | null {
  if (view === undefined || view.depth === null) return null;
  const { concurrency, rate, ratePerMinute } = view;
  const isShort = ratePerMinute !== null && ratePerMinute >= SHORT_TASKS;
  return { concurrency, rate: rate ?? (isShort ? { max: ratePerMinute, per: minutes(1) } : null) };
}

function lowered({ max, per }: StartRate, share: number): StartRate {
  const left = max * share;
  return left >= FEW ? { max: Math.floor(left), per } : { max: 1, per: ms(Math.ceil(per / left)) };
}

function loadOf(views: readonly (QueueView | undefined)[], port: TaskQueue): QueueLoad {
  const running = port.processes();
  let [batch, others] = [0, 0];
  for (const view of views) {
    if (view === undefined) continue;
    if (view.waitingByClass === null) {
      others += view.depth === null ? 1 : view.depth + (view.running ?? 1);
      continue;
    }
    const mine = running.filter(({ queue, class: its }) => queue === view.queue && its !== 'critical');
    const batchRuns = mine.filter((one) => one.class === 'batch').length;
    batch += view.waitingByClass.batch + batchRuns;
    others += view.waitingByClass.batch + view.waitingByClass.normal + mine.length;
  }
  return { batch, others };
}

function describe({ others }: QueueHold): string {
  if (others === 1) return 'batch tasks start only while there is room in the budget';
  return `batch tasks wait, tasks below critical keep ${percent(others)} of their places and of their rate`;
}

/** A queue without classes (BullMQ) is braked by its limits alone: that it has no class is no problem. */
function problemOf(queue: string, change: QueueChange): readonly string[] {
  return change.kind === 'unknown' ? [`${queue}: ${change.reason}`] : [];
}

function percent(share: number): string {
  return `${Math.round(share * 100)} %`;
}
