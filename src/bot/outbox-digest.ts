/**
 * What the message budget holds back, told in one message: one an hour above the budget, edited in place while more
 * comes. A person who reads it knows that there is more and what it is.
 */
import type { Clock } from '../domain/ports.ts';
import { hours, type Ms, minutes } from '../domain/units.ts';
import type { Card } from './card.ts';
import type { PutStep } from './outbox-step.ts';
import type { Placed } from './surface.ts';

const EDIT_EVERY: Ms = minutes(1);
const LASTS: Ms = hours(1);

interface Open {
  readonly key: string;
  readonly since: number;
  version: number;
  told: string;
  tellAt: number;
}

export interface Digest {
  /** Something waits for the budget; its keys are asked for when it is told. */
  note(): void;
  /** When there is something to tell, on the monotonic clock. */
  nextAt(): number | undefined;
  /** The message to send now, or `null` where nothing is new. */
  step(waiting: readonly Card[]): { readonly key: string; readonly step: PutStep } | null;
}

export interface DigestDeps {
  readonly clock: Clock;
  /** One card for all that wait. */
  readonly card: (key: string, version: number, waiting: readonly Card[]) => Card;
  readonly placed: (key: string) => Placed | null;
}

export function createDigest({ clock, card, placed }: DigestDeps): Digest {
  let open: Open | null = null;
  let hasNews = false;

  function current(now: number): Open {
    if (open !== null && now - open.since < LASTS) return open;
    open = { key: `digest-${clock.now().toString(36)}`, since: now, version: 0, told: '', tellAt: now };
    return open;
  }

  return {
    note() {
      hasNews = true;
    },
    nextAt: () => (hasNews ? (open?.tellAt ?? 0) : undefined),
    step(waiting) {
      hasNews = false;
      if (waiting.length === 0) return null;
      const now = clock.monotonic();
      const digest = current(now);
      const told = waiting.map((one) => `${one.key} ${one.word}`).join('|');
      if (told === digest.told) return null;
      digest.told = told;
      digest.version += 1;
      digest.tellAt = now + EDIT_EVERY;
      const made = card(digest.key, digest.version, waiting);
      return { key: digest.key, step: { kind: 'put', card: made, placed: placed(digest.key) } };
    },
  };
}
