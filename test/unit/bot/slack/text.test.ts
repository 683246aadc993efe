import { describe, expect, it } from 'vitest';
import {
  codeBlock,
  escapeMrkdwn,
  link,
  localTime,
  mention,
  plainText,
} from '../../../../src/bot/slack/text.ts';
import { epochMs } from '../../../../src/domain/units.ts';

const NOTHING = '\u200b';

describe('escapeMrkdwn', () => {
  it('escapes what Slack reads as control', () => {
    expect(escapeMrkdwn('<!channel> & <@U1>')).toBe('&lt;!channel&gt; &amp; &lt;@U1&gt;');
  });

  it('keeps formatting characters from formatting, and leaves names as they are', () => {
    expect(escapeMrkdwn('*bold* rpa_worker')).toBe(`*${NOTHING}bold*${NOTHING} rpa_worker`);
  });

  it('does not let a line become a quote', () => {
    expect(escapeMrkdwn('> said')).toBe(`${NOTHING}&gt; said`);
  });
});

describe('codeBlock', () => {
  it('cannot be closed from inside', () => {
    expect(codeBlock('a``` *b*', 100).slice(3, -3)).not.toContain('```');
  });

  it('counts what does not fit', () => {
    const block = codeBlock('x'.repeat(5_000), 3_000);

    expect(block.length).toBeLessThanOrEqual(3_000);
    expect(block).toMatch(/… \d+ more characters, see the console```$/);
  });
});

describe('localTime', () => {
  it('shows the reader’s own time, and UTC where Slack cannot', () => {
    expect(localTime(epochMs(Date.parse('2026-11-22T02:15:00Z')), '{time}')).toBe(
      '<!date^1795313700^{time}|2026-11-22 02:15 UTC>',
    );
  });
});

describe('mention', () => {
  it('calls a user or a user group', () => {
    expect([mention('U1'), mention('S1')]).toEqual(['<@U1>', '<!subteam^S1>']);
  });
});

describe('link', () => {
  it('makes a link of our own URL', () => {
    expect(link('Console | a<b', 'http://127.0.0.1:8787/x?a=1&b=2')).toBe(
      '<http://127.0.0.1:8787/x?a=1&amp;b=2|Console / a&lt;b>',
    );
  });

  it.each(['javascript:alert(1)', 'http://a b', 'http://x/>|y'])('makes no link of %s', (url) => {
    expect(link('x', url)).toBe('');
  });
});

describe('plainText', () => {
  it('is never empty and never longer than allowed', () => {
    expect(plainText('', 75).text).toBe('-');
    expect(plainText('y'.repeat(90), 75).text).toHaveLength(75);
  });
});
