/**
 * A card as a Discord message: one embed in the colour of its tone, and its buttons. Pure: the same card gives
 * the same bytes. Every limit of Discord is kept here; what is left out is said.
 */
import type { Card, CardButton, CardFact, CardTone, ThreadLine } from '../card.ts';
import { chooseFacts, isIncident, moreFacts } from '../facts.ts';
import { parts, segments } from '../inert.ts';
import type { PlacedPicture } from '../surface.ts';
import type { DiscordMention } from './options.ts';
import { codeBlock, codeBlocks, escapeMarkdown, line, lines, link, localTime, plain } from './text.ts';

const CONTENT = 2_000;
const EMBED = 6_000;
const TITLE = 250;
const LEAD = 1_000;
/** A field takes 1,024 characters. */
const CODE = 1_000;
const NEXT = 900;
const FIELD_NAME = 80;
const FIELD_VALUE = 300;
const FACTS = 18;
/** Short ones stand beside one another on a screen; all stand one below the other on a phone. */
const SHORT_VALUE = 36;
const THREAD_NAME = 100;
/** Messages of one private answer; the console shows the rest. */
const REPLY_PARTS = 4;

const COLOUR: Readonly<Record<CardTone, number>> = {
  ok: 0x2e_7d_4f,
  info: 0x3b_6e_a8,
  warn: 0xb7_79_1f,
  crit: 0xb3_36_2b,
};
const STYLE: Readonly<Record<CardButton['tone'], 1 | 2 | 3 | 4>> = { go: 3, stop: 4, neutral: 2 };
const BUTTON = 2;
const ROW = 1;

export interface DiscordButton {
  readonly type: 2;
  readonly style: 1 | 2 | 3 | 4;
  readonly label: string;
  readonly custom_id: string;
}

export interface DiscordRow {
  readonly type: 1;
  readonly components: readonly DiscordButton[];
}

export interface AllowedMentions {
  readonly parse: readonly [];
  readonly users?: readonly string[];
  readonly roles?: readonly string[];
}

export interface DiscordMessage {
  readonly content: string;
  readonly embeds: readonly DiscordEmbed[];
  readonly components: readonly DiscordRow[];
  readonly allowed_mentions: AllowedMentions;
  /** Those that stay; one that is new is named by its place in the upload. */
  readonly attachments?: readonly { readonly id: string; readonly description?: string }[];
}

interface DiscordField {
  readonly name: string;
  readonly value: string;
  readonly inline: boolean;
}

interface DiscordEmbed {
  readonly title: string;
  readonly description: string;
  readonly color: number;
  readonly fields: readonly DiscordField[];
  readonly image?: { readonly url: string };
  readonly footer?: { readonly text: string };
}

/** The file name of every picture; the message shows it by this name. */
export const PICTURE_NAME = 'chart.png';

/** Nobody is pinged by anything in the text. */
export const NO_MENTIONS: AllowedMentions = { parse: [] };

/** @param call Who is called with this message, `null` for nobody. */
export function renderCard(card: Card, call: DiscordMention | null, picture?: PlacedPicture): DiscordMessage {
  const shown =
    picture === undefined
      ? {}
      : { attachments: [{ id: picture.file, description: plain(picture.alt, 1_000) }] };
  return {
    ...shown,
    content: call === null ? '' : mentionText(call),
    embeds: [embedOf(card, picture)],
    components:
      card.buttons.length === 0 ? [] : [{ type: ROW, components: card.buttons.slice(0, 5).map(button) }],
    allowed_mentions: mentionRule(call),
  };
}

/** One line of a card's thread, with its own time: it may arrive late. */
export function renderLine(entry: ThreadLine): Pick<DiscordMessage, 'content' | 'allowed_mentions'> {
  const time = localTime(entry.at, 'T');
  return {
    content: `${time}  ${lines(entry.text, CONTENT - time.length - 2)}`,
    allowed_mentions: NO_MENTIONS,
  };
}

/** Calls people for a card that is already there: an edit of a message tells nobody. */
export function renderCall(
  card: Card,
  call: DiscordMention,
): Pick<DiscordMessage, 'content' | 'allowed_mentions'> {
  return { content: `${mentionText(call)} ${titleOf(card)}`, allowed_mentions: mentionRule(call) };
}

