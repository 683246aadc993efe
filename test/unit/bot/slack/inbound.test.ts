import { describe, expect, it } from 'vitest';
import { asTyped, readButton } from '../../../../src/bot/slack/inbound.ts';

describe('asTyped', () => {
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
