import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { clip, inert, strip } from '../../../src/platform/inert-text.ts';

describe('strip', () => {
  it('removes terminal codes and control characters, and keeps lines and tabs', () => {
    const text = '\u001b[31mred\u001b[0m\u0007\ttab\r\nline\rover\u001b]0;title\u0007\u0000\u009bend';

    expect(strip(text)).toBe('red\ttab\nline\noverend');
  });

  it('removes characters that hide or reorder text', () => {
    expect(strip('safe\u202etxt.exe\u200b')).toBe('safetxt.exe');
  });
});

describe('inert', () => {
  it.each([
    ['@everyone'],
    ['@here'],
    ['<@U012ABC>'],
    ['<!channel>'],
    ['<#C012ABC>'],
    ['<@&123456>'],
    ['<https://evil.example|click>'],
  ])('makes a plain text of %s', (mention) => {
    const clean = inert(`see ${mention} now`);

    expect(clean).not.toContain(mention.slice(0, 2) === '<h' ? '://' : mention.slice(0, 3));
    expect(clean.replaceAll('\u200b', '')).toBe(`see ${mention} now`);
  });

  it('lets no link be made of an address', () => {
    for (const link of ['https://evil.example', 'www.evil.example', 'mailto:a@b.example']) {
      expect(inert(link)).not.toBe(link);
      expect(inert(link)).not.toMatch(/:\/\/|www\.|mailto:/);
    }
  });

  it('leaves ordinary text as it is, and is the same when done twice', () => {
    expect(inert('latency < 5 ms at 02:41, user ana@web-1')).toBe('latency < 5 ms at 02:41, user ana@web-1');
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(inert(inert(text))).toBe(inert(text));
      }),
    );
  });
});

describe('clip', () => {
  it('cuts to the length with a mark, never through a character', () => {
    expect(clip('short', 5)).toBe('short');
    expect(clip('longer', 5)).toBe('long…');
    expect(clip('ab😀cd', 4)).toBe('ab…');
  });
});
