import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { Document, StateStore } from '../../../src/domain/ports.ts';
import { epochMs } from '../../../src/domain/units.ts';
import { openStored } from '../../../src/healing/stored.ts';
import { START } from '../../support/builders.ts';
import { createMemoryStateStore } from '../../support/memory-ports.ts';

const Schema = z.object({ at: z.number(), count: z.number() });

/** A store whose writes take a turn, share one, or fail: like the one on disk. */
function slowStore(): StateStore & { fail: boolean } {
  const store = {
    fail: false,
    async open<T>(_name: string, parse: (raw: unknown) => T, defaults: T) {
      let value = parse(defaults);
      let last: Promise<unknown> = Promise.resolve();
      const document: Document<T> = {
        get value() {
          return value;
        },
        update(change) {
          const write = last.then(async () => {
            const next = change(value);
            await Promise.resolve();
            if (store.fail) throw new Error('disk full');
            value = next;
            return next;
          });
          last = write.catch(() => {});
          return write;
        },
      };
      return { document, origin: 'fresh' as const, warning: '' };
    },
  };
  return store;
}

describe('openStored', () => {
  it('keeps moments as ISO text on disk and as numbers in memory', async () => {
    const states = createMemoryStateStore();
    const stored = await openStored(states, 'x', Schema, { at: START, count: 1 });
    await stored.update((value) => ({ ...value, count: 2 }));

    expect(states.saved.get('x')).toBe('{"at":"2026-11-22T02:00:00.000Z","count":2}');
    expect((await openStored(states, 'x', Schema, { at: 0, count: 0 })).value).toEqual({
      at: START,
      count: 2,
    });
  });

  it('builds each change on the one before, and forgets one that could not be saved', async () => {
    const states = slowStore();
    const stored = await openStored(states, 'x', Schema, { at: epochMs(0), count: 0 });
    await Promise.all(
      Array.from({ length: 5 }, () => stored.update((value) => ({ ...value, count: value.count + 1 }))),
    );
    expect(stored.value.count).toBe(5);

    states.fail = true;
    await expect(stored.update((value) => ({ ...value, count: 99 }))).rejects.toThrow('disk full');
    expect(stored.value.count).toBe(5);
    states.fail = false;
    await stored.update((value) => ({ ...value, count: value.count + 1 }));
    expect(stored.value.count).toBe(6);
  });

  it('hands back the same object for the same state, and refuses what does not fit', async () => {
    const states = createMemoryStateStore();
    const stored = await openStored(states, 'x', Schema, { at: START, count: 1 });
    expect(stored.value).toBe(stored.value);
    expect(await stored.update((value) => value)).toBe(stored.value);
    states.saved.set('y', '{"at":"yesterday","count":1}');
    await expect(openStored(states, 'y', Schema, { at: START, count: 1 })).rejects.toThrow();
  });
});
