/**
 * Amazon SNS signs each message with RSA; the certificate lies on a host of its own. Only amazonaws.com is ever
 * asked for one, over TLS, so that a forged message cannot make us visit an address of its choice.
 * https://docs.aws.amazon.com/sns/latest/dg/sns-verify-signature-of-message.html
 */
import { createVerify, type KeyObject, X509Certificate } from 'node:crypto';
import { z } from 'zod';
import type { HttpClient } from '../../domain/ports.ts';
import { seconds } from '../../domain/units.ts';
import type { SignatureVerdict } from './signature.ts';

const HOST = /^sns\.[a-z0-9-]{1,40}\.amazonaws\.com(\.cn)?$/;
const MOST_KEYS = 20;
const FETCH_LIMIT = seconds(5);

const signed = z.looseObject({
  Type: z.string(),
  SignatureVersion: z.enum(['1', '2']),
  Signature: z.string().max(2_000),
  SigningCertURL: z.string().max(2_000),
});

export interface SnsSignatures {
  check(body: unknown): Promise<SignatureVerdict>;
}

export function createSnsSignatures({ http }: { readonly http: HttpClient }): SnsSignatures {
  const keys = new Map<string, KeyObject>();

  async function keyOf(url: string): Promise<KeyObject | null> {
    const known = keys.get(url);
    if (known !== undefined) return known;
    const answer = await http.request({ url, timeLimit: FETCH_LIMIT });
    if (answer.kind !== 'answered' || answer.status !== 200) return null;
    const key = readKey(answer.body);
    if (key === null) return null;
    if (keys.size >= MOST_KEYS) keys.clear();
    keys.set(url, key);
    return key;
  }

  return {
    async check(body) {
      const parsed = signed.safeParse(body);
      if (!parsed.success) return forged('the SNS signature fields are missing');
      const { SigningCertURL: url, SignatureVersion: version, Signature: signature } = parsed.data;
      if (!isAmazon(url)) return forged('SigningCertURL is not an address of SNS');
      const key = await keyOf(url);
      if (key === null) return forged('the signing certificate cannot be fetched');
      const verify = createVerify(version === '1' ? 'sha1' : 'sha256').update(canonical(parsed.data));
      return verify.verify(key, signature, 'base64') ? { kind: 'genuine' } : forged('the signature is wrong');
    },
  };
}

/** True for the addresses that SNS hands out: only they are ever visited. */
export function isAmazon(url: string): boolean {
  if (!URL.canParse(url)) return false;
  const { protocol, hostname, port, username } = new URL(url);
  return protocol === 'https:' && port === '' && username === '' && HOST.test(hostname);
}

/** The fields in the order that the signature covers, each as `name\nvalue\n`; absent ones are left out. */
function canonical(body: Readonly<Record<string, unknown>>): string {
  const names =
    body['Type'] === 'Notification'
      ? ['Message', 'MessageId', 'Subject', 'Timestamp', 'TopicArn', 'Type']
      : ['Message', 'MessageId', 'SubscribeURL', 'Timestamp', 'Token', 'TopicArn', 'Type'];
  return names
    .filter((name) => typeof body[name] === 'string')
    .map((name) => `${name}\n${String(body[name])}\n`)
    .join('');
}

function readKey(pem: string): KeyObject | null {
  try {
    return new X509Certificate(pem).publicKey;
  } catch {
    // Whatever came instead of a certificate proves nothing.
    return null;
  }
}

function forged(reason: string): SignatureVerdict {
  return { kind: 'forged', reason };
}
