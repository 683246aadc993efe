import { describe, expect, it } from 'vitest';
import type { Card } from '../../../../src/bot/card.ts';
import { editWait, paceEdits, postedAt } from '../../../../src/bot/discord/edit-pace.ts';
import type { Placed } from '../../../../src/bot/surface.ts';
import { after, minutes, ms, seconds } from '../../../../src/domain/units.ts';
import { START } from '../../../support/builders.ts';
import { card } from '../../../support/chat.ts';
import { createFakeClock } from '../../../support/fake-clock.ts';
import { createMemoryLogger } from '../../../support/memory-ports.ts';

/** Posted at START. */
const MESSAGE = String(BigInt(START - 1_420_070_400_000) << 22n);
const PLACED: Placed = { channel: 'C', message: MESSAGE, thread: MESSAGE };

function setUp() {
  const clock = createFakeClock();
  const sent: Card[] = [];
  const failures: Error[] = [];
  const send = async (each: Card): Promise<Placed> => {
    const failure = failures.shift();
    if (failure !== undefined) throw failure;
    sent.push(each);
    return PLACED;
  };
  const picture = async (_: Card, placed: Placed): Promise<Placed> => ({
    ...placed,
    picture: { key: 'k', file: 'f', alt: 'a' },
  });
  const places: (Placed | null)[] = [];
  const put = (each: Card, placed: Placed | null): Promise<Placed> => {
    places.push(placed);
    return send(each);
  };
  const pace = paceEdits({ put, picture }, { clock, log: createMemoryLogger(), editEvery: seconds(15) });
  return { places, clock, sent, failures, pace, versions: () => sent.map(({ version }) => version) };
}

describe('editWait', () => {
  const last = { at: ms(1_000_000), state: 'a' };
  const span = { editEvery: seconds(15), mono: ms(1_005_000), now: START };

  it('sends the first edit and every change of state at once', () => {
    expect(editWait(undefined, 'a', START, span)).toBe(0);
    expect(editWait(last, 'b', START, span)).toBe(0);
  });

  it('spaces small changes by 15 s, and by 10 min once the message is an hour old', () => {
    expect(editWait(last, 'a', START, span)).toBe(seconds(10));
    expect(editWait(last, 'a', START, { ...span, now: after(START, minutes(61)) })).toBe(
      minutes(10) - seconds(5),
    );
  });
});

describe('postedAt', () => {
  it('reads the moment out of an id of Discord', () => {
    expect(postedAt(MESSAGE)).toBe(START);
  });

  it('takes anything else as very old', () => {
    expect(postedAt('not an id')).toBe(0);
  });
});

describe('paceEdits', () => {
  it('sends only the newest of many small changes', async () => {
    const { pace, clock, versions } = setUp();
    await pace.put(card({ version: 1 }), null);

    for (let version = 2; version <= 9; version += 1)
      await pace.put(card({ version, lead: `${version}` }), PLACED);
    await clock.advance(seconds(14));
    expect(versions()).toEqual([1]);
    await clock.advance(seconds(2));

    expect(versions()).toEqual([1, 9]);
  });

  it('sends a change of state at once and drops what was held', async () => {
    const { pace, clock, versions } = setUp();
    await pace.put(card({ version: 1 }), null);
    await pace.put(card({ version: 2, lead: 'x' }), PLACED);

    await pace.put(card({ version: 3, word: 'Healing' }), PLACED);
    await clock.advance(minutes(1));

    expect(versions()).toEqual([1, 3]);
  });

  it('keeps cards apart', async () => {
    const { pace, versions } = setUp();

    await pace.put(card({ key: 'a', version: 1 }), null);
    await pace.put(card({ key: 'b', version: 2 }), null);

    expect(versions()).toEqual([1, 2]);
  });

  it('tries a held edit again when it failed', async () => {
    const { pace, clock, failures, versions } = setUp();
    await pace.put(card({ version: 1 }), null);
    await pace.put(card({ version: 2, lead: 'x' }), PLACED);
    failures.push(new Error('down'));

    await clock.advance(seconds(40));

    expect(versions()).toEqual([1, 2]);
  });

  it('sends nothing after it was stopped', async () => {
    const { pace, clock, versions } = setUp();
    await pace.put(card({ version: 1 }), null);
    await pace.put(card({ version: 2, lead: 'x' }), PLACED);

    pace.stop();
    await clock.advance(minutes(1));

    expect(versions()).toEqual([1]);
  });

  it('keeps a picture that came while an edit was held', async () => {
    const { pace, clock, places } = setUp();
    await pace.put(card({ version: 1 }), null);
    await pace.put(card({ version: 2, lead: 'a little later' }), PLACED);

    await pace.picture(card({ version: 2 }), PLACED, { key: 'k', alt: 'a', png: new Uint8Array() });
    await clock.advance(seconds(20));

    expect(places.at(-1)?.picture?.file).toBe('f');
  });
});
