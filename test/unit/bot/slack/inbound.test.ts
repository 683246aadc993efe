import { describe, expect, it } from 'vitest';
import { asTyped, readButton } from '../../../../src/bot/slack/inbound.ts';

describe('asTyped', () => {
  it('takes back what a phone made of quotes and dashes', () => {
    expect(asTyped(' freeze \u2014reason \u201cdisk swap\u201d it\u2019s ')).toBe(
      'freeze --reason "disk swap" it\'s',
    );
  });

  it('takes back Slack’s escapes once', () => {
    expect(asTyped('a &lt;b&gt; &amp;lt;')).toBe('a <b> &lt;');
  });
});

describe('readButton', () => {
  it('reads verb and subject', () => {
    expect(readButton('approve:apr-1:2')).toEqual({ verb: 'approve', subject: 'apr-1:2' });
  });

  it.each(['', 'approve', 'reboot:x', 'approve:'])('refuses %j', (id) => {
    expect(readButton(id)).toBeNull();
  });
});
