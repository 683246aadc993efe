/**
 * Moments on disk: ISO 8601 in UTC, in memory epoch milliseconds.
 *
 * The rule is by name, so that one small pair of functions serves every document: a key `at`, `since` or `until`,
 * or one that ends in `At`, holds a moment. Numbers under other keys stay numbers.
 */
import { epochMs, fromIso, toIso } from '../domain/units.ts';

const ISO = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z$/;

/**
 * A copy with every moment as ISO text: plain data, ready for JSON.
 *
 * @param known Copies made before. State is never changed in place, so what has not been replaced since is not
 * copied again.
 */
export function toDisk(value: unknown, known: WeakMap<object, unknown> = new WeakMap()): unknown {
  return convert(value, isoOf, known);
}

/** The inverse of `toDisk`; what is no moment is left as it is, for the schema to judge. */
export function fromDisk(value: unknown): unknown {
  return convert(value, momentOf, new WeakMap());
}

function isoOf(found: unknown): unknown {
  return typeof found === 'number' && Number.isFinite(found) ? toIso(epochMs(found)) : found;
}

function momentOf(found: unknown): unknown {
  return typeof found === 'string' && ISO.test(found) ? (fromIso(found) ?? found) : found;
}

function convert(
  value: unknown,
  moment: (found: unknown) => unknown,
  known: WeakMap<object, unknown>,
): unknown {
  if (typeof value !== 'object' || value === null) return value;
  const before = known.get(value);
  if (before !== undefined) return before;
  const copy = Array.isArray(value)
    ? value.map((item) => convert(item, moment, known))
    : Object.fromEntries(
        Object.entries(value).map(([key, found]) => [
          key,
          isMomentKey(key) && !isNested(found) ? moment(found) : convert(found, moment, known),
        ]),
      );
  known.set(value, copy);
  return copy;
}

function isMomentKey(key: string): boolean {
  return key === 'at' || key === 'since' || key === 'until' || key.endsWith('At');
}

function isNested(value: unknown): boolean {
  return typeof value === 'object' && value !== null;
}
