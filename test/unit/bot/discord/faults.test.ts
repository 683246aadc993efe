import { DiscordAPIError, HTTPError, RateLimitError } from 'discord.js';
import { describe, expect, it } from 'vitest';
import { fatalClose, isGone, isUnauthorized, toFault } from '../../../../src/bot/discord/faults.ts';

const api = (status: number, code: number, message = 'No'): DiscordAPIError =>
  new DiscordAPIError({ code, message }, code, status, 'POST', 'http://double/', {
    body: undefined,
    files: undefined,
  });

describe('toFault', () => {
  it.each([
    [401, 0, 'credentials'],
    [403, 50_001, 'no_place'],
    [403, 50_013, 'no_place'],
    [404, 10_003, 'no_place'],
    [400, 50_035, 'refused'],
    [503, 0, 'unreachable'],
  ])('takes HTTP %d with code %d as %s', (status, code, kind) => {
    expect(toFault(api(status, code)).kind).toBe(kind);
  });

  it('passes on how long to wait, in whole seconds', () => {
    const limited = new RateLimitError({ retryAfter: 2_300, timeToReset: 2_300 } as never);

    expect(toFault(limited)).toMatchObject({ kind: 'rate_limited', retryAfterSeconds: 3 });
  });

  it.each([
    new HTTPError(502, 'Bad', 'GET', 'http://double/', { body: undefined, files: undefined }),
    new TypeError('fetch failed'),
    undefined,
  ])('takes everything else as unreachable: it may have arrived', (error) => {
    expect(toFault(error).kind).toBe('unreachable');
  });
});

describe('isUnauthorized', () => {
  it('knows the SDK’s complaint after it forgot its token', () => {
    expect(isUnauthorized(new Error('Expected token to be set for this request, but none was present'))).toBe(
      true,
    );
    expect(isUnauthorized(new Error('other'))).toBe(false);
  });
});

describe('isGone', () => {
  it('knows a message that is gone', () => {
    expect([isGone(api(404, 10_008)), isGone(api(404, 10_003))]).toEqual([true, false]);
  });
});

describe('fatalClose', () => {
  it('stops on what no retry mends, and on nothing else', () => {
    expect([4004, 4010, 4011, 4012, 4013, 4014].every((code) => fatalClose(code) !== null)).toBe(true);
    expect([1000, 1006, 4000, 4009].some((code) => fatalClose(code) !== null)).toBe(false);
  });
});
