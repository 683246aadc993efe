/**
 * File names are bytes. Inside this room a path is a string with one character a byte (latin1), so that names
 * that are no UTF-8 survive; only what people read is decoded.
 */
import { isUtf8 } from 'node:buffer';

/** A path, one character a byte, `/` between its parts. */
export type RawPath = string;

const PLAIN = /^[ -~]*$/;

export function rawOf(text: string): RawPath {
  return Buffer.from(text, 'utf8').toString('latin1');
}

export function bytesOf(raw: RawPath): Buffer {
  return Buffer.from(raw, 'latin1');
}

/** What the file system is asked with: text where every byte is ASCII, which costs less than bytes. */
export function pathOf(raw: RawPath): Buffer | string {
  return PLAIN.test(raw) ? raw : bytesOf(raw);
}

/** For people and JSON: the name itself where it is UTF-8, else with `\xNN` for the bytes that are not ASCII. */
export function shownName(raw: RawPath): string {
  const bytes = bytesOf(raw);
  if (isUtf8(bytes)) return bytes.toString('utf8');
  return raw.replaceAll(/[^ -~]/g, (byte) => `\\x${byte.charCodeAt(0).toString(16).padStart(2, '0')}`);
}

/** True when `shownName` loses nothing. */
export function isPlainName(raw: RawPath): boolean {
  return isUtf8(bytesOf(raw));
}

/** A path that stays below the folder it is joined to. */
export function isInside(raw: RawPath): boolean {
  if (raw === '' || raw.startsWith('/') || raw.includes('\0')) return false;
  return raw.split('/').every((part) => part !== '' && part !== '.' && part !== '..');
}

export function parentOf(raw: RawPath): RawPath {
  const slash = raw.lastIndexOf('/');
  return slash < 0 ? '' : raw.slice(0, slash);
}
