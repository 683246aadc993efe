/**
 * The queue in front of a surface. It holds no texts, only which cards may be behind: what is sent is made from the
 * stored state at the moment of sending, so the newest card wins, lines come once and in order, and a restart goes
 * on where the last run ended. Nobody ever waits for it.
 */
import { describeError } from '../domain/errors.ts';
import type { Cancel, Clock, Logger } from '../domain/ports.ts';
import { ms } from '../domain/units.ts';
import type { ThreadLine } from './card.ts';
import { backOffSpan, createPace, type Pace } from './outbox-pace.ts';
import { createOutboxQueue, type OutboxQueue, type QueueEntry, type Rank } from './outbox-queue.ts';
import { createDelivery, type Delivery, readRefusal } from './outbox-send.ts';
import { type AppendStep, nextStep, type PutStep, type Rendered, type Step } from './outbox-step.ts';
import type { ChatSurface } from './surface.ts';
import type { Threads } from './threads.ts';

const MOST_WAITING = 500;
/** Goes out above the message budget, and is owed even when it is over before it could go. */
const URGENT: Rank = 1;
const ANY: Rank = 3;
const MOST_REFUSED = 1_000;
const NOTHING: Step = { kind: 'nothing' };

export interface OutboxDeps {
  readonly surface: Pick<ChatSurface, 'id' | 'put' | 'append'>;
  readonly threads: Threads;
  readonly clock: Clock;
  readonly log: Logger;
  /** New messages an hour for what is not urgent. */
  readonly budgetPerHour: () => number;
  /** From stored state; `null` when there is nothing to show for the key any more. */
  readonly render: (key: string) => Rendered | null;
  readonly merge: (lines: readonly [ThreadLine, ...ThreadLine[]]) => ThreadLine;
  /** Something did not fit and there is room again: time to look for cards that are behind. */
  readonly onRoom: () => void;
}

export interface Outbox {
  /** Says that the card of `key` may be behind. Returns at once. */
  show(key: string, rank: Rank, force?: boolean): void;
  /** The surface is back. */
  wake(): void;
  stop(): void;
  readonly waiting: number;
}

/** What one turn works with. */
interface Turn {
  readonly deps: OutboxDeps;
  readonly queue: OutboxQueue;
  readonly pace: Pace;
  readonly delivery: Delivery;
  /** Version of each card that the platform will never take. */
  readonly refused: Map<string, number>;
}

export function createOutbox(deps: OutboxDeps): Outbox {
  const { surface, threads, clock, log } = deps;
  const queue = createOutboxQueue(MOST_WAITING);
  const pace = createPace(clock, deps.budgetPerHour);
  const turn: Turn = { deps, queue, pace, delivery: createDelivery(deps), refused: new Map() };
  let state: 'waiting' | 'sending' | 'stopped' = 'waiting';
  let lacksRoom = false;
  let timer: { readonly at: number; readonly cancel: Cancel } | undefined;

  function schedule(): void {
    const at = dueAt(queue, pace);
    if (state !== 'waiting' || at === undefined || (timer !== undefined && timer.at <= at)) return;
    timer?.cancel();
    const cancel = clock.in(ms(Math.max(0, at - clock.monotonic())), () => void run());
    timer = { at, cancel };
  }

  async function run(): Promise<void> {
    timer = undefined;
    state = 'sending';
    try {
      await sendNext(turn);
    } catch (cause) {
      pace.failed(null);
      log.error('outbox turn failed', { surface: surface.id, error: describeError(cause) });
    }
    if (isStopped()) return;
    state = 'waiting';
    askForMore();
    schedule();
  }

  /** What did not fit is looked for again as soon as half of the queue is empty. */
  function askForMore(): void {
    if (!lacksRoom || queue.size > MOST_WAITING / 2) return;
    lacksRoom = false;
    deps.onRoom();
  }

  function isStopped(): boolean {
    return state === 'stopped';
  }

  return {
    show(key, rank, force = false) {
      if (rank <= URGENT && threads.get(surface.id, key) === undefined) threads.owe(surface.id, key);
      if (!queue.add(key, rank, force)) lacksRoom = true;
      schedule();
    },
    wake() {
      pace.wake();
      queue.wake();
      schedule();
    },
    stop() {
      state = 'stopped';
      timer?.cancel();
    },
    get waiting() {
      return queue.size;
    },
  };
}

