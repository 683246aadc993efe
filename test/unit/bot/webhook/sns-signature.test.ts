import { createSign } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { createSnsSignatures, isAmazon } from '../../../../src/bot/webhook/sns-signature.ts';
import { ms } from '../../../../src/domain/units.ts';
import { snsExample } from '../../../support/hook-examples.ts';
import { createMemoryHttp, type MemoryHttp } from '../../../support/memory-ports.ts';
import { type SelfSigned, selfSigned } from '../../../support/self-signed.ts';

const AMAZON = selfSigned('sns.amazonaws.com');
const URL_OF_KEY = 'https://sns.eu-central-1.amazonaws.com/SimpleNotificationService-1.pem';

type Body = Readonly<Record<string, unknown>>;

/** As Amazon does it: the named fields in this order, each with its name, a line each. */
function signed(body: Body, version: '1' | '2' = '2', { key }: SelfSigned = AMAZON): Body {
  const fields =
    body['Type'] === 'Notification'
      ? ['Message', 'MessageId', 'Subject', 'Timestamp', 'TopicArn', 'Type']
      : ['Message', 'MessageId', 'SubscribeURL', 'Timestamp', 'Token', 'TopicArn', 'Type'];
  const text = fields.flatMap((name) => (body[name] === undefined ? [] : [name, body[name]])).join('\n');
  const sign = createSign(version === '1' ? 'RSA-SHA1' : 'RSA-SHA256').update(`${text}\n`);
  const signature = sign.sign(key, 'base64');
  return { ...body, SignatureVersion: version, Signature: signature, SigningCertURL: URL_OF_KEY };
}

function keyServer(body = AMAZON.pem, status = 200): MemoryHttp {
  return createMemoryHttp(() => ({ kind: 'answered', status, body, took: ms(5) }));
}

const notification = snsExample('firing').body;
const confirmation: Body = {
  Type: 'SubscriptionConfirmation',
  MessageId: 'c-1',
  Token: '2336412f37',
  TopicArn: 'arn:aws:sns:eu-central-1:123456789012:night',
  Message: 'You have chosen to subscribe.\nVisit the address.',
  SubscribeURL: 'https://sns.eu-central-1.amazonaws.com/?Action=ConfirmSubscription&Token=2336412f37',
  Timestamp: '2026-11-22T02:00:00.000Z',
};

describe('createSnsSignatures', () => {
  it('takes what Amazon signed, in both versions, and asks for the certificate once', async () => {
    const http = keyServer();
    const signatures = createSnsSignatures({ http });
    const { Subject: _absent, ...plain } = notification;
    for (const body of [
      signed(notification),
      signed(notification, '1'),
      signed(plain),
      signed(confirmation),
    ]) {
      expect(await signatures.check(body)).toEqual({ kind: 'genuine' });
    }
    expect(http.calls.map(({ url }) => url)).toEqual([URL_OF_KEY]);
  });

  it.each([
    ['a changed message', { ...signed(notification), Message: '{"AlarmName":"other"}' }],
    ['a changed topic', { ...signed(notification), TopicArn: 'arn:aws:sns:eu-1:666:night' }],
    ['an address of another for the confirmation', { ...signed(confirmation), SubscribeURL: 'https://a/' }],
    ['the key of another', signed(notification, '2', selfSigned('sns.amazonaws.com'))],
    ['a version that is not known', { ...signed(notification), SignatureVersion: '3' }],
    ['no signature', notification],
    ['a signature that is a list', { ...signed(notification), Signature: ['x'] }],
  ])('refuses %s', async (_name, body) => {
    expect(await createSnsSignatures({ http: keyServer() }).check(body)).toMatchObject({ kind: 'forged' });
  });

  it('visits nobody but Amazon for a certificate, and by TLS only', async () => {
    const http = keyServer();
    for (const SigningCertURL of [
      'http://sns.eu-central-1.amazonaws.com/c.pem',
      'https://sns.eu-central-1.amazonaws.com.evil.example/c.pem',
      'https://evil.example/sns.eu-central-1.amazonaws.com/c.pem',
      'https://sns.eu-central-1.amazonaws.com@evil.example/c.pem',
      'https://user@sns.eu-central-1.amazonaws.com/c.pem',
      'https://sns.eu-central-1.amazonaws.com:8443/c.pem',
      'https://s3.eu-central-1.amazonaws.com/c.pem',
      'file:///etc/passwd',
      'not an address',
    ]) {
      const body = { ...signed(notification), SigningCertURL };
      expect(await createSnsSignatures({ http }).check(body)).toMatchObject({ kind: 'forged' });
      expect(isAmazon(SigningCertURL)).toBe(false);
    }
    expect(http.calls).toEqual([]);
  });

  it('refuses while the certificate cannot be had, and tries again later', async () => {
    let isUp = false;
    const http = createMemoryHttp(() => ({
      kind: 'answered',
      status: isUp ? 200 : 503,
      body: isUp ? AMAZON.pem : 'no',
      took: ms(5),
    }));
    const signatures = createSnsSignatures({ http });
    expect(await signatures.check(signed(notification))).toMatchObject({ kind: 'forged' });
    isUp = true;
    expect(await signatures.check(signed(notification))).toEqual({ kind: 'genuine' });
    const nonsense = createSnsSignatures({ http: keyServer('no certificate') });
    expect(await nonsense.check(signed(notification))).toMatchObject({ kind: 'forged' });
  });
});
