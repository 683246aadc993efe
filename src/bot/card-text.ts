/** A card as plain lines: for the terminal, for private answers, and wherever nothing better can be drawn. */
import type { Card } from './card.ts';
import { columns } from './columns.ts';
import { titleLine } from './messages.ts';

export function cardText(card: Card): string {
  const rows = card.facts.map((fact) => [fact.label, fact.value]);
  if (card.code !== null) rows.push(['Will run', card.code]);
  rows.push(['Next', card.next]);
  if (card.stamp !== null) rows.push(['Decided', card.stamp.text]);
  return [`${titleLine(card)}  (${card.key})`, card.lead, ...columns(rows)].join('\n');
}
