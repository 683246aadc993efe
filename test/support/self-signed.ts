/** A certificate with its key, made on the spot: just enough X.509 for a test of signatures, without a program. */
import { createSign, generateKeyPairSync, type KeyObject } from 'node:crypto';

export interface SelfSigned {
  readonly pem: string;
  readonly key: KeyObject;
}

const SEQUENCE = 0x30;
const SHA256_WITH_RSA = tlv(
  SEQUENCE,
  Buffer.from('06092a864886f70d01010b', 'hex'),
  Buffer.from('0500', 'hex'),
);

export function selfSigned(name: string): SelfSigned {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2_048 });
  const commonName = tlv(SEQUENCE, Buffer.from('0603550403', 'hex'), tlv(0x0c, Buffer.from(name)));
  const subject = tlv(SEQUENCE, tlv(0x31, commonName));
  const validity = tlv(
    SEQUENCE,
    tlv(0x17, Buffer.from('260101000000Z')),
    tlv(0x17, Buffer.from('460101000000Z')),
  );
  const body = tlv(
    SEQUENCE,
    tlv(0x02, Buffer.from([1])),
    SHA256_WITH_RSA,
    subject,
    validity,
    subject,
    publicKey.export({ type: 'spki', format: 'der' }),
  );
  const signature = createSign('RSA-SHA256').update(body).sign(privateKey);
  const der = tlv(SEQUENCE, body, SHA256_WITH_RSA, tlv(0x03, Buffer.from([0]), signature));
  const lines = der.toString('base64').replaceAll(/.{64}/g, '$&\n');
  return { pem: `-----BEGIN CERTIFICATE-----\n${lines}\n-----END CERTIFICATE-----\n`, key: privateKey };
}

/** Tag, length, value: all there is to DER. */
function tlv(tag: number, ...parts: readonly Buffer[]): Buffer {
  const value = Buffer.concat(parts);
  const { length } = value;
  if (length < 0x80) return Buffer.concat([Buffer.from([tag, length]), value]);
  const size = length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...size]), value]);
}
