/**
 * A card as a Slack message: title in a block, the rest under a bar in the colour of its tone. Pure: the same
 * card gives the same bytes. Every limit of Block Kit is kept here; what is left out is said.
 */
import type { Card, CardButton, CardTone, ThreadLine } from '../card.ts';
import { chooseFacts, isIncident, moreFacts } from '../facts.ts';
import { parts, segments } from '../inert.ts';
import type { PlacedPicture } from '../surface.ts';
import {
  codeBlock,
  codeBlocks,
  escapeMrkdwn,
  line,
  lines,
  link,
  localTime,
  mention,
  plainText,
} from './text.ts';

const SECTION = 3_000;
const TITLE = 400;
const LEAD = 1_200;
const FACT_VALUE = 400;
const FACT_LABEL = 80;
/** More lines than this are not read on a phone; the console has them all. */
const FACTS = 20;
const NOTICE = 300;
/** Sections of one private answer; the console shows the rest. */
const REPLY_PARTS = 10;
const COLOUR: Readonly<Record<CardTone, string>> = {
  ok: '#2e7d4f',
  info: '#3b6ea8',
  warn: '#b7791f',
  crit: '#b3362b',
};

interface Mrkdwn {
  readonly type: 'mrkdwn';
  readonly text: string;
  readonly verbatim: true;
}

type PlainText = ReturnType<typeof plainText>;

interface ButtonElement {
  readonly type: 'button';
  readonly action_id: string;
  readonly text: PlainText;
  readonly value: string;
  readonly style?: 'primary' | 'danger';
  readonly confirm?: {
    readonly title: PlainText;
    readonly text: PlainText;
    readonly confirm: PlainText;
    readonly deny: PlainText;
    readonly style?: 'primary' | 'danger';
  };
}

export type SlackBlock =
  | { readonly type: 'section'; readonly text: Mrkdwn }
  | { readonly type: 'context'; readonly elements: readonly Mrkdwn[] }
  | { readonly type: 'image'; readonly alt_text: string; readonly slack_file: { readonly id: string } }
  | { readonly type: 'actions'; readonly elements: readonly ButtonElement[] };

export interface SlackText {
  /** For notifications and screen readers. */
  readonly text: string;
  readonly blocks: readonly SlackBlock[];
}

export interface SlackMessage extends SlackText {
  readonly attachments: readonly {
    readonly color: string;
    readonly fallback: string;
    readonly blocks: readonly SlackBlock[];
  }[];
}

/** @param call Who is called with this message: a user or user-group id, `null` for nobody. */
export function renderCard(card: Card, call: string | null, picture?: PlacedPicture): SlackMessage {
  const title = titleOf(card);
  const called = call === null ? '' : `${mention(call)} `;
  return {
    text: `${called}${title}`,
    blocks: [section(`${called}*${title}*`)],
    attachments: [{ color: COLOUR[card.tone], fallback: title, blocks: bodyOf(card, picture) }],
  };
}

/** One line of a card's thread, with its own time: it may arrive late. */
export function renderLine(entry: ThreadLine): SlackText {
  const time = localTime(entry.at, '{time_secs}');
  const said = lines(entry.text, SECTION - time.length - 3);
  return { text: line(entry.text, NOTICE), blocks: [section(`${time}  ${said}`)] };
}

/** Calls people for a card that is already there: an edit of a message tells nobody. */
export function renderCall(card: Card, call: string): SlackText {
  const text = `${mention(call)} ${titleOf(card)}`;
  return { text, blocks: [section(text)] };
}

/** An answer only its reader sees. */
export function renderReply(text: string): SlackText {
  const all = segments(text).flatMap((segment) =>
    segment.kind === 'table' ? codeBlocks(segment.text, SECTION) : parts(segment.text, SECTION, escapeMrkdwn),
  );
  const shown = all.slice(0, REPLY_PARTS).map(section);
  const left = all.length - shown.length;
  if (left > 0) shown.push(section(`… ${left} more ${left === 1 ? 'part' : 'parts'}, see the console`));
  return { text: line(text, NOTICE) || 'Done.', blocks: shown.length === 0 ? [section('Done.')] : shown };
}

function titleOf(card: Card): string {
  const severity = card.severity === 'info' ? '' : ` · ${card.severity}`;
  return line(`${card.word}${severity} · ${card.title}`, TITLE);
}

function bodyOf(card: Card, picture: PlacedPicture | undefined): readonly SlackBlock[] {
  const { text, left } = factsOf(card);
  const notes = [
    card.stamp === null ? '' : line(card.stamp.text, 400),
    moreFacts(left),
    card.link === null ? '' : link(card.link.label, card.link.url),
    isIncident(card) ? line(card.key, 80) : '',
  ].filter((note) => note !== '');
  return [
    ...paragraph(lines(card.lead, LEAD)),
    ...paragraph(text),
    ...(picture === undefined ? [] : [image(picture)]),
    ...(card.code === null ? [] : [section(`*Will run*\n${codeBlock(card.code, SECTION - 11)}`)]),
    ...paragraph(nextOf(card)),
    ...(card.buttons.length === 0 ? [] : [actions(card.buttons)]),
    ...(notes.length === 0 ? [] : [context(notes)]),
  ];
}

function factsOf(card: Card): { readonly text: string; readonly left: number } {
  const say = (facts: Card['facts']): string =>
    facts.map(({ label, value }) => `*${line(label, FACT_LABEL)}* ${line(value, FACT_VALUE)}`).join('\n');
  const { shown, left } = chooseFacts(card.facts, FACTS, (some) => say(some).length <= SECTION);
  return { text: say(shown), left };
}

function nextOf(card: Card): string {
  const next = lines(card.next, LEAD);
  if (card.expiresAt === null) return next;
  return `${next}\nOpen until ${localTime(card.expiresAt, '{date_short_pretty} {time}')}.`.trim();
}

function actions(buttons: readonly CardButton[]): SlackBlock {
  return { type: 'actions', elements: buttons.map(button) };
}

function button(entry: CardButton): ButtonElement {
  const style = entry.tone === 'go' ? 'primary' : 'danger';
  const styled = entry.tone === 'neutral' ? {} : ({ style } as const);
  return {
    type: 'button',
    action_id: `${entry.verb}:${entry.subject}`.slice(0, 255),
    text: plainText(entry.label, 75),
    value: entry.subject.slice(0, 2_000),
    ...styled,
    ...(entry.confirm === null ? {} : { confirm: { ...confirmation(entry, entry.confirm), ...styled } }),
  };
}

function confirmation(entry: CardButton, asked: string): NonNullable<ButtonElement['confirm']> {
  return {
    title: plainText(entry.label, 100),
    text: plainText(asked, 300),
    confirm: plainText(entry.label, 30),
    deny: plainText('Go back', 30),
  };
}

function section(text: string): SlackBlock {
  return { type: 'section', text: mrkdwn(text) };
}

function paragraph(text: string): readonly SlackBlock[] {
  return text === '' ? [] : [section(text)];
}

function image({ file, alt }: PlacedPicture): SlackBlock {
  return { type: 'image', alt_text: plainText(alt, 1_000).text, slack_file: { id: file } };
}

function context(texts: readonly string[]): SlackBlock {
  return { type: 'context', elements: texts.map(mrkdwn) };
}

function mrkdwn(text: string): Mrkdwn {
  return { type: 'mrkdwn', text, verbatim: true };
}
