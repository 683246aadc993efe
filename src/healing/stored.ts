/**
 * A typed document over the state store: moments as ISO text on disk, checked by its schema at start.
 *
 * `change` runs on the newest value, so two callers never overwrite one another; the promise resolves when the
 * result is on disk.
 */
import type { Document, DocumentOrigin, StateStore } from '../domain/ports.ts';
import { fromDisk, toDisk } from './moments.ts';

export interface Stored<T> extends Document<T> {
  readonly origin: DocumentOrigin;
  readonly warning: string;
}

/** Validates or throws; a zod schema fits. */
interface Schema<T> {
  parse(data: unknown): T;
}

/** @throws OpsError `STATE_UNWRITABLE` from `update`, when the disk refuses. */
export async function openStored<T>(
  states: StateStore,
  name: string,
  schema: Schema<T>,
  defaults: T,
): Promise<Stored<T>> {
  /** Each value that was seen, by the plain form it has on disk: decoded once. */
  const decoded = new WeakMap<object, T>();
  const copies = new WeakMap<object, unknown>();
  const read = (raw: unknown): T => {
    const known = isObject(raw) ? decoded.get(raw) : undefined;
    if (known !== undefined) return known;
    const value = schema.parse(fromDisk(raw));
    if (isObject(raw)) decoded.set(raw, value);
    return value;
  };
  const check = (raw: unknown): unknown => {
    read(raw);
    return raw;
  };
  const opened = await states.open<unknown>(name, check, toDisk(defaults));
  const inner = opened.document;

  return {
    origin: opened.origin,
    warning: opened.warning,
    get value() {
      return read(inner.value);
    },
    async update(change) {
      const saved = await inner.update((raw) => {
        const before = read(raw);
        const value = change(before);
        if (value === before) return raw;
        const next = toDisk(value, copies);
        if (isObject(next)) decoded.set(next, value);
        return next;
      });
      return read(saved);
    },
  };
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}
