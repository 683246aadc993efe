/**
 * Paces the edits of one card. Discord lets an old message (one hour) be edited only rarely and then holds the
 * call without a word (30046), so small changes wait and only the newest is sent; a change of state goes at
 * once. The held edit lives in the main thread: it survives a rebuilt worker.
 */
import { createHash } from 'node:crypto';
import { describeError } from '../../domain/errors.ts';
import type { Cancel, Clock, Logger } from '../../domain/ports.ts';
import { type EpochMs, elapsed, epochMs, type Ms, minutes, ms } from '../../domain/units.ts';
import type { Card } from '../card.ts';
import { remember } from '../shown-memory.ts';
import type { ChatSurface, FirstPut, Placed } from '../surface.ts';

/** Discord's ids begin here. */
const DISCORD_EPOCH = 1_420_070_400_000;
const OLD: Ms = minutes(60);
const OLD_EVERY: Ms = minutes(10);
const CARDS = 500;
/** A held edit that keeps failing is left to the next change of the card. */
const TRIES = 40;

interface Edited {
  readonly at: Ms;
  readonly state: string;
}

/** How long this edit has to wait; 0 = send it now. */
export function editWait(
  last: Edited | undefined,
  state: string,
  postedAt: EpochMs,
  span: { readonly editEvery: Ms; readonly mono: Ms; readonly now: EpochMs },
): Ms {
  if (last === undefined || last.state !== state) return ms(0);
  const every = elapsed(postedAt, span.now) > OLD ? Math.max(OLD_EVERY, span.editEvery) : span.editEvery;
  return ms(Math.max(0, last.at + every - span.mono));
}

/** What makes a card different at a glance: everything else can wait. */
export function stateOf(card: Card): string {
  const { word, severity, buttons, stamp, page, code } = card;
  return createHash('sha256')
    .update(JSON.stringify({ word, severity, buttons, stamp, page, code }))
    .digest('hex');
}

/** When Discord made this id. */
export function postedAt(snowflake: string): EpochMs {
  return /^\d{15,20}$/.test(snowflake)
    ? epochMs(Number(BigInt(snowflake) >> 22n) + DISCORD_EPOCH)
    : epochMs(0);
}

type Put = ChatSurface['put'];

export interface EditPace {
  readonly put: Put;
  readonly picture: ChatSurface['picture'];
  stop(): void;
}

export function paceEdits(
  { put: send, picture }: Pick<ChatSurface, 'put' | 'picture'>,
  deps: { readonly clock: Clock; readonly log: Logger; readonly editEvery: Ms },
): EditPace {
  const { clock, log, editEvery } = deps;
  const edited = new Map<string, Edited>();
  const held = new Map<string, Cancel>();
  /** A picture that came while an edit was held has to stay. */
  const pictured = new Map<string, Placed>();

  function release(key: string): void {
    held.get(key)?.();
    held.delete(key);
  }

  async function sendNow(card: Card, placed: Placed | null, first?: FirstPut): Promise<Placed> {
    release(card.key);
    const where = await send(card, placed, first);
    remember(edited, card.key, { at: clock.monotonic(), state: stateOf(card) }, CARDS);
    return where;
  }

  function hold(card: Card, placed: Placed, wait: Ms, tries: number): void {
    release(card.key);
    const cancel = clock.in(wait, () => {
      held.delete(card.key);
      sendNow(card, pictured.get(card.key) ?? placed).catch((cause: unknown) => {
        log.info('held edit failed', { card: card.key, error: describeError(cause) });
        if (tries < TRIES && !held.has(card.key)) hold(card, placed, editEvery, tries + 1);
      });
    });
    held.set(card.key, cancel);
  }

  return {
    async put(card, placed, first) {
      if (placed === null) return sendNow(card, null, first);
      const span = { editEvery, mono: clock.monotonic(), now: clock.now() };
      const wait = editWait(edited.get(card.key), stateOf(card), postedAt(placed.message), span);
      if (wait === 0) return sendNow(card, placed);
      hold(card, placed, wait, 1);
      return placed;
    },
    async picture(card, placed, made) {
      const where = await picture(card, placed, made);
      remember(pictured, card.key, where, CARDS);
      return where;
    },
    stop() {
      for (const key of [...held.keys()]) release(key);
    },
  };
}
