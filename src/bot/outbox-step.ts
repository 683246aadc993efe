/** What a surface needs next for one card: the card itself, the next lines of its thread, or nothing. Pure. */
import { type Ms, seconds } from '../domain/units.ts';
import type { Card, ThreadLine } from './card.ts';
import type { CardPicture, Placed } from './surface.ts';
import { type LineMark, linesAfter } from './thread-lines.ts';
import type { Thread } from './threads.ts';

/** An edit that changes figures only; platforms ration edits of old messages. */
const QUIET_EDIT_SPACING: Ms = seconds(15);
const MERGE_ABOVE = 3;

/** A card and its whole thread, as the stored state has them now. */
export interface Rendered {
  readonly card: Card;
  readonly lines: readonly ThreadLine[];
  /** Over: nothing more will come unless it reopens. */
  readonly over: boolean;
  /** The chart that belongs into the card; absent where there is none. */
  readonly picture?: WantedPicture;
}

/** A picture by what it shows; it is made only when it is wanted. */
export interface WantedPicture {
  readonly key: string;
  /** Never rejects; `null` where it cannot be made: then the card stays as it is. */
  make(): Promise<CardPicture | null>;
}

/** The last edit of a card: when, and what a person would notice of it. */
export interface Edit {
  readonly at: number;
  readonly look: string;
}

export interface PutStep {
  readonly kind: 'put';
  readonly card: Card;
  readonly placed: Placed | null;
}

export interface AppendStep {
  readonly kind: 'append';
  readonly placed: Placed;
  readonly line: ThreadLine;
  readonly mark: LineMark;
}

export interface PictureStep {
  readonly kind: 'picture';
  readonly card: Card;
  readonly placed: Placed;
  readonly wanted: WantedPicture;
}

export type Step =
  | PutStep
  | AppendStep
  | PictureStep
  | { readonly kind: 'later'; readonly at: number }
  | { readonly kind: 'nothing' };

export interface StepInput {
  readonly rendered: Rendered;
  readonly thread: Thread | undefined;
  readonly force: boolean;
  readonly lastEdit: Edit | undefined;
  readonly now: number;
  readonly merge: (lines: readonly [ThreadLine, ...ThreadLine[]]) => ThreadLine;
}

export function nextStep(input: StepInput): Step {
  const { rendered, thread, force, lastEdit, now } = input;
  const { card } = rendered;
  if (thread === undefined) return { kind: 'put', card, placed: null };
  const isBehind = force || card.version > thread.version;
  const isQuiet = !force && lastEdit?.look === lookOf(card);
  const editAt = isQuiet ? lastEdit.at + QUIET_EDIT_SPACING : 0;
  if (isBehind && editAt <= now) return { kind: 'put', card, placed: thread.placed };
  const [first, ...rest] = linesAfter(rendered.lines, thread.told);
  if (first !== undefined) return appendStep(thread.placed, [first, ...rest], input);
  if (isBehind) return { kind: 'later', at: editAt };
  const { picture: wanted } = rendered;
  if (wanted === undefined || wanted.key === thread.placed.picture?.key) return { kind: 'nothing' };
  return { kind: 'picture', card, placed: thread.placed, wanted };
}

/** What of a card is worth an edit at once: its word, who is called, what can be pressed. */
export function lookOf(card: Card): string {
  const buttons = card.buttons.map(({ verb, subject }) => `${verb} ${subject}`);
  return [card.word, card.tone, String(card.page), card.stamp?.text ?? '', ...buttons].join('|');
}

/** A thread that fell behind catches up in few messages. */
function appendStep(
  placed: Placed,
  lines: readonly [ThreadLine, ...ThreadLine[]],
  { merge }: StepInput,
): AppendStep {
  const line = lines.length > MERGE_ABOVE ? merge(lines) : lines[0];
  return { kind: 'append', placed, line, mark: { id: line.id, at: line.at } };
}
