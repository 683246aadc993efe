import { describe, expect, it } from 'vitest';
import { codeBlock, escapeMarkdown, link, localTime } from '../../../../src/bot/discord/text.ts';
import { epochMs } from '../../../../src/domain/units.ts';

const NOTHING = '\u200b';

describe('escapeMarkdown', () => {
  it('escapes what Discord reads as formatting', () => {
    expect(escapeMarkdown('*b* _i_ `c` ~s~ |x| [a](b) \\')).toBe(
      '\\*b\\* \\_i\\_ \\`c\\` \\~s\\~ \\|x\\| \\[a\\](b) \\\\',
    );
  });

  it('breaks up mentions and links', () => {
    expect(escapeMarkdown('@everyone <@1> <#2> https://evil.example')).toBe(
      `@${NOTHING}everyone \\<@${NOTHING}1> \\<#2> https:${NOTHING}//evil.example`,
    );
  });

  it('lets no line become a quote, a heading or a list', () => {
    expect(escapeMarkdown('> q\n# h\n- l\n1. n')).toBe(`\\> q\n\\# h\n\\- l\n1${NOTHING}. n`);
  });

  it('leaves host names as they are', () => {
    expect(escapeMarkdown('web-1 at 10.0.0.1:8080 is at 94 %')).toBe('web-1 at 10.0.0.1:8080 is at 94 %');
  });
});

describe('codeBlock', () => {
  it('cannot be closed from inside and counts what does not fit', () => {
    const block = codeBlock('```x'.repeat(2_000), 1_800);

    expect(block.length).toBeLessThanOrEqual(1_800);
    expect(block.slice(3, -3)).not.toContain('```');
    expect(block).toMatch(/… \d+ more characters, see the console\n```$/);
  });
});

describe('localTime', () => {
  it('shows the reader’s own time', () => {
    expect(localTime(epochMs(1_795_312_800_999), 'R')).toBe('<t:1795312800:R>');
  });
});

describe('link', () => {
  it('makes a link of our own URL and of nothing else', () => {
    expect(link('Console', 'http://127.0.0.1:8787/x')).toBe('[Console](http://127.0.0.1:8787/x)');
    expect(link('Console', 'javascript:alert(1)')).toBe('');
  });
});
