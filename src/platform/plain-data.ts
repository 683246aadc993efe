/**
 * Turns anything that can be thrown, logged or audited into plain JSON data: errors with their causes, no cycles,
 * no secrets, bounded in depth and size. Never throws, whatever a getter or a `toJSON` does.
 */
import { OpsError } from '../domain/errors.ts';
import { clip } from './inert-text.ts';
import type { Redact } from './redact.ts';

const DEEPEST = 8;
const MOST_ENTRIES = 200;
const LONGEST_TEXT = 8_000;

export type Plain = string | number | boolean | null | readonly Plain[] | { readonly [key: string]: Plain };

export function toPlain(value: unknown, redact: Redact): Plain {
  return convert(value, redact, []);
}

/** A record keeps its shape: the same keys, plain values; what is `undefined` is left out. */
export function toPlainRecord(value: object, redact: Redact): Record<string, Plain> {
  return convertRecord(value, redact, []);
}

function convert(value: unknown, redact: Redact, above: readonly object[]): Plain {
  try {
    if (typeof value === 'string') return redact(clip(value, LONGEST_TEXT));
    if (typeof value === 'number') return Number.isFinite(value) ? value : null;
    if (typeof value === 'boolean' || value === null || value === undefined) return value ?? null;
    if (typeof value !== 'object') return redact(String(value));
    if (above.includes(value)) return '[cycle]';
    if (above.length >= DEEPEST) return '[too deep]';
    return convertObject(value, redact, [...above, value]);
  } catch {
    return '[unreadable]'; // a getter or toJSON that throws must not take the log line with it
  }
}

function convertObject(value: object, redact: Redact, above: readonly object[]): Plain {
  if (value instanceof Error) return convertError(value, redact, above);
  if ('toJSON' in value && typeof value.toJSON === 'function') return convert(value.toJSON(), redact, above);
  if (value instanceof Map) return convertRecord(Object.fromEntries(value), redact, above);
  if (value instanceof Set || Array.isArray(value)) {
    return [...value].slice(0, MOST_ENTRIES).map((entry) => convert(entry, redact, above));
  }
  return convertRecord(value, redact, above);
}

function convertRecord(value: object, redact: Redact, above: readonly object[]): Record<string, Plain> {
  const plain: Record<string, Plain> = {};
  for (const key of Object.keys(value).slice(0, MOST_ENTRIES)) {
    const entry = read(value, key);
    if (entry === undefined || typeof entry === 'function') continue;
    // Defined, not assigned: a key named __proto__ is data like any other.
    const converted = convert(entry, redact, above);
    Object.defineProperty(plain, redact(key), { value: converted, enumerable: true, configurable: true });
  }
  return plain;
}

function convertError(error: Error, redact: Redact, above: readonly object[]): Plain {
  const code = error instanceof OpsError ? error.code : read(error, 'code');
  return convertRecord(
    {
      name: error.name,
      code: typeof code === 'string' ? code : undefined,
      message: error.message,
      context: error instanceof OpsError ? error.context : undefined,
      stack: error.stack,
      cause: error.cause,
      errors: error instanceof AggregateError ? error.errors : undefined,
    },
    redact,
    above,
  );
}

function read(value: object, key: string): unknown {
  try {
    return (value as Record<string, unknown>)[key];
  } catch {
    return '[unreadable]'; // a getter that throws
  }
}
