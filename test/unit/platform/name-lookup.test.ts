import { describe, expect, it } from 'vitest';
import { seconds } from '../../../src/domain/units.ts';
import { asLookupFunction, createNameLookup } from '../../../src/platform/name-lookup.ts';
import { createFakeClock } from '../../support/fake-clock.ts';

const found = [{ address: '192.0.2.7', family: 4 }];

describe('createNameLookup', () => {
  it('asks for a name once at a time and keeps the answer for half a minute', async () => {
    const clock = createFakeClock();
    let asked = 0;
    const names = createNameLookup(clock, async () => {
      asked += 1;
      return found;
    });

    await Promise.all([names.find('web.example'), names.find('web.example')]);
    await clock.advance(seconds(29));
    await names.find('web.example');
    expect(asked).toBe(1);

    await clock.advance(seconds(2));
    await names.find('web.example');
    expect(asked).toBe(2);
  });

  it('fails at once for more names while two do not answer, and never for an address', async () => {
    const names = createNameLookup(createFakeClock(), () => new Promise(() => {}));
    void names.find('one.example');
    void names.find('two.example');

    await expect(names.find('three.example')).rejects.toMatchObject({ code: 'EBUSY' });
    expect(await names.find('127.0.0.1')).toEqual([{ address: '127.0.0.1', family: 4 }]);
    expect(await names.find('::1')).toEqual([{ address: '::1', family: 6 }]);
  });

  it('keeps no failure', async () => {
    let fail = true;
    const names = createNameLookup(createFakeClock(), async () => {
      if (fail) throw Object.assign(new Error('none'), { code: 'ENOTFOUND' });
      return found;
    });

    await expect(names.find('web.example')).rejects.toMatchObject({ code: 'ENOTFOUND' });
    fail = false;
    expect(await names.find('web.example')).toEqual(found);
  });
});

describe('asLookupFunction', () => {
  const call = (names: ReturnType<typeof createNameLookup>, all: boolean): Promise<unknown[]> =>
    new Promise((resolve) => asLookupFunction(names)('web.example', { all }, (...answer) => resolve(answer)));

  it('answers one address or all, as asked, and fails for a name without any', async () => {
    const clock = createFakeClock();

    expect(
      await call(
        createNameLookup(clock, async () => found),
        false,
      ),
    ).toEqual([null, '192.0.2.7', 4]);
    expect(
      await call(
        createNameLookup(clock, async () => found),
        true,
      ),
    ).toEqual([null, found]);
    expect(
      (
        await call(
          createNameLookup(clock, async () => []),
          true,
        )
      )[0],
    ).toMatchObject({ code: 'ENOTFOUND' });
  });
});
