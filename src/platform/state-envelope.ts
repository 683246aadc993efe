/**
 * The envelope of a state document: version, moment, sequence and a checksum over all of them. Pure.
 *
 * The checksum is taken over the data as JSON writes it again, so a file that was only reformatted still fits,
 * and one with any other value does not.
 */
import { createHash } from 'node:crypto';
import { describeError } from '../domain/errors.ts';
import type { Parse } from '../domain/ports.ts';

const VERSION = 1;

export interface Envelope {
  readonly v: number;
  readonly savedAt: string;
  /** Grows with every write, so that an older copy of the file is noticed. */
  readonly seq: number;
  readonly sha256: string;
  readonly data: unknown;
}

export type Unsealed<T> =
  | { readonly kind: 'good'; readonly data: T; readonly seq: number }
  | { readonly kind: 'bad'; readonly reason: string };

/** The text of the file for `json`, which is the document as `JSON.stringify` gives it. */
export function seal(json: string, seq: number, savedAt: string): string {
  const sha256 = checksum(json, seq, savedAt);
  return `{"v":${VERSION},"savedAt":"${savedAt}","seq":${seq},"sha256":"${sha256}","data":${json}}\n`;
}

/** Reads a file's text back; never throws. */
export function unseal<T>(text: string, parse: Parse<T>): Unsealed<T> {
  const raw = parseJson(text);
  if (raw.kind === 'bad') return raw;
  if (!isEnvelope(raw.value)) return { kind: 'bad', reason: 'it is not a state document' };
  const { v, savedAt, seq, sha256, data } = raw.value;
  if (v !== VERSION) return { kind: 'bad', reason: `it has version ${v}, this program knows ${VERSION}` };
  if (sha256 !== checksum(JSON.stringify(data), seq, savedAt)) {
    return { kind: 'bad', reason: 'its checksum does not fit' };
  }
  try {
    return { kind: 'good', data: parse(data), seq };
  } catch (cause) {
    return { kind: 'bad', reason: `it has the wrong shape: ${describeError(cause).slice(0, 300)}` };
  }
}

function checksum(json: string, seq: number, savedAt: string): string {
  return createHash('sha256').update(`${VERSION}\n${savedAt}\n${seq}\n${json}`).digest('hex');
}

function parseJson(
  text: string,
): { readonly kind: 'parsed'; readonly value: unknown } | { kind: 'bad'; reason: string } {
  if (text.trim() === '') return { kind: 'bad', reason: 'it is empty' };
  try {
    return { kind: 'parsed', value: JSON.parse(text) as unknown };
  } catch (cause) {
    return { kind: 'bad', reason: `it is not JSON: ${describeError(cause).slice(0, 120)}` };
  }
}

function isEnvelope(value: unknown): value is Envelope {
  if (typeof value !== 'object' || value === null) return false;
  const { v, savedAt, seq, sha256, data } = value as Record<keyof Envelope, unknown>;
  const strings = typeof savedAt === 'string' && typeof sha256 === 'string';
  return strings && typeof v === 'number' && Number.isSafeInteger(seq) && data !== undefined;
}
