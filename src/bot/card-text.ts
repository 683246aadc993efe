/** A card as plain lines: for the terminal, for private answers, and wherever nothing better can be drawn. */
import type { EpochMs } from '../domain/units.ts';
import type { Card } from './card.ts';
import { columns } from './columns.ts';
import { localTime } from './figures.ts';
import { titleLine } from './messages.ts';

export function cardText(card: Card, timezone: string, reference: EpochMs): string {
  const rows = card.facts.map((fact) => [fact.label, fact.value]);
  if (card.code !== null) rows.push(['Will run', card.code]);
  rows.push(['Next', card.next]);
  if (card.expiresAt !== null) rows.push(['Expires', localTime(card.expiresAt, timezone, reference)]);
  if (card.stamp !== null) rows.push(['Decided', card.stamp.text]);
  return [`${titleLine(card)}  (${card.key})`, card.lead, ...columns(rows)].join('\n');
}
