import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { inert, inertLine, parts, shorten } from '../../../src/bot/inert.ts';

const same = (text: string): string => text;

describe('inert', () => {
  it('takes out terminal sequences, control characters and direction marks, and keeps line breaks', () => {
    const hostile = 'a\u001b[31mred\u001b[0m\u0007 \u202eevil\u202c\u200f \u001b]0;title\u0007b\r\nc\td';

    expect(inert(hostile)).toBe('ared evil b\nc\td');
  });
});

describe('inertLine', () => {
  it('makes one line of many', () => {
    expect(inertLine('  a\n\n b\u2028c\t')).toBe('a b c');
  });
});

describe('shorten', () => {
  it('leaves a text that fits as it is', () => {
    expect(shorten('abc', 3, same)).toBe('abc');
  });

  it('says how much it cut away', () => {
    const cut = shorten('x'.repeat(100), 40, same, (missing) => ` (${missing} more)`);

    expect(cut).toBe(`${'x'.repeat(30)} (70 more)`);
  });

  it('never exceeds the limit and never cuts an escape or a surrogate pair in two', () => {
    const encode = (text: string): string => text.replaceAll('&', '&amp;');
    const anyText = fc.string({ unit: fc.constantFrom('a', '&', '😀', ' '), maxLength: 80 });

    fc.assert(
      fc.property(anyText, fc.integer({ min: 1, max: 60 }), (text, max) => {
        const cut = shorten(text, max, encode);

        expect(cut.length).toBeLessThanOrEqual(max);
        expect(cut.replaceAll('&amp;', '')).not.toMatch(/&/);
        expect(cut).not.toMatch(/[\ud800-\udbff](?![\udc00-\udfff])/);
      }),
    );
  });
});

describe('parts', () => {
  it('splits at line breaks and keeps every line', () => {
    expect(parts('one\ntwo\nthree', 8, same)).toEqual(['one\ntwo', 'three']);
  });

  it('gives nothing for nothing', () => {
    expect(parts(' \n ', 8, same)).toEqual([]);
  });
});