function dueAt(queue: OutboxQueue, pace: Pace): number | undefined {
  const [urgent, any] = [queue.nextAt(URGENT), queue.nextAt(ANY)];
  if (any === undefined) return undefined;
  const withBudget = Math.max(any, pace.budgetAt());
  return Math.max(pace.readyAt(), Math.min(urgent ?? withBudget, withBudget));
}

/** Sends one message; passes over entries that have nothing to send. */
async function sendNext(turn: Turn): Promise<void> {
  const { deps, queue, pace } = turn;
  for (;;) {
    const now = deps.clock.monotonic();
    const entry = queue.next(now, pace.budgetAt() <= now ? ANY : URGENT);
    if (entry === undefined) return;
    const rendered = render(turn, entry);
    const step = rendered === null ? NOTHING : stepFor(turn, entry, rendered, now);
    switch (step.kind) {
      case 'put':
      case 'append':
        await send(turn, entry, step);
        return;
      case 'later':
        entry.notBefore = step.at;
        break;
      case 'nothing':
        leave(turn, entry, rendered);
        break;
    }
  }
}

/** A card that cannot be made now is passed over; what stands on the surface stays known. */
function render({ deps, queue }: Turn, entry: QueueEntry): Rendered | null {
  try {
    const rendered = deps.render(entry.key);
    if (rendered === null) deps.threads.forget(deps.surface.id, entry.key);
    return rendered;
  } catch (cause) {
    queue.remove(entry);
    deps.log.error('card not made', { key: entry.key, error: describeError(cause) });
    return null;
  }
}

function stepFor(
  { deps, delivery, refused }: Turn,
  entry: QueueEntry,
  rendered: Rendered,
  now: number,
): Step {
  if (refused.get(entry.key) === rendered.card.version) return NOTHING;
  return nextStep({
    rendered,
    thread: deps.threads.get(deps.surface.id, entry.key),
    force: entry.force,
    lastEdit: delivery.lastEdit(entry.key),
    now,
    merge: deps.merge,
  });
}

async function send(turn: Turn, entry: QueueEntry, step: PutStep | AppendStep): Promise<void> {
  const { pace, delivery } = turn;
  const wasForced = entry.force;
  entry.force = false;
  pace.sending(step.kind === 'append' || step.placed === null);
  try {
    await delivery.send(entry.key, step);
    pace.delivered();
    entry.failures = 0;
    entry.linesOnly = true;
  } catch (cause) {
    entry.force ||= wasForced && step.kind === 'put';
    failed(turn, entry, step, cause);
  }
}

function failed(turn: Turn, entry: QueueEntry, step: PutStep | AppendStep, cause: unknown): void {
  const { deps, pace } = turn;
  const { isFinal, retryAfter } = readRefusal(cause);
  const { key } = entry;
  deps.log.warn('message not delivered', {
    surface: deps.surface.id,
    key,
    isFinal,
    error: describeError(cause),
  });
  if (isFinal) {
    giveUp(turn, entry, step);
    return;
  }
  pace.failed(retryAfter);
  entry.failures += 1;
  entry.notBefore = deps.clock.monotonic() + backOffSpan(entry.failures);
}

/** The platform will never take it: this version of the card, or this line, is passed over. */
function giveUp({ deps, queue, refused }: Turn, entry: QueueEntry, step: PutStep | AppendStep): void {
  const { surface, threads } = deps;
  if (step.kind === 'put') {
    queue.remove(entry);
    if (refused.size >= MOST_REFUSED) refused.clear();
    refused.set(entry.key, step.card.version);
    return;
  }
  const thread = threads.get(surface.id, entry.key);
  if (thread !== undefined) void threads.keep(surface.id, entry.key, { ...thread, told: step.mark });
}

/** Nothing to send: all is shown, refused for good, or gone from the stored state. */
function leave({ deps, queue }: Turn, entry: QueueEntry, rendered: Rendered | null): void {
  const { surface, threads } = deps;
  queue.remove(entry);
  const thread = threads.get(surface.id, entry.key);
  if (thread === undefined || thread.settled || rendered?.over !== true) return;
  void threads.keep(surface.id, entry.key, { ...thread, settled: true });
}
