import { describe, expect, it } from 'vitest';
import { authority, isLoopback, isOurHost } from '../../../src/platform/host-header.ts';

describe('isOurHost', () => {
  it.each(['localhost:8787', '127.0.0.1', '127.0.0.1:8787', '[::1]:8787', '10.0.0.4:80', 'WEB-1:8787'])(
    'lets %s in: an address, localhost or a name of ours',
    (header) => expect(isOurHost(header, ['web-1'])).toBe(true),
  );

  it.each([
    undefined,
    '',
    'evil.example',
    'localhost.evil.example:8787',
    'web-1@evil.example',
    'web-1:80:80',
  ])('keeps %s out: another page can point its own name at us', (header) =>
    expect(isOurHost(header, ['web-1'])).toBe(false),
  );
});

describe('isLoopback', () => {
  it('knows this host from the rest of the network', () => {
    expect(['127.0.0.1', '127.9.9.9', '::1', 'localhost'].every(isLoopback)).toBe(true);
    expect(['0.0.0.0', '::', '10.0.0.4', '127.0.0.1.evil.example'].some(isLoopback)).toBe(false);
  });
});

describe('authority', () => {
  it('puts brackets around an IPv6 address', () => {
    expect(authority('::1', 80)).toBe('[::1]:80');
    expect(authority('web-1', 80)).toBe('web-1:80');
  });
});
