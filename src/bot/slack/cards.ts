/** Cards in Slack's channel: made once, found again where an answer was lost, edited in place, with their picture. */
import type { Card } from '../card.ts';
import type { CardPicture, Placed } from '../surface.ts';
import type { PutManner } from '../surface-worker.ts';
import type { SlackApi } from './api.ts';
import { EVENT_TYPE } from './card-store.ts';
import { isGone, platformCode } from './faults.ts';
import type { SlackOptions } from './options.ts';
import { renderCall, renderCard } from './render.ts';

export interface SlackCards {
  put(card: Card, placed: Placed | null, how: PutManner): Promise<Placed>;
  picture(card: Card, placed: Placed, picture: CardPicture): Promise<Placed>;
}

export function createSlackCards(api: SlackApi, options: SlackOptions): SlackCards {
  const messageOf = (card: Card, placed: Placed | null): object =>
    renderCard(card, card.page ? options.mention : null, placed?.picture);

  async function create(card: Card): Promise<Placed> {
    const metadata = JSON.stringify({ event_type: EVENT_TYPE, event_payload: { card: card.key } });
    const { channel, ts } = await api.post(options.channel, { ...messageOf(card, null), metadata });
    return { channel, message: ts, thread: ts };
  }

  async function edit(card: Card, placed: Placed): Promise<Placed> {
    try {
      await api.update(placed.channel, placed.message, messageOf(card, placed));
      return placed;
    } catch (error) {
      if (codeOf(error) !== 'invalid_blocks' || placed.picture === undefined) throw error;
      const { picture: _gone, ...bare } = placed;
      await api.update(bare.channel, bare.message, messageOf(card, bare));
      return bare;
    }
  }

  /** `null` where the message is gone. */
  async function editOrNull(card: Card, placed: Placed): Promise<Placed | null> {
    try {
      return await edit(card, placed);
    } catch (error) {
      if (error instanceof Error && isGone(error.cause)) return null;
      throw error;
    }
  }

  /** An edit of a message tells nobody: whoever is called is called in the thread, for all to see. */
  async function call(card: Card, placed: Placed): Promise<void> {
    if (options.mention === null) return;
    const page = { thread_ts: placed.thread, reply_broadcast: true, ...renderCall(card, options.mention) };
    await api.post(placed.channel, page);
  }

  /** The oldest of those that are there stays; later copies of it go. */
  async function found(card: Card): Promise<Placed | null> {
    const [first, ...copies] = await api.find(options.channel, card.key);
    if (first === undefined) return null;
    for (const copy of copies) await api.remove(options.channel, copy);
    return { channel: options.channel, message: first, thread: first };
  }

  return {
    async put(card, placed, how) {
      const stands = placed ?? (how.triedBefore ? await found(card) : null);
      const edited = stands === null ? null : await editOrNull(card, stands);
      if (edited === null) return create(card);
      if (placed !== null && how.call) await call(card, edited);
      return edited;
    },
    async picture(card, placed, picture) {
      const shown = await api.upload(picture);
      const stands = { ...placed, picture: shown };
      await api.whenReady(() => api.update(placed.channel, placed.message, messageOf(card, stands)));
      if (placed.picture !== undefined) await api.drop(placed.picture.file);
      return stands;
    },
  };
}

function codeOf(error: unknown): string {
  return error instanceof Error ? platformCode(error.cause) : '';
}
