/**
 * The Ed25519 key that signs manifests. The private half stays in `data/state/backup` (0600) and is in no backup;
 * the public half lies there too and beside the backups, so that another host can check them.
 *
 * A signature is judged by the key of this host. Only a host that has none takes the one beside the backups, and
 * says so: whoever can replace that file can also sign.
 */
import {
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  sign as signBytes,
  verify as verifyBytes,
} from 'node:crypto';
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { codeOf, writeDurably } from '../platform/durable-file.ts';
import { sha256Of } from './manifest.ts';

export const PRIVATE_KEY_FILE = 'signing_key.pem';
export const PUBLIC_KEY_FILE = 'signing_key.pub';
const FINGERPRINT_CHARACTERS = 16;

export interface TrustedKeys {
  /** True when one of them made this signature. */
  verify(content: Uint8Array, signature: Uint8Array): boolean;
  /** Not empty when the keys are only taken on trust. */
  readonly note: string;
  readonly known: boolean;
}

export interface SigningKey extends TrustedKeys {
  sign(content: Uint8Array): Buffer;
  readonly fingerprint: string;
}

export interface KeyFolders {
  /** `data/state/backup` */
  readonly secret: string;
  /** `data/backups` */
  readonly backups: string;
}

/** The key of this host, made at the first backup. */
export async function openSigningKey(folders: KeyFolders): Promise<SigningKey> {
  const pem = (await readText(join(folders.secret, PRIVATE_KEY_FILE))) ?? (await makeKey(folders));
  const privateKey = createPrivateKey(pem);
  const own = createPublicKey(privateKey);
  const ownText = textOf(own);
  const beside = join(folders.backups, PUBLIC_KEY_FILE);
  if ((await readText(beside)) !== ownText) await writeDurably(beside, ownText);
  const earlier = await readKey(join(folders.secret, `earlier_${PUBLIC_KEY_FILE}`));
  return {
    ...trusted(earlier === undefined ? [own] : [own, earlier], ''),
    sign: (content) => signBytes(null, content, privateKey),
    fingerprint: fingerprintOf(own),
  };
}

/** For reading alone: never makes a key. */
export async function readTrustedKeys(folders: KeyFolders): Promise<TrustedKeys> {
  const own = await readKey(join(folders.secret, PUBLIC_KEY_FILE));
  const earlier = await readKey(join(folders.secret, `earlier_${PUBLIC_KEY_FILE}`));
  const known = [own, earlier].filter((key) => key !== undefined);
  if (known.length > 0) return trusted(known, '');
  const beside = await readKey(join(folders.backups, PUBLIC_KEY_FILE));
  if (beside === undefined) return trusted([], 'there is no key to check signatures with');
  const note = `this host has no key of its own; the one beside the backups was used (${fingerprintOf(beside)})`;
  return trusted([beside], note);
}

function trusted(keys: readonly KeyObject[], note: string): TrustedKeys {
  return {
    verify: (content, signature) =>
      signature.length === 64 && keys.some((key) => verifyBytes(null, content, key, signature)),
    note,
    known: keys.length > 0,
  };
}

async function makeKey({ secret, backups }: KeyFolders): Promise<string> {
  await mkdir(secret, { recursive: true, mode: 0o700 });
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  // Backups of an earlier life of this host stay readable.
  const beside = await readText(join(backups, PUBLIC_KEY_FILE));
  if (beside !== undefined) await writeDurably(join(secret, `earlier_${PUBLIC_KEY_FILE}`), beside);
  await writeDurably(join(secret, PUBLIC_KEY_FILE), textOf(publicKey));
  await writeDurably(join(secret, PRIVATE_KEY_FILE), pem);
  return pem;
}

function textOf(key: KeyObject): string {
  return key.export({ type: 'spki', format: 'pem' }).toString();
}

function fingerprintOf(key: KeyObject): string {
  return sha256Of(key.export({ type: 'spki', format: 'der' })).slice(0, FINGERPRINT_CHARACTERS);
}

async function readKey(path: string): Promise<KeyObject | undefined> {
  const text = await readText(path);
  if (text === undefined) return undefined;
  try {
    return createPublicKey(text);
  } catch {
    return undefined; // not a key: signatures are then judged without it, which means refused
  }
}

async function readText(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (cause) {
    if (codeOf(cause) === 'ENOENT') return undefined;
    throw cause;
  }
}
