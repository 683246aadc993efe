import { describe, expect, it } from 'vitest';
import { fault, faultError, readFault } from '../../../src/bot/surface-fault.ts';
import { OpsError } from '../../../src/domain/errors.ts';

describe('readFault', () => {
  it('gives back what was put into the error', () => {
    const why = fault('rate_limited', 'Slack asked to wait.', 30);

    expect(readFault(faultError('slack', why))).toEqual(why);
  });

  it.each([new OpsError('DEADLINE', 'no answer'), new Error('no answer')])(
    'takes anything else as unreachable',
    (error) => {
      expect(readFault(error)).toEqual({ kind: 'unreachable', reason: 'no answer', retryAfterSeconds: null });
    },
  );

  it('has a word for a rejection without a reason', () => {
    expect(readFault(undefined).reason).toBe('no reason given');
  });
});
