/**
 * Brings one card or line to its surface and keeps, on disk, where it stands: before anything else is sent, so that
 * a restart finds the message again.
 *
 * A message whose answer comes after the deadline may be there all the same; where it stands is kept then too.
 */
import { isOpsError } from '../domain/errors.ts';
import type { Clock } from '../domain/ports.ts';
import { type Ms, seconds } from '../domain/units.ts';
import { withDeadline } from '../platform/deadline.ts';
import type { Card } from './card.ts';
import { type AppendStep, type Edit, lookOf, type PictureStep, type PutStep } from './outbox-step.ts';
import type { CardPicture, ChatSurface, Placed } from './surface.ts';
import type { Threads } from './threads.ts';

/** Longer than the surface's own limit, so that it can say why. */
const SEND_LIMIT: Ms = seconds(20);
const MOST_EDITS_KEPT = 1_000;

export interface DeliveryDeps {
  readonly surface: Pick<ChatSurface, 'id' | 'put' | 'picture' | 'append'>;
  readonly threads: Threads;
  readonly clock: Clock;
}

export interface Delivery {
  /** Rejects when the platform refused, or when nobody knows whether it took it. */
  send(key: string, step: PutStep | AppendStep): Promise<void>;
  picture(key: string, step: PictureStep, picture: CardPicture): Promise<void>;
  lastEdit(key: string): Edit | undefined;
}

/** Why a message was not taken, as far as the outbox can act on it. */
export interface Refusal {
  /** The platform will never take this message: do not ask again. */
  readonly isFinal: boolean;
  readonly retryAfter: Ms | null;
}

export function createDelivery({ surface, threads, clock }: DeliveryDeps): Delivery {
  const edits = new Map<string, Edit>();

  async function keepCard(key: string, card: Card, placed: Placed): Promise<void> {
    const told = threads.get(surface.id, key)?.told ?? null;
    const thread = { placed, version: card.version, told, settled: false, touchedAt: clock.now() };
    await threads.keep(surface.id, key, thread);
  }

  async function put(key: string, { card, placed }: PutStep): Promise<void> {
    const triedBefore = placed === null && (await threads.tries(surface.id, key));
    const sending = surface.put(card, placed, { triedBefore });
    try {
      const stands = await withDeadline(clock, { what: surface.id, span: SEND_LIMIT }, () => sending);
      edits.delete(key);
      edits.set(key, { at: clock.monotonic(), look: lookOf(card) });
      dropOldest(edits);
      await keepCard(key, card, stands);
    } catch (cause) {
      const keepLate = async (): Promise<void> => {
        const late = await sending;
        if (threads.get(surface.id, key) === undefined) await keepCard(key, card, late);
      };
      // The rejection is the one that is thrown below, or nobody waits for it any more.
      keepLate().catch(() => undefined);
      if (placed === null && !triedBefore && nothingArrived(cause)) threads.refused(surface.id, key);
      throw cause;
    }
  }

  async function picture(key: string, { card, placed }: PictureStep, made: CardPicture): Promise<void> {
    const sending = surface.picture(card, placed, made);
    const stands = await withDeadline(clock, { what: surface.id, span: SEND_LIMIT }, () => sending);
    const thread = threads.get(surface.id, key);
    if (thread === undefined) return;
    await threads.keep(surface.id, key, {
      ...thread,
      placed: { ...thread.placed, ...stands },
      touchedAt: clock.now(),
    });
  }

  async function append(key: string, { placed, line, mark }: AppendStep): Promise<void> {
    await withDeadline(clock, { what: surface.id, span: SEND_LIMIT }, () => surface.append(placed, line));
    const thread = threads.get(surface.id, key);
    if (thread === undefined) return;
    await threads.keep(surface.id, key, { ...thread, told: mark, touchedAt: clock.now() });
  }

  return {
    picture,
    send: (key, step) => (step.kind === 'put' ? put(key, step) : append(key, step)),
    lastEdit: (key) => edits.get(key),
  };
}

/** The platform answered and refused; anything else leaves it open whether the message is there. */
function nothingArrived(error: unknown): boolean {
  return isOpsError(error, 'SURFACE_DOWN') && error.context['kind'] !== 'unreachable';
}

/** Surfaces say why in the context of their error; anything else may be tried again. */
export function readRefusal(error: unknown): Refusal {
  if (!isOpsError(error)) return { isFinal: false, retryAfter: null };
  const { kind, retryAfterSeconds } = error.context;
  return {
    isFinal: kind === 'refused',
    retryAfter: typeof retryAfterSeconds === 'number' ? seconds(retryAfterSeconds) : null,
  };
}

function dropOldest(edits: Map<string, Edit>): void {
  for (const key of edits.keys()) {
    if (edits.size <= MOST_EDITS_KEPT) return;
    edits.delete(key);
  }
}
