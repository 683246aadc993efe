/**
 * Pictures on their way into cards. Painting takes a moment, so it happens beside the queue: the card goes out as text
 * at once and its picture follows. Each picture is tried once; a card without one is complete.
 */
import type { WantedPicture } from './outbox-step.ts';
import { remember } from './shown-memory.ts';
import type { CardPicture } from './surface.ts';

const REMEMBERED = 200;

interface Work {
  readonly key: string;
  readonly made: CardPicture | 'none' | 'painting';
}

export interface PictureDesk {
  /** The picture; `none` where it cannot be had; `painting` where `onReady` will be called. */
  get(card: string, wanted: WantedPicture): CardPicture | 'none' | 'painting';
  /** It is placed, or it was tried and not taken. */
  done(card: string, wanted: WantedPicture): void;
}

export function createPictureDesk(onReady: (card: string) => void): PictureDesk {
  const works = new Map<string, Work>();

  async function paint(card: string, wanted: WantedPicture): Promise<void> {
    const made = (await wanted.make()) ?? 'none';
    if (works.get(card)?.key !== wanted.key) return;
    remember(works, card, { key: wanted.key, made }, REMEMBERED);
    onReady(card);
  }

  return {
    get(card, wanted) {
      const known = works.get(card);
      if (known?.key === wanted.key) return known.made;
      remember(works, card, { key: wanted.key, made: 'painting' }, REMEMBERED);
      void paint(card, wanted);
      return 'painting';
    },
    done: (card, wanted) => remember(works, card, { key: wanted.key, made: 'none' }, REMEMBERED),
  };
}
