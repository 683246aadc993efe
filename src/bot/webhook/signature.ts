/**
 * HMAC-SHA256 signatures of webhooks, in and out.
 *
 * GitHub: `X-Hub-Signature-256: sha256=<hex>` over the body. Ours: `X-Nightshift-Signature: v1=<hex>` over
 * `<timestamp>.<body>` with the Unix time in `X-Nightshift-Timestamp` (or as `t=` in front of `v1=`); what is more
 * than five minutes off is refused, so that a recorded request cannot be played again later.
 */
import { createHmac, timingSafeEqual } from 'node:crypto';
import { type EpochMs, elapsed, epochMs, minutes } from '../../domain/units.ts';

const WINDOW = minutes(5);

export type SignatureVerdict =
  | { readonly kind: 'genuine' }
  | { readonly kind: 'forged'; readonly reason: string };

type Headers = Readonly<Record<string, string>>;

/** The headers that prove that `body` was sent by a holder of `secret` at `now`. */
export function signBody(body: string, secret: string, now: EpochMs): Readonly<Record<string, string>> {
  const stamp = String(Math.floor(now / 1_000));
  return {
    'x-nightshift-timestamp': stamp,
    'x-nightshift-signature': `v1=${hmac(`${stamp}.${body}`, secret)}`,
  };
}

export function checkOwnSignature(
  body: Buffer,
  headers: Headers,
  secret: string,
  now: EpochMs,
): SignatureVerdict {
  const fields = Object.fromEntries(
    (headers['x-nightshift-signature'] ?? '').split(',').map((field) => field.trim().split('=', 2)),
  ) as Readonly<Record<string, string | undefined>>;
  const stamp = fields['t'] ?? headers['x-nightshift-timestamp'] ?? '';
  if (fields['v1'] === undefined) return forged('the header X-Nightshift-Signature: v1=… is missing');
  if (!/^\d{1,12}$/.test(stamp)) {
    return forged('the Unix time in X-Nightshift-Timestamp is missing');
  }
  if (Math.abs(elapsed(epochMs(Number(stamp) * 1_000), now)) > WINDOW) {
    return forged('the timestamp is more than 5 minutes off');
  }
  const expected = hmac(Buffer.concat([Buffer.from(`${stamp}.`), body]), secret);
  return isSame(fields['v1'], expected) ? { kind: 'genuine' } : forged('the signature is wrong');
}

export function checkGithubSignature(body: Buffer, headers: Headers, secret: string): SignatureVerdict {
  const given = headers['x-hub-signature-256'];
  if (given === undefined) return forged('the header X-Hub-Signature-256 is missing');
  return isSame(given, `sha256=${hmac(body, secret)}`)
    ? { kind: 'genuine' }
    : forged('the signature is wrong');
}

/** In constant time for texts of one length; the length of ours is no secret. */
export function isSame(given: string, expected: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(expected)];
  return a.length === b.length && timingSafeEqual(a, b);
}

function hmac(text: string | Buffer, secret: string): string {
  return createHmac('sha256', secret).update(text).digest('hex');
}

function forged(reason: string): SignatureVerdict {
  return { kind: 'forged', reason };
}
