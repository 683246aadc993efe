import { webApi } from '@slack/bolt';
import { describe, expect, it } from 'vitest';
import { isGone, toFault } from '../../../../src/bot/slack/faults.ts';

const platform = (error: string, more: object = {}): Error =>
  new webApi.WebAPIPlatformError({ ok: false, error, ...more });

describe('toFault', () => {
  it.each([
    ['invalid_auth', 'credentials'],
    ['token_revoked', 'credentials'],
    ['not_in_channel', 'no_place'],
    ['channel_not_found', 'no_place'],
    ['internal_error', 'unreachable'],
    ['invalid_blocks', 'refused'],
    ['missing_scope', 'no_place'],
  ])('takes %s as %s', (code, kind) => {
    expect(toFault(platform(code))).toMatchObject({
      kind,
      reason: expect.stringContaining(code === 'missing_scope' ? 'scope' : code),
    });
  });

  it('names the missing scope', () => {
    expect(toFault(platform('missing_scope', { needed: 'usergroups:read' })).reason).toContain(
      'usergroups:read',
    );
  });

  it('passes on how long to wait', () => {
    expect(toFault(new webApi.WebAPIRateLimitedError(30))).toMatchObject({
      kind: 'rate_limited',
      retryAfterSeconds: 30,
    });
  });

  it.each([
    new webApi.WebAPIHTTPError(500, 'no', {}),
    new webApi.WebAPIRequestError(new Error('ECONNRESET')),
    new Error('anything'),
    undefined,
  ])('takes everything else as unreachable: it may have arrived', (error) => {
    expect(toFault(error).kind).toBe('unreachable');
  });
});

describe('isGone', () => {
  it('knows that a message can no longer be edited', () => {
    expect([
      isGone(platform('message_not_found')),
      isGone(platform('invalid_blocks')),
      isGone(undefined),
    ]).toEqual([true, false, false]);
  });
});
