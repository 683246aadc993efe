import { describe, expect, it } from 'vitest';
import { seconds } from '../../../src/domain/units.ts';
import { createDocument } from '../../../src/platform/state-document.ts';
import { createFakeClock } from '../../support/fake-clock.ts';
import { createMemoryLogger } from '../../support/memory-ports.ts';

describe('createDocument', () => {
  it('refuses updates while the disk hangs, and saves again once it answers', async () => {
    const clock = createFakeClock();
    const written: string[] = [];
    let release = (): void => {};
    let hang = true;
    const document = createDocument<{ readonly n: number }>({
      path: 'counter.json',
      clock,
      diskClock: clock,
      log: createMemoryLogger(),
      initial: { n: 0 },
      seq: 0,
      write: async (_, text) => {
        if (hang) {
          await new Promise<void>((resolve) => {
            release = resolve;
          });
        }
        written.push(text);
      },
    });
    const add = (value: { readonly n: number }): { readonly n: number } => ({ n: value.n + 1 });

    const hung = document.update(add).catch((cause: unknown) => cause);
    await clock.advance(seconds(10));
    const meanwhile = document.update(add).catch((cause: unknown) => cause);

    expect(await hung).toMatchObject({ code: 'STATE_UNWRITABLE' });
    expect(await meanwhile).toMatchObject({ code: 'STATE_UNWRITABLE' });
    expect(document.value).toEqual({ n: 0 });

    hang = false;
    release();
    await clock.settle();
    await document.update(add);
    expect(document.value).toEqual({ n: 1 });
    expect(written.map((text) => JSON.parse(text).seq)).toEqual([1, 2]);
  });

  it('refuses what is not an object', async () => {
    const document = createDocument<unknown>({
      path: 'counter.json',
      clock: createFakeClock(),
      log: createMemoryLogger(),
      initial: {},
      seq: 0,
    });

    await expect(document.update(() => 'text')).rejects.toMatchObject({ code: 'INTERNAL' });
  });
});
