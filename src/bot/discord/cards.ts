/**
 * Cards in Discord's channel: made once, found again where an answer was lost, edited in place, with their picture and
 * the thread that starts from them (its id is the message's own).
 */
import { createHash } from 'node:crypto';
import { Routes } from 'discord.js';
import { OpsError } from '../../domain/errors.ts';
import type { Card, ThreadLine } from '../card.ts';
import type { CardPicture, Placed } from '../surface.ts';
import type { PutManner } from '../surface-worker.ts';
import type { DiscordApi } from './api.ts';
import { isGone, isThreadGone, threadExists } from './faults.ts';
import type { DiscordOptions } from './options.ts';
import { PICTURE_NAME, renderCall, renderCard, renderLine, threadName } from './render.ts';

/** Threads without a word for a day fold away; a new line opens them again. */
const ARCHIVE_MINUTES = 1_440;
const LOOKED_THROUGH = 100;
/** In an upload files are named by their place. */
const FIRST_FILE = '0';

export interface DiscordCards {
  put(card: Card, placed: Placed | null, how: PutManner): Promise<Placed>;
  picture(card: Card, placed: Placed, picture: CardPicture): Promise<Placed>;
  append(placed: Placed, line: ThreadLine): Promise<void>;
}

export function createDiscordCards(api: DiscordApi, options: DiscordOptions): DiscordCards {
  const messageOf = (card: Card, placed: Placed | null): object =>
    renderCard(card, card.page ? options.mention : null, placed?.picture);

  /** @param instead Which message it replaces: part of what makes a repeat harmless. */
  async function create(card: Card, instead: string): Promise<Placed> {
    const { channel } = options;
    const nonce = once(`card:${card.key}:${instead}`);
    const id = idOf(await api.post(Routes.channelMessages(channel), { ...messageOf(card, null), ...nonce }));
    await startThread(api, channel, id, threadName(card)).catch(() => {
      // The card stands; the first line of the thread tries again.
    });
    return { channel, message: id, thread: id };
  }

  /** False where the message is gone. */
  async function isEdited(card: Card, placed: Placed): Promise<boolean> {
    try {
      await api.patch(Routes.channelMessage(placed.channel, placed.message), messageOf(card, placed));
      return true;
    } catch (error) {
      if (isGone(causeOf(error))) return false;
      throw error;
    }
  }

  async function call(card: Card, placed: Placed): Promise<void> {
    if (options.mention === null) return;
    await api.post(Routes.channelMessages(placed.channel), {
      ...renderCall(card, options.mention),
      ...once(`call:${card.key}:${card.version}`),
      message_reference: { message_id: placed.message, fail_if_not_exists: false },
    });
  }

  /** Discord forgets a nonce after some minutes; the card carries its key. */
  async function found(card: Card): Promise<Placed | null> {
    const { channel } = options;
    const listed = await api.get(`${Routes.channelMessages(channel)}?limit=${LOOKED_THROUGH}`);
    const id = oldestOf(listed, card.key);
    return id === null ? null : { channel, message: id, thread: id };
  }

  return {
    async put(card, placed, how) {
      const stands = placed ?? (how.triedBefore ? await found(card) : null);
      if (stands === null) return create(card, 'new');
      if (!(await isEdited(card, stands))) return create(card, stands.message);
      if (placed !== null && how.call) await call(card, stands);
      return stands;
    },
    async picture(card, placed, { key, alt, png }) {
      const body = messageOf(card, { ...placed, picture: { key, alt, file: FIRST_FILE } });
      const route = Routes.channelMessage(placed.channel, placed.message);
      const edited = await api.patch(route, body, { name: PICTURE_NAME, data: Buffer.from(png) });
      return { ...placed, picture: { key, alt, file: attachmentOf(edited) } };
    },
    append: (placed, line) => appendLine(api, placed, line),
  };
}

async function appendLine(api: DiscordApi, placed: Placed, line: ThreadLine): Promise<void> {
  const body = { ...renderLine(line), ...once(`line:${line.id}`) };
  try {
    await api.post(Routes.channelMessages(placed.thread), body);
  } catch (error) {
    if (!isThreadGone(causeOf(error))) throw error;
    await startThread(api, placed.channel, placed.message, 'Timeline');
    await api.post(Routes.channelMessages(placed.thread), body);
  }
}

async function startThread(api: DiscordApi, channel: string, message: string, name: string): Promise<void> {
  const body = { name, auto_archive_duration: ARCHIVE_MINUTES };
  try {
    await api.post(Routes.threads(channel, message), body);
  } catch (error) {
    if (!threadExists(causeOf(error))) throw error;
  }
}

/** Discord makes no second message for the same nonce within a few minutes. */
function once(what: string): { readonly nonce: string; readonly enforce_nonce: true } {
  return { nonce: createHash('sha256').update(what).digest('hex').slice(0, 25), enforce_nonce: true };
}

function idOf(message: unknown): string {
  const id = (message as { readonly id?: unknown } | null)?.id;
  if (typeof id === 'string') return id;
  throw new OpsError('SURFACE_DOWN', 'Discord named no message.');
}

function attachmentOf(message: unknown): string {
  const { attachments } = (message ?? {}) as { readonly attachments?: readonly { readonly id?: unknown }[] };
  const id = attachments?.at(-1)?.id;
  if (typeof id === 'string') return id;
  throw new OpsError('SURFACE_DOWN', 'Discord named no attachment.');
}

/** Discord lists the newest first. A card names its key in the footer. */
function oldestOf(listed: unknown, key: string): string | null {
  if (!Array.isArray(listed)) return null;
  const ours = listed.findLast((message: unknown) => {
    const { embeds, author } = message as {
      readonly embeds?: readonly { readonly footer?: { readonly text?: unknown } }[];
      readonly author?: { readonly bot?: unknown };
    };
    const foot = embeds?.[0]?.footer?.text;
    return author?.bot === true && typeof foot === 'string' && foot.split(' · ')[0] === key;
  });
  return ours === undefined ? null : idOf(ours);
}

function causeOf(error: unknown): unknown {
  return error instanceof Error ? error.cause : undefined;
}
