/**
 * The queue in front of a surface. It holds no texts, only which cards may be behind: what is sent is made from the
 * stored state at the moment of sending, so the newest card wins, lines come once and in order, and a restart goes
 * on where the last run ended. Nobody ever waits for it.
 */
import { describeError } from '../domain/errors.ts';
import type { Cancel } from '../domain/ports.ts';
import { ms } from '../domain/units.ts';
import { createDigest } from './outbox-digest.ts';
import { createPace, type Pace } from './outbox-pace.ts';
import { createPictureDesk } from './outbox-pictures.ts';
import { createOutboxQueue, type OutboxQueue, type Rank } from './outbox-queue.ts';
import { createDelivery } from './outbox-send.ts';
import { ANY, type OutboxDeps, sendNext, type Turn, URGENT } from './outbox-turn.ts';
import type { Placed } from './surface.ts';

const MOST_WAITING = 500;

export interface Outbox {
  /** Says that the card of `key` may be behind. Returns at once. */
  show(key: string, rank: Rank, force?: boolean): void;
  /** The surface is back. */
  wake(): void;
  stop(): void;
  readonly waiting: number;
}

export function createOutbox(deps: OutboxDeps): Outbox {
  const { surface, threads, clock, log } = deps;
  const queue = createOutboxQueue(MOST_WAITING);
  const pace = createPace(clock, deps.budgetPerHour, deps.onNew);
  const turn = createTurn(deps, queue, pace, (key) => {
    if (isStopped() || (!queue.has(key) && !queue.add(key, ANY, false))) return;
    schedule();
  });
  const { digest } = turn;
  let state: 'waiting' | 'sending' | 'stopped' = 'waiting';
  let lacksRoom = false;
  let timer: { readonly at: number; readonly cancel: Cancel } | undefined;

  function schedule(): void {
    const at = dueAt(turn, clock.monotonic());
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
      if (rank > URGENT) digest.note();
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

function createTurn(
  deps: OutboxDeps,
  queue: OutboxQueue,
  pace: Pace,
  onPainted: (key: string) => void,
): Turn {
  const placed = (key: string): Placed | null => deps.threads.get(deps.surface.id, key)?.placed ?? null;
  return {
    deps,
    queue,
    pace,
    digest: createDigest({ clock: deps.clock, card: deps.digest, placed }),
    pictures: createPictureDesk(onPainted),
    delivery: createDelivery(deps),
    refused: new Map(),
  };
}

function dueAt({ queue, pace, digest }: Turn, now: number): number | undefined {
  const next = queue.nextAt(ANY);
  if (next === undefined) return undefined;
  const digestAt = pace.budgetAt() > now ? digest.nextAt() : undefined;
  return Math.max(pace.readyAt(), Math.min(next, digestAt ?? next));
}
