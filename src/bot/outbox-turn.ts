/** One turn of an outbox: what goes next, how it went, and what that means for the queue. */
import { assertNever, describeError } from '../domain/errors.ts';
import type { Clock, Logger } from '../domain/ports.ts';
import { type Ms, minutes } from '../domain/units.ts';
import type { Card, ThreadLine } from './card.ts';
import type { Digest } from './outbox-digest.ts';
import { backOffSpan, type Pace } from './outbox-pace.ts';
import type { PictureDesk } from './outbox-pictures.ts';
import type { OutboxQueue, QueueEntry, Rank } from './outbox-queue.ts';
import { type Delivery, readRefusal } from './outbox-send.ts';
import {
  type AppendStep,
  nextStep,
  type PictureStep,
  type PutStep,
  type Rendered,
  type Step,
} from './outbox-step.ts';
import type { ChatSurface } from './surface.ts';
import type { Threads } from './threads.ts';

/** Goes out above the message budget, and is owed even when it is over before it could go. */
export const URGENT: Rank = 1;
export const ANY: Rank = 3;
const MOST_REFUSED = 1_000;
/** With more than this waiting nobody needs pictures. */
const CALM = 10;
const DIGEST_LISTS = 100;
/** The budget may be given more meanwhile. */
const LOOK_AGAIN: Ms = minutes(1);
const NOTHING: Step = { kind: 'nothing' };

export interface OutboxDeps {
  readonly surface: Pick<ChatSurface, 'id' | 'put' | 'picture' | 'append'>;
  readonly threads: Threads;
  readonly clock: Clock;
  readonly log: Logger;
  /** New messages an hour for what is not urgent. */
  readonly budgetPerHour: () => number;
  /** A new message goes out. */
  readonly onNew?: () => void;
  /** From stored state; `null` when there is nothing to show for the key any more. */
  readonly render: (key: string) => Rendered | null;
  readonly merge: (lines: readonly [ThreadLine, ...ThreadLine[]]) => ThreadLine;
  /** One card for all that the budget holds back. */
  readonly digest: (key: string, version: number, waiting: readonly Card[]) => Card;
  /** Something did not fit and there is room again: time to look for cards that are behind. */
  readonly onRoom: () => void;
}

/** What one turn works with. */
export interface Turn {
  readonly deps: OutboxDeps;
  readonly queue: OutboxQueue;
  readonly pace: Pace;
  readonly delivery: Delivery;
  readonly pictures: PictureDesk;
  readonly digest: Digest;
  /** Version of each card that the platform will never take. */
  readonly refused: Map<string, number>;
}

/** Sends one message; passes over entries that have nothing to send, or that the budget holds back. */
export async function sendNext(turn: Turn): Promise<void> {
  const { deps, queue, pace } = turn;
  for (;;) {
    const now = deps.clock.monotonic();
    const entry = queue.next(now, ANY);
    if (entry === undefined) {
      if (pace.budgetAt() > now) await sendDigest(turn);
      return;
    }
    if ((await takeOrHold(turn, entry, now)) === 'sent') return;
  }
}

async function takeOrHold(turn: Turn, entry: QueueEntry, now: number): Promise<'sent' | 'passed'> {
  const { deps, pace } = turn;
  const isHeld = entry.rank > URGENT && pace.budgetAt() > now;
  if (isHeld && deps.threads.get(deps.surface.id, entry.key) === undefined) return holdBack(entry, pace, now);
  const rendered = render(turn, entry);
  const step = rendered === null ? NOTHING : stepFor(turn, entry, rendered, now);
  return isHeld && isNew(step) ? holdBack(entry, pace, now) : take(turn, entry, rendered, step);
}

/** Edits ring nowhere: a card that stands tells how it ended also when the budget is spent. */
function isNew(step: Step): boolean {
  return step.kind === 'append' || (step.kind === 'put' && step.placed === null);
}

function holdBack(entry: QueueEntry, pace: Pace, now: number): 'passed' {
  entry.notBefore = Math.min(pace.budgetAt(), now + LOOK_AGAIN);
  return 'passed';
}

async function take(
  turn: Turn,
  entry: QueueEntry,
  rendered: Rendered | null,
  step: Step,
): Promise<'sent' | 'passed'> {
  switch (step.kind) {
    case 'put':
    case 'append':
      await send(turn, entry, step);
      return 'sent';
    case 'picture':
      return takePicture(turn, entry, rendered, step);
    case 'later':
      entry.notBefore = step.at;
      return 'passed';
    case 'nothing':
      leave(turn, entry, rendered);
      return 'passed';
    default:
      return assertNever(step);
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
  pace.sending(isNew(step));
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

/** The text is out; a picture is tried once and never holds anything up. */
async function takePicture(
  turn: Turn,
  entry: QueueEntry,
  rendered: Rendered | null,
  step: PictureStep,
): Promise<'sent' | 'passed'> {
  const { deps, queue, pace, pictures, delivery } = turn;
  const made = queue.size > CALM ? 'painting' : pictures.get(entry.key, step.wanted);
  if (made === 'none') leave(turn, entry, rendered);
  else queue.remove(entry);
  if (made === 'none' || made === 'painting') return 'passed';
  pace.sending(false);
  try {
    await delivery.picture(entry.key, step, made);
    pace.delivered();
  } catch (cause) {
    const { retryAfter } = readRefusal(cause);
    if (retryAfter !== null) pace.failed(retryAfter);
    deps.log.warn('picture not delivered', {
      surface: deps.surface.id,
      key: entry.key,
      error: describeError(cause),
    });
  }
  pictures.done(entry.key, step.wanted);
  if (!queue.has(entry.key)) queue.add(entry.key, entry.rank, false);
  return 'sent';
}

async function sendDigest({ deps, queue, pace, delivery, digest }: Turn): Promise<void> {
  if (digest.nextAt() === undefined) return;
  const waiting = queue
    .keys(URGENT, DIGEST_LISTS)
    .filter((key) => deps.threads.get(deps.surface.id, key) === undefined)
    .flatMap((key): Card[] => {
      const card = deps.render(key)?.card;
      return card === undefined ? [] : [card];
    });
  const due = digest.step(waiting);
  if (due === null) return;
  pace.sending(due.step.placed === null);
  try {
    await delivery.send(due.key, due.step);
    pace.delivered();
  } catch (cause) {
    pace.failed(readRefusal(cause).retryAfter);
    deps.log.warn('digest not delivered', { surface: deps.surface.id, error: describeError(cause) });
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
    pace.refund();
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
