/** Which facts of a card stay when a surface cannot show them all: by weight, then in their order. */
import type { Card, CardFact } from './card.ts';

export interface FactChoice {
  readonly shown: readonly CardFact[];
  readonly left: number;
}

/** The most facts for which `fits` holds: the heavy ones leave first, the last of a weight before the first. */
export function chooseFacts(
  facts: readonly CardFact[],
  most: number,
  fits: (shown: readonly CardFact[]) => boolean,
): FactChoice {
  const order = facts
    .map((fact, at) => ({ fact, at }))
    .sort((a, b) => a.fact.weight - b.fact.weight || a.at - b.at);
  let keep = Math.min(order.length, most);
  for (;;) {
    const shown = order
      .slice(0, keep)
      .sort((a, b) => a.at - b.at)
      .map(({ fact }) => fact);
    if (keep === 0 || fits(shown)) return { shown, left: facts.length - keep };
    keep -= 1;
  }
}

/** Its id is worth showing: people type it. */
export function isIncident(card: Pick<Card, 'key'>): boolean {
  return card.key.startsWith('inc-');
}

/** "3 more facts, see the console"; empty where nothing is left out. */
export function moreFacts(left: number): string {
  if (left === 0) return '';
  return `${left} more ${left === 1 ? 'fact' : 'facts'}, see the console`;
}
