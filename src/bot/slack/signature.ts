/**
 * Slack's request signature, v0: HMAC-SHA256 over `v0:timestamp:body`. A request older or newer than five
 * minutes is refused, so that a recorded one cannot be played again. Pure but for the hash.
 */
import { createHmac, timingSafeEqual } from 'node:crypto';
import { type EpochMs, elapsed, epochMs, minutes } from '../../domain/units.ts';

const WINDOW = minutes(5);

export type SignatureVerdict =
  | { readonly kind: 'genuine' }
  | { readonly kind: 'forged'; readonly reason: string };

export function checkSignature(
  body: string,
  headers: Readonly<Record<string, string>>,
  secret: string,
  now: EpochMs,
): SignatureVerdict {
  const stamp = headers['x-slack-request-timestamp'] ?? '';
  const given = headers['x-slack-signature'] ?? '';
  if (!/^\d{1,12}$/.test(stamp)) return { kind: 'forged', reason: 'no timestamp' };
  if (Math.abs(elapsed(epochMs(Number(stamp) * 1000), now)) > WINDOW) {
    return { kind: 'forged', reason: 'stale timestamp' };
  }
  const expected = Buffer.from(signature(body, stamp, secret));
  const offered = Buffer.from(given);
  const same = offered.length === expected.length && timingSafeEqual(offered, expected);
  return same ? { kind: 'genuine' } : { kind: 'forged', reason: 'wrong signature' };
}

function signature(body: string, stamp: string, secret: string): string {
  return `v0=${createHmac('sha256', secret).update(`v0:${stamp}:${body}`).digest('hex')}`;
}