/** An answer only its reader sees: the first message, then those that follow it. */
export function renderReply(text: string): readonly string[] {
  const most = CONTENT - 60;
  const all = joined(
    segments(text).flatMap((segment) =>
      segment.kind === 'table' ? codeBlocks(segment.text, most) : parts(segment.text, most, escapeMarkdown),
    ),
    most,
  );
  const shown = all.slice(0, REPLY_PARTS);
  const left = all.length - shown.length;
  if (shown.length === 0) return ['Done.'];
  if (left === 0) return shown;
  return [
    ...shown.slice(0, -1),
    `${shown.at(-1)}\n… ${left} more ${left === 1 ? 'part' : 'parts'}, see the console`,
  ];
}

/** As few texts of at most `max` characters as the pieces make, in their order. */
function joined(pieces: readonly string[], max: number): readonly string[] {
  const texts: string[] = [];
  for (const piece of pieces) {
    const last = texts.at(-1);
    if (last !== undefined && last.length + 1 + piece.length <= max)
      texts[texts.length - 1] = `${last}\n${piece}`;
    else texts.push(piece);
  }
  return texts;
}

/** Asked before a press counts; Discord has no confirmation of its own. */
export function renderConfirm(
  asked: string,
  pressed: DiscordButton,
): Pick<DiscordMessage, 'content' | 'components'> {
  return { content: lines(asked, CONTENT), components: [{ type: ROW, components: [pressed] }] };
}

export function threadName(card: Card): string {
  return plain(card.title, THREAD_NAME) || card.key;
}

function titleOf(card: Card): string {
  const severity = card.severity === 'info' ? '' : ` · ${card.severity}`;
  return line(`${card.word}${severity} · ${card.title}`, TITLE);
}

function embedOf(card: Card, picture: PlacedPicture | undefined): DiscordEmbed {
  const title = titleOf(card);
  const description = lines(card.lead, LEAD);
  const after = closingFields(card);
  const spent = title.length + description.length + sizeOf(after) + 160;
  const { shown, left } = chooseFacts(card.facts, FACTS, (some) => sizeOf(some.map(field)) + spent <= EMBED);
  const foot = [isIncident(card) ? card.key : '', moreFacts(left)].filter((text) => text !== '').join(' · ');
  return {
    title,
    description,
    color: COLOUR[card.tone],
    fields: [...shown.map(field), ...after],
    ...(picture === undefined ? {} : { image: { url: `attachment://${PICTURE_NAME}` } }),
    ...(foot === '' ? {} : { footer: { text: plain(foot, 200) } }),
  };
}

function closingFields(card: Card): readonly DiscordField[] {
  const until =
    card.expiresAt === null
      ? ''
      : `Open until ${localTime(card.expiresAt, 't')}, ${localTime(card.expiresAt, 'R')}.`;
  const console = card.link === null ? '' : link(card.link.label, card.link.url);
  const next = [lines(card.next, NEXT - console.length), until, console]
    .filter((text) => text !== '')
    .join('\n');
  const stamp = card.stamp;
  return [
    ...(card.code === null ? [] : [{ name: 'Will run', value: codeBlock(card.code, CODE), inline: false }]),
    ...(stamp === null ? [] : [{ name: 'Decision', value: line(stamp.text, 400), inline: false }]),
    ...(next === '' ? [] : [{ name: 'Next', value: next, inline: false }]),
  ];
}

function field(fact: CardFact): DiscordField {
  return {
    name: line(fact.label, FIELD_NAME) || '-',
    value: line(fact.value, FIELD_VALUE) || '-',
    inline: fact.value.length <= SHORT_VALUE,
  };
}

function sizeOf(fields: readonly DiscordField[]): number {
  return fields.reduce((sum, { name, value }) => sum + name.length + value.length, 0);
}

/** A button that is asked about first has `ask.` before its verb; the second step has the bare one. */
function button(entry: CardButton): DiscordButton {
  const ask = entry.confirm === null ? '' : 'ask.';
  return {
    type: BUTTON,
    style: STYLE[entry.tone],
    label: plain(entry.label, 80) || entry.verb,
    custom_id: `${ask}${entry.verb}:${entry.subject}`.slice(0, 100),
  };
}

function mentionText(call: DiscordMention): string {
  return call.kind === 'role' ? `<@&${call.id}>` : `<@${call.id}>`;
}

function mentionRule(call: DiscordMention | null): AllowedMentions {
  if (call === null) return NO_MENTIONS;
  return call.kind === 'role' ? { parse: [], roles: [call.id] } : { parse: [], users: [call.id] };
}
