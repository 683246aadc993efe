/** A card as a mail: plain text and the same as HTML with its chart. Pure; the same card gives the same bytes. */
import type { Card, CardTone, ThreadLine } from '../card.ts';
import { columns } from '../columns.ts';
import { localTime } from '../figures.ts';
import { severityWord } from '../messages.ts';
import { escapeHtml, mailLine, mailLines, safeUrl } from './text.ts';

const TITLE = 150;
const VALUE = 600;
/** Longer labels may break, or a phone has no room for what they say. */
const NOWRAP = 14;
const LINES_SHOWN = 12;
const DIGEST_SHOWN = 50;
const COLOUR: Readonly<Record<CardTone, string>> = {
  ok: '#0a7a55',
  info: '#2458c5',
  warn: '#a35a00',
  crit: '#b3261e',
};
const FONT = 'font-family:system-ui,-apple-system,Segoe UI,Roboto,sans-serif';

export interface MailBody {
  readonly text: string;
  readonly html: string;
}

export interface IncidentMail {
  readonly card: Card;
  readonly lines: readonly ThreadLine[];
  readonly timezone: string;
  readonly host: string;
  /** Why it comes by mail. */
  readonly because: string;
  /** The chart, shown by its content id; the sentence stands in its place in the text. */
  readonly chart: { readonly cid: string; readonly alt: string } | null;
}

/** The subject of the first mail about an incident; all that follow carry it too, so that they stay one thread. */
export function incidentSubject(card: Card, host: string): string {
  return `${severityWord(card.severity)}: ${mailLine(card.title, TITLE)} (${mailLine(host, 80)})`;
}

export function incidentMail(mail: IncidentMail): MailBody {
  const { card, because } = mail;
  const severity = card.severity === 'info' ? '' : ` · ${card.severity}`;
  const title = `${card.word}${severity} · ${mailLine(card.title, TITLE)}`;
  const rows = rowsOf(card);
  const story = mail.lines
    .slice(-LINES_SHOWN)
    .map((line) => [
      localTime(line.at, mail.timezone, mail.lines.at(-1)?.at ?? line.at),
      mailLine(line.text, VALUE),
    ]);
  const url = card.link === null ? null : safeUrl(card.link.url);
  const foot = `${footOf(card, because, mail.host)} Times are those of ${mail.timezone}.`;
  const text = [
    title,
    mailLines(card.lead, 1_200),
    columns(rows).join('\n'),
    mail.chart === null ? '' : mailLines(mail.chart.alt, 1_000),
    columns(story).join('\n'),
    url === null ? '' : `Console: ${url}`,
    `--\n${foot}`,
  ]
    .filter((part) => part !== '')
    .join('\n\n');
  return { text: `${text}\n`, html: page(title, card.tone, htmlParts(mail, rows, story, url, foot)) };
}

/** @param waiting Cards that chat could not take, most urgent first. */
export function digestMail(
  waiting: readonly Card[],
  { host, because }: { readonly host: string; readonly because: string },
): MailBody & { readonly subject: string } {
  const shown = waiting.slice(0, DIGEST_SHOWN);
  const left = waiting.length - shown.length;
  const title = `${waiting.length} ${waiting.length === 1 ? 'warning' : 'warnings'} on ${mailLine(host, 80)}`;
  const rows = shown.map((card) => [card.word, `${mailLine(card.title, TITLE)} (${card.key})`]);
  const more = left > 0 ? `${left} more: nightshift incident list.` : '';
  const foot = [because, 'Nobody needs to act on this now.'].join(' ');
  const text = [title, columns(rows).join('\n'), more, `--\n${foot}`]
    .filter((part) => part !== '')
    .join('\n\n');
  const html = page(title, 'warn', [table(rows), paragraph(more), small(foot)]);
  return { subject: title, text: `${text}\n`, html };
}

function rowsOf(card: Card): readonly (readonly string[])[] {
  return [
    ...card.facts.map(({ label, value }) => [mailLine(label, 60), mailLine(value, VALUE)]),
    ...(card.code === null ? [] : [['Will run', mailLines(card.code, VALUE)]]),
    ['Next', mailLine(card.next, VALUE)],
    ...(card.stamp === null ? [] : [['Decided', mailLine(card.stamp.text, VALUE)]]),
    ['Incident', card.key],
  ];
}

/** No link here decides anything: programs that check mail follow every link. */
function footOf(card: Card, because: string, host: string): string {
  const answer = card.buttons.some(({ verb }) => verb === 'approve')
    ? ` Mail only tells. Answer in the console, in chat, or on ${mailLine(host, 80)}: nightshift approve or nightshift deny.`
    : '';
  return `${because}${answer}`;
}

function htmlParts(
  { card, chart }: IncidentMail,
  rows: readonly (readonly string[])[],
  story: readonly (readonly string[])[],
  url: string | null,
  foot: string,
): readonly string[] {
  const picture =
    chart === null
      ? ''
      : `<p><img src="cid:${escapeHtml(chart.cid)}" width="600" style="width:100%;max-width:600px;height:auto;border-radius:8px" alt="${escapeHtml(mailLine(chart.alt, 1_000))}"></p>`;
  const link =
    url === null
      ? ''
      : `<p><a href="${escapeHtml(url)}" style="color:inherit;font-weight:600">Open in the console</a></p>`;
  return [paragraph(mailLines(card.lead, 1_200)), picture, table(rows), link, table(story), small(foot)];
}

function page(title: string, tone: CardTone, parts: readonly string[]): string {
  return [
    '<!doctype html><html lang="en"><head><meta charset="utf-8">',
    '<meta name="color-scheme" content="light dark"><meta name="viewport" content="width=device-width">',
    `</head><body style="margin:0;padding:16px;${FONT};font-size:16px;line-height:1.5">`,
    `<div style="max-width:600px;margin:0 auto;border-left:4px solid ${COLOUR[tone]};padding-left:14px">`,
    `<h1 style="font-size:19px;margin:0 0 8px">${escapeHtml(title)}</h1>`,
    ...parts,
    '</div></body></html>\n',
  ].join('');
}

function paragraph(text: string): string {
  return text === '' ? '' : `<p style="margin:8px 0">${withBreaks(text)}</p>`;
}

function small(text: string): string {
  return `<p style="font-size:13px;opacity:.75;margin:16px 0 0">${withBreaks(text)}</p>`;
}

function table(rows: readonly (readonly string[])[]): string {
  if (rows.length === 0) return '';
  const cells = rows.map(
    ([label = '', value = '']) =>
      `<tr><td style="padding:2px 14px 2px 0;opacity:.75;vertical-align:top${label.length > NOWRAP ? '' : ';white-space:nowrap'}">${escapeHtml(label)}</td><td style="padding:2px 0">${withBreaks(value)}</td></tr>`,
  );
  return `<table role="presentation" style="border-collapse:collapse;font-size:15px;margin:8px 0">${cells.join('')}</table>`;
}

function withBreaks(text: string): string {
  return escapeHtml(text).replaceAll('\n', '<br>');
}
