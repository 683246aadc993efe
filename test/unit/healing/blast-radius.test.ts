import { describe, expect, it } from 'vitest';
import { after as later, minutes, ratio } from '../../../src/domain/units.ts';
import { describeCommonCause, findCommonCause } from '../../../src/healing/blast-radius.ts';
import { START } from '../../support/builders.ts';

const LIMITS = { within: minutes(5), minTargets: 3, sickShare: ratio(0.5) };
const sick = (names: string, minutesAgo = 0) =>
  [...names].map((name) => ({ name, foundAt: later(START, minutes(-minutesAgo)) }));

describe('findCommonCause', () => {
  it('sees one when more than half of at least three targets fell sick together', () => {
    expect(findCommonCause(sick('ab'), 3, LIMITS, START)).toEqual({ sick: ['a', 'b'], total: 3 });
    expect(findCommonCause(sick('ab'), 4, LIMITS, START)).toBeNull();
    expect(findCommonCause(sick('abc'), 4, LIMITS, START)).not.toBeNull();
    expect(findCommonCause(sick('ab'), 2, LIMITS, START)).toBeNull();
  });

  it('counts each target once, and only those found within five minutes', () => {
    expect(findCommonCause(sick('aaa'), 3, LIMITS, START)).toBeNull();
    expect(findCommonCause([...sick('a'), ...sick('bc', 6)], 3, LIMITS, START)).toBeNull();
    expect(findCommonCause([...sick('a'), ...sick('b', 5)], 3, LIMITS, START)).not.toBeNull();
  });
});

describe('describeCommonCause', () => {
  it('names the first five and counts the rest', () => {
    expect(describeCommonCause({ sick: ['a', 'b'], total: 3 })).toBe(
      '2 of 3 targets became sick together: a, b',
    );
    expect(describeCommonCause({ sick: [...'abcdefg'], total: 9 })).toMatch(/: a, b, c, d, e and 2 more$/);
  });
});
