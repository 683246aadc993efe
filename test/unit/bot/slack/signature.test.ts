import { createHmac } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { checkSignature } from '../../../../src/bot/slack/signature.ts';
import { after, minutes, seconds } from '../../../../src/domain/units.ts';
import { START } from '../../../support/builders.ts';

const SECRET = 'shhh';
const BODY = 'command=%2Fops&text=status';

function signed(over: { at?: number; secret?: string } = {}): Record<string, string> {
  const stamp = String(Math.floor((over.at ?? START) / 1000));
  const hash = createHmac('sha256', over.secret ?? SECRET)
    .update(`v0:${stamp}:${BODY}`)
    .digest('hex');
  return { 'x-slack-request-timestamp': stamp, 'x-slack-signature': `v0=${hash}` };
}

describe('checkSignature', () => {
  it('takes what Slack signed', () => {
    expect(checkSignature(BODY, signed(), SECRET, START)).toEqual({ kind: 'genuine' });
  });

  it('refuses another secret, another body and no signature', () => {
    const verdicts = [
      checkSignature(BODY, signed({ secret: 'other' }), SECRET, START),
      checkSignature(`${BODY}2`, signed(), SECRET, START),
      checkSignature(BODY, { ...signed(), 'x-slack-signature': '' }, SECRET, START),
      checkSignature(BODY, {}, SECRET, START),
    ];

    expect(verdicts.map(({ kind }) => kind)).toEqual(['forged', 'forged', 'forged', 'forged']);
  });

  it.each([minutes(5) + seconds(1), -(minutes(5) + seconds(1))])(
    'refuses a request that is played again %d ms later',
    (late) => {
      const verdict = checkSignature(BODY, signed(), SECRET, after(START, late as never));

      expect(verdict).toEqual({ kind: 'forged', reason: 'stale timestamp' });
    },
  );
});
