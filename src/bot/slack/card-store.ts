/**
 * What is done with cards beyond posting and editing: finding one whose answer was lost, its picture, a form in front
 * of it. What goes wrong here says nothing about the channel, so it is not told to the health of the surface.
 */
import type { webApi } from '@slack/bolt';
import type { Clock } from '../../domain/ports.ts';
import type { CardPicture, PlacedPicture } from '../surface.ts';
import { faultError } from '../surface-fault.ts';
import type { SurfaceTiming } from '../surface-timing.ts';
import { platformCode, toFault } from './faults.ts';
import { type FileCall, upload, whenReady } from './files.ts';

/** Marks our cards, so that one whose answer was lost can be found. */
export const EVENT_TYPE = 'nightshift_card';
const HISTORY_SCOPES: readonly string[] = ['channels:history', 'groups:history'];
const LOOKED_THROUGH = 200;

export interface CardStore {
  /** The messages that stand for a card, oldest first; none where Slack may not be asked. */
  find(channel: string, card: string): Promise<readonly string[]>;
  remove(channel: string, ts: string): Promise<void>;
  upload(picture: CardPicture): Promise<PlacedPicture>;
  /** Repeats `show` while the file in it is not ready. */
  whenReady(show: () => Promise<void>): Promise<void>;
  /** A picture that nothing shows any more. */
  drop(file: string): Promise<void>;
  openView(trigger: string, view: object): Promise<void>;
}

interface StoreDeps {
  readonly options: { readonly apiUrl: string };
  readonly clock: Clock;
  readonly timing: SurfaceTiming;
}

/** @param granted The scopes of the token, where Slack has said them. */
export function createCardStore(
  web: webApi.WebClient,
  { options, clock, timing }: StoreDeps,
  granted: () => readonly string[] | undefined,
): CardStore {
  const call: FileCall = async (method, args) => {
    try {
      return { ...(await web.apiCall(method, args)) };
    } catch (error) {
      throw faultError('slack', toFault(error), error);
    }
  };
  return {
    async find(channel, card) {
      if (!HISTORY_SCOPES.some((scope) => granted()?.includes(scope))) return [];
      const asked = { channel, limit: LOOKED_THROUGH, include_all_metadata: true };
      return cardsIn(await call('conversations.history', asked), card);
    },
    async remove(channel, ts) {
      await call('chat.delete', { channel, ts });
    },
    upload: (picture) => upload(picture, { call, apiUrl: options.apiUrl, clock, timing }),
    whenReady: (show) => whenReady(show, isNotReady, { clock, timing }),
    async drop(file) {
      await call('files.delete', { file }).catch(() => {
        // It stays in Slack's store until its retention ends; the card is right.
      });
    },
    async openView(trigger, view) {
      await call('views.open', { trigger_id: trigger, view: JSON.stringify(view) });
    },
  };
}

function isNotReady(error: unknown): boolean {
  return error instanceof Error && platformCode(error.cause) === 'invalid_blocks';
}

/** Slack lists the newest first. */
function cardsIn(history: Readonly<Record<string, unknown>>, card: string): readonly string[] {
  const messages = Array.isArray(history['messages']) ? (history['messages'] as readonly unknown[]) : [];
  return messages
    .flatMap((message): string[] => {
      const { ts, metadata } = message as { readonly ts?: unknown; readonly metadata?: unknown };
      const { event_type: type, event_payload: payload } = (metadata ?? {}) as Record<string, unknown>;
      const isOurs = type === EVENT_TYPE && (payload as { card?: unknown } | undefined)?.card === card;
      return isOurs && typeof ts === 'string' ? [ts] : [];
    })
    .reverse();
}
