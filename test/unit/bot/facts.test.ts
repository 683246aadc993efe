import { describe, expect, it } from 'vitest';
import type { CardFact } from '../../../src/bot/card.ts';
import { chooseFacts, moreFacts } from '../../../src/bot/facts.ts';

const fact = (label: string, weight: 1 | 2 | 3): CardFact => ({ label, value: '1', weight });
const labels = (facts: readonly CardFact[]): string => facts.map(({ label }) => label).join('');

describe('chooseFacts', () => {
  it('drops the heaviest weight first, the last of a weight before the first, and keeps the order', () => {
    const facts = [fact('a', 3), fact('b', 1), fact('c', 2), fact('d', 3), fact('e', 1)];

    const kept = [5, 4, 3, 2, 1, 0].map((most) => labels(chooseFacts(facts, most, () => true).shown));

    expect(kept).toEqual(['abcde', 'abce', 'bce', 'be', 'b', '']);
  });

  it('counts what it left out', () => {
    const facts = Array.from({ length: 60 }, (_, at) => fact(String(at), 2));

    expect(chooseFacts(facts, 20, (some) => some.length <= 12).left).toBe(48);
  });
});

describe('moreFacts', () => {
  it('says how many are missing, and nothing where none is', () => {
    expect([moreFacts(0), moreFacts(1), moreFacts(3)]).toEqual([
      '',
      '1 more fact, see the console',
      '3 more facts, see the console',
    ]);
  });
});
