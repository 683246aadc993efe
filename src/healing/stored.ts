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
  const check = (raw: unknown): unknown => {
    schema.parse(fromDisk(raw));
    return raw;
  };
  const opened = await states.open<unknown>(name, check, toDisk(defaults));
  const inner = opened.document;
  let known = { raw: inner.value, value: schema.parse(fromDisk(inner.value)) };

  const read = (raw: unknown): T => {
    if (raw !== known.raw) known = { raw, value: schema.parse(fromDisk(raw)) };
    return known.value;
  };

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
        const next = toDisk(value);
        known = { raw: next, value };
        return next;
      });
      return read(saved);
    },
  };
}
