/**
 * The surface-neutral card: meaning only, no pixels. A pure function of stored state makes it
 * (bot/messages.ts); each surface renders what it can and says what it left out.
 *
 * All texts are untrusted (host names, log lines, process titles): renderers escape, never interpret.
 */
import type { EpochMs } from '../domain/units.ts';

/** The one word and its colour, the same on every surface. */
export type CardTone = 'ok' | 'info' | 'warn' | 'crit';

export interface CardFact {
  readonly label: string;
  readonly value: string;
  /** Drop order when a limit bites: 1 stays longest. */
  readonly weight: 1 | 2 | 3;
}

export interface CardButton {
  readonly verb: 'approve' | 'deny' | 'ack' | 'more';
  readonly label: string;
  readonly tone: 'go' | 'stop' | 'neutral';
  /** What the press is about: an approval id for approve and deny, an incident id for ack and more. */
  readonly subject: string;
  /** Asked before it counts, where the surface can ask. */
  readonly confirm: string | null;
}

/** How a decision ended, for everybody to read. */
export interface CardStamp {
  readonly text: string;
  readonly at: EpochMs;
}

export interface Card {
  /** Incident id; a surface keeps one root message for each key and edits it in place. */
  readonly key: string;
  /** Only grows; a surface ignores what is older than what it shows. */
  readonly version: number;
  readonly tone: CardTone;
  /** Healed, Waiting, Held, Paged … */
  readonly word: string;
  readonly severity: 'info' | 'warning' | 'critical';
  readonly title: string;
  /** One or two short sentences under the title. */
  readonly lead: string;
  readonly facts: readonly CardFact[];
  /** Exactly what will run, shown as code; `null` where nothing waits. */
  readonly code: string | null;
  readonly next: string;
  readonly buttons: readonly CardButton[];
  /** When the asked decision expires; shown in the reader's own zone. */
  readonly expiresAt: EpochMs | null;
  readonly stamp: CardStamp | null;
  readonly link: { readonly label: string; readonly url: string } | null;
  /** Calls people: a mention on chat, a mail. */
  readonly page: boolean;
}

/** One line for the thread of a card. `id` makes a repeat harmless. */
export interface ThreadLine {
  readonly id: string;
  readonly at: EpochMs;
  readonly tone: 'bad' | 'act' | 'good' | 'note';
  readonly text: string;
}
