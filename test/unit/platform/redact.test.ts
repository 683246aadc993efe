import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createRedactor } from '../../../src/platform/redact.ts';

describe('createRedactor', () => {
  const secret = 'hunter2 & "friends"/ü';
  const redact = createRedactor([secret, 'abc', '']);

  it.each([
    ['as it is', secret],
    ['in JSON', JSON.stringify({ password: secret })],
    ['in a URL', `https://x.example/?p=${encodeURIComponent(secret)}`],
    ['in a form', `p=${encodeURIComponent(secret).replaceAll('%20', '+')}`],
    ['in base64', Buffer.from(secret).toString('base64')],
    ['in base64url', Buffer.from(secret).toString('base64url')],
    ['in hex', Buffer.from(secret).toString('hex')],
  ])('masks a configured secret %s', (_, text) => {
    expect(redact(`before ${text} after`)).not.toContain(text);
    expect(redact(`before ${text} after`)).toContain('[redacted]');
    expect(redact(`before ${text} after`)).toMatch(/^before .* after$/);
  });

  it('masks a secret inside the base64 of a longer text, wherever it begins', () => {
    for (const user of ['a', 'ab', 'abc', 'abcd']) {
      const encoded = Buffer.from(`${user}:correct-horse-battery`).toString('base64');

      const masked = createRedactor(['correct-horse-battery'])(encoded);

      expect(Buffer.from(masked, 'base64').toString()).not.toContain('correct-horse');
      expect(masked).toContain('[redacted]');
    }
  });

  it('leaves a value of fewer than six characters alone', () => {
    expect(redact('abc')).toBe('abc');
  });

  it('masks the longest of two secrets that overlap', () => {
    expect(createRedactor(['secret-part', 'secret-part-two'])('secret-part-two')).toBe('[redacted]');
  });

  it.each([
    // Made up, and put together here so that nothing in this file looks like a token to a scanner.
    ['xoxb', `-123456789012-${'a'.repeat(24)}`],
    ['xapp', `-1-A0123-${'b'.repeat(24)}`],
    ['M', `${'T'.repeat(23)}.Gabcde.${'c'.repeat(30)}`],
    ['AKIA', 'ABCDEFGHIJKLMNOP'],
    ['ghp_', 'd'.repeat(36)],
    ['eyJhbGciOiJI', `UzI1NiJ9.${'e'.repeat(20)}.${'f'.repeat(20)}`],
    ['https://hooks.slack.com/services/', 'T000/B000/XXXXXXXX'],
    ['https://discord.com/api/webhooks/123456/', 'g'.repeat(60)],
  ])('masks a token that begins with %s', (prefix, rest) => {
    expect(createRedactor([])(`see ${prefix}${rest}, please`)).toMatch(/\[redacted\], please$/);
    expect(createRedactor([])(`see ${prefix}${rest}, please`)).not.toContain(rest);
  });

  it('masks keys, credentials in URLs and headers, and keeps what surrounds them', () => {
    const clean = createRedactor([]);

    expect(clean('redis://user:pass-word@cache:6379/0')).toBe('redis://[redacted]@cache:6379/0');
    expect(clean('authorization: Bearer abc.def-12345')).toBe('authorization: Bearer [redacted]');
    expect(clean('Authorization: Basic dXNlcjpwYXNz')).toBe('Authorization: Basic [redacted]');
    expect(clean('PASSWORD=letmein now')).toBe('PASSWORD=[redacted] now');
    expect(clean('{"api_key": "k-12345678"}')).toBe('{"api_key": "[redacted]"}');
    const pem = ['-----BEGIN RSA PRIVATE', ' KEY-----\nMIIE\n-----END RSA PRIVATE', ' KEY-----'].join('');
    expect(clean(`a ${pem} b`)).toBe('a [redacted] b');
    expect(clean(`a ${pem.slice(0, 40)}`)).toBe('a [redacted]');
  });

  it('leaves ordinary text as it is', () => {
    const text =
      'The bot restarted rpa-worker at 02:41:07, see http://127.0.0.1:8787/incidents/inc-7f3a. Basic checks passed. ' +
      'sha256 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08, token: expired';

    expect(createRedactor(['correct-horse'])(text)).toBe(text);
  });

  it('never lets a configured secret through, whatever stands around it', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 8 }), fc.string(), fc.string(), (value, left, right) => {
        const known = `S${value}E`;
        expect(createRedactor([known])(`${left}${known}${right}`)).not.toContain(known);
      }),
    );
  });

  it('takes time in proportion to the length of hostile text', () => {
    const hostile = ['eyJ-', 'a.', '://a:', 'xoxb-', 'token=', '-----BEGIN PRIVATE KEY-----', 'M'.repeat(30)];
    const clean = createRedactor(['correct-horse-battery']);
    for (const part of hostile) {
      const text = part.repeat(Math.ceil(65_536 / part.length));
      const before = performance.now();

      clean(text);

      expect(performance.now() - before).toBeLessThan(1_500);
    }
  });
});
