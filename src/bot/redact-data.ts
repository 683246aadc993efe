/** Takes secrets out of everything a person or program will read, at any depth. Keys and numbers stay. */
import type { Card, ThreadLine } from './card.ts';

export type Redact = (text: string) => string;

export function redactedData(data: unknown, redact: Redact): unknown {
  if (typeof data === 'string') return redact(data);
  if (Array.isArray(data)) return data.map((entry) => redactedData(entry, redact));
  if (typeof data !== 'object' || data === null) return data;
  return Object.fromEntries(Object.entries(data).map(([key, value]) => [key, redactedData(value, redact)]));
}

/** The texts of a card. Ids stay: a button whose subject was changed would press nothing. */
export function redactedCard(card: Card, redact: Redact): Card {
  return {
    ...card,
    title: redact(card.title),
    lead: redact(card.lead),
    facts: card.facts.map((fact) => ({ ...fact, label: redact(fact.label), value: redact(fact.value) })),
    code: card.code === null ? null : redact(card.code),
    next: redact(card.next),
    buttons: card.buttons.map((button) => ({
      ...button,
      confirm: button.confirm === null ? null : redact(button.confirm),
    })),
    stamp: card.stamp === null ? null : { ...card.stamp, text: redact(card.stamp.text) },
  };
}

export function redactedLine(line: ThreadLine, redact: Redact): ThreadLine {
  return { ...line, text: redact(line.text) };
}
