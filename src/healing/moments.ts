/**
 * Moments on disk: ISO 8601 in UTC, in memory epoch milliseconds.
 *
 * The rule is by name, so that one small pair of functions serves every document: a key `at`, `since` or `until`,
 * or one that ends in `At`, holds a moment. Numbers under other keys stay numbers.
 */
import { epochMs, fromIso, toIso } from '../domain/units.ts';

const ISO = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z$/;

/** A copy with every moment as ISO text: plain data, ready for JSON. */
export function toDisk(value: unknown): unknown {
  return convert(value, (found) =>
    typeof found === 'number' && Number.isFinite(found) ? toIso(epochMs(found)) : found,
  );
}

/** The inverse of `toDisk`; what is no moment is left as it is, for the schema to judge. */
export function fromDisk(value: unknown): unknown {
  return convert(value, (found) =>
    typeof found === 'string' && ISO.test(found) ? (fromIso(found) ?? found) : found,
  );
}

function convert(value: unknown, moment: (found: unknown) => unknown): unknown {
  if (Array.isArray(value)) return value.map((item) => convert(item, moment));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, found]) => [
      key,
      isMomentKey(key) && !isNested(found) ? moment(found) : convert(found, moment),
    ]),
  );
}

function isMomentKey(key: string): boolean {
  return key === 'at' || key === 'since' || key === 'until' || key.endsWith('At');
}

function isNested(value: unknown): boolean {
  return typeof value === 'object' && value !== null;
}
