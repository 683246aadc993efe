import { describe, expect, it } from 'vitest';
import type { Card, ThreadLine } from '../../../src/bot/card.ts';
import { createOutbox, type Outbox } from '../../../src/bot/outbox.ts';
import type { Rank } from '../../../src/bot/outbox-queue.ts';
import type { Rendered } from '../../../src/bot/outbox-step.ts';
import { mergedLine } from '../../../src/bot/thread-lines.ts';
import { openThreads } from '../../../src/bot/threads.ts';
import { OpsError } from '../../../src/domain/errors.ts';
import { after, hours, minutes, ms, seconds } from '../../../src/domain/units.ts';
import { START } from '../../support/builders.ts';
import { createFakeClock } from '../../support/fake-clock.ts';
import { createFakeSurface } from '../../support/fake-surface.ts';
import { createMemoryLogger, createMemoryStateStore } from '../../support/memory-ports.ts';

const CRITICAL: Rank = 1;
const WARNING: Rank = 2;

function card(key: string, version: number, word = 'Open'): Card {
  return {
    key,
    version,
    tone: 'warn',
    word,
    severity: 'warning',
    title: key,
    lead: `version ${version}`,
    facts: [],
    code: null,
    next: '',
    buttons: [],
    expiresAt: null,
    stamp: null,
    link: null,
    page: false,
  };
}

function lines(key: string, count: number): readonly ThreadLine[] {
  return Array.from({ length: count }, (_, index) => ({
    id: `${key}/${index}`,
    at: after(START, seconds(index)),
    tone: 'note',
    text: `line ${index}`,
  }));
}

/** Everything that survives a restart is outside of `run`. */
async function setUp(budget = 10_000) {
  const clock = createFakeClock();
  const surface = createFakeSurface(clock);
  const states = createMemoryStateStore();
  const log = createMemoryLogger();
  const world = new Map<string, Rendered>();
  let rooms = 0;
  const start = async () => {
    const threads = await openThreads({ states, clock, log });
    const outbox = createOutbox({
      surface,
      threads,
      clock,
      log,
      budgetPerHour: () => budget,
      render: (key) => world.get(key) ?? null,
      merge: (several) => mergedLine(several, 'UTC'),
      digest: (key, version, waiting) => ({
        ...card(key, version, 'Held'),
        lead: waiting.map((one) => one.key).join(' '),
      }),
      onRoom: () => {
        rooms += 1;
      },
    });
    return { threads, outbox };
  };
  const { threads, outbox } = await start();
  const set = (key: string, version: number, over: Partial<Rendered> & { word?: string } = {}): void => {
    const { word, ...rest } = over;
    world.set(key, { card: card(key, version, word), lines: [], over: false, ...rest });
  };
  const show = (to: Outbox, key: string, version: number, rank: Rank = WARNING): void => {
    set(key, version);
    to.show(key, rank);
  };
  return { clock, surface, states, log, world, threads, outbox, start, set, show, rooms: () => rooms };
}

const gaps = (sent: readonly { readonly at: number }[]): readonly number[] =>
  sent.slice(1).map(({ at }, index) => at - (sent[index]?.at ?? 0));

const isCritical = (number: number): boolean => number % 500 === 7;

/** 10,000 updates of 2,000 cards in a minute; four of the cards are critical. */
async function storm() {
  const set = await setUp();
  const criticalAt = new Map<string, number>();
  const alert = (number: number): void => {
    const key = `inc-${number % 2_000}`;
    const rank = isCritical(number) ? CRITICAL : WARNING;
    set.set(key, number + 1, { word: rank === CRITICAL ? 'Paged' : 'Open' });
    set.outbox.show(key, rank);
    if (rank === CRITICAL && !criticalAt.has(key)) criticalAt.set(key, set.clock.monotonic());
  };
  let number = 0;
  for (let second = 1; second <= 60; second += 1) {
    for (; number < (second * 10_000) / 60; number += 1) alert(number);
    await set.clock.advance(seconds(1));
  }
  return { ...set, criticalAt, number };
}

describe('createOutbox', () => {
  it('posts a card, then edits it in place', async () => {
    const { clock, surface, outbox, show, set } = await setUp();

    show(outbox, 'inc-1', 1);
    await clock.advance(seconds(2));
    set('inc-1', 2, { word: 'Healed' });
    outbox.show('inc-1', WARNING);
    await clock.advance(seconds(2));

    expect(surface.sent.map(({ what }) => what)).toEqual(['post', 'edit']);
    expect(surface.shown.get('m1')?.word).toBe('Healed');
  });

  describe('in a storm of 10,000 updates in a minute', () => {
    it('keeps to one message a second and to what it may hold', async () => {
      const { surface, outbox, number } = await storm();

      expect(number).toBe(10_000);
      expect(surface.sent.length).toBeLessThanOrEqual(61);
      expect(Math.min(...gaps(surface.sent))).toBeGreaterThanOrEqual(1_000);
      expect(outbox.waiting).toBeLessThanOrEqual(500);
    });

    it('brings every critical within two seconds, before all that waits', async () => {
      const { surface, criticalAt } = await storm();

      for (const [key, at] of criticalAt) {
        const sent = surface.sent.find((one) => one.key === key && one.at >= at);
        expect((sent?.at ?? Number.POSITIVE_INFINITY) - at, key).toBeLessThanOrEqual(2_000);
      }
      expect(criticalAt.size).toBe(4);
    });

    it('sends the newest card of each only, and asks for what did not fit once there is room', async () => {
      const { clock, surface, world, rooms } = await storm();
      expect(rooms()).toBe(0);

      await clock.advance(minutes(10));

      for (const shown of surface.shown.values()) {
        expect(shown.version).toBe(world.get(shown.key)?.card.version);
      }
      expect(rooms()).toBe(1);
    });
  });

  it('says the lines of a thread once and in order, after the card', async () => {
    const { clock, surface, outbox, set } = await setUp();
    set('inc-1', 1, { lines: lines('inc-1', 2) });
    outbox.show('inc-1', WARNING);
    await clock.advance(seconds(5));
    set('inc-1', 2, { lines: lines('inc-1', 3) });
    outbox.show('inc-1', WARNING);
    outbox.show('inc-1', WARNING);

    await clock.advance(minutes(1));

    expect(surface.threads.get('t1')?.map(({ text }) => text)).toEqual(['line 0', 'line 1', 'line 2']);
  });

  it('catches up with a thread that fell behind in one message', async () => {
    const { clock, surface, outbox, set } = await setUp();
    set('inc-1', 1, { lines: lines('inc-1', 30) });
    outbox.show('inc-1', WARNING);

    await clock.advance(seconds(10));

    expect(surface.threads.get('t1')).toHaveLength(1);
    expect(surface.threads.get('t1')?.[0]?.text.split('\n')).toHaveLength(30);
  });

  it('rations edits that nobody would notice, but not those that matter', async () => {
    const { clock, surface, outbox, show, set } = await setUp();
    show(outbox, 'inc-1', 1);
    await clock.advance(seconds(2));

    for (let version = 2; version < 12; version += 1) {
      show(outbox, 'inc-1', version);
      await clock.advance(seconds(1));
    }
    const quiet = surface.sent.length;
    set('inc-1', 20, { word: 'Paged' });
    outbox.show('inc-1', CRITICAL);
    await clock.advance(seconds(2));

    expect(quiet).toBe(1);
    expect(surface.sent.map(({ text }) => text)).toEqual(['Open', 'Paged']);
  });

  it('brings a rationed edit later', async () => {
    const { clock, surface, outbox, show } = await setUp();
    show(outbox, 'inc-1', 1);
    await clock.advance(seconds(2));
    show(outbox, 'inc-1', 2);

    await clock.advance(seconds(20));

    expect(surface.shown.get('m1')?.version).toBe(2);
  });

  it('edits what was posted before a restart instead of posting it again', async () => {
    const { clock, surface, outbox, show, start, set } = await setUp();
    set('inc-1', 1, { lines: lines('inc-1', 2) });
    outbox.show('inc-1', WARNING);
    await clock.advance(seconds(5));
    outbox.stop();

    const again = await start();
    show(again.outbox, 'inc-1', 2);
    set('inc-1', 2, { word: 'Healed', lines: lines('inc-1', 3) });
    await clock.advance(seconds(5));

    expect(surface.sent.map(({ what }) => what)).toEqual(['post', 'line', 'line', 'edit', 'line']);
    expect(surface.shown.get('m1')?.word).toBe('Healed');
    expect(surface.shown.size).toBe(1);
  });

  it('owes a critical that was never placed, also after a restart', async () => {
    const { clock, surface, outbox, show, start } = await setUp();
    surface.before = () => {
      throw new Error('down');
    };
    show(outbox, 'inc-1', 1, CRITICAL);
    show(outbox, 'inc-2', 1, WARNING);
    await clock.advance(seconds(3));
    outbox.stop();

    const again = await start();

    expect(again.threads.owed('slack')).toEqual(['inc-1']);
  });

  it('tries again with growing gaps while the surface fails, and is quick once it is back', async () => {
    const { clock, surface, outbox, show } = await setUp();
    let isDown = true;
    surface.before = () => {
      if (isDown) throw new Error('ECONNRESET');
    };
    show(outbox, 'inc-1', 1);
    await clock.advance(minutes(5));
    const tries = surface.sent.length;
    isDown = false;
    outbox.wake();
    await clock.advance(seconds(2));

    expect(tries).toBeGreaterThan(10);
    expect(tries).toBeLessThan(18);
    expect(Math.max(...gaps(surface.sent.slice(0, tries)))).toBeLessThanOrEqual(31_000);
    expect(surface.shown.size).toBe(1);
  });

  it('waits as long as the platform asks, also when the surface says it is back', async () => {
    const { clock, surface, outbox, show } = await setUp();
    let isLimited = true;
    surface.before = () => {
      if (!isLimited) return;
      isLimited = false;
      throw new OpsError('SURFACE_DOWN', 'rate limited', {
        context: { kind: 'rate_limited', retryAfterSeconds: 40 },
      });
    };
    show(outbox, 'inc-1', 1);
    show(outbox, 'inc-2', 1);
    await clock.advance(seconds(5));
    outbox.wake();
    await clock.advance(seconds(34));
    expect(surface.sent).toHaveLength(1);

    await clock.advance(seconds(5));

    expect(surface.shown.size).toBe(2);
  });

  it('does not let one card that is never taken hold up the others, and does not ask for it again', async () => {
    const { clock, surface, outbox, show } = await setUp();
    surface.before = (_, key) => {
      if (key === 'inc-bad')
        throw new OpsError('SURFACE_DOWN', 'invalid_blocks', { context: { kind: 'refused' } });
    };
    show(outbox, 'inc-bad', 1, CRITICAL);
    show(outbox, 'inc-good', 1);
    await clock.advance(minutes(2));
    outbox.show('inc-bad', CRITICAL);
    await clock.advance(minutes(2));

    expect(surface.sent.filter(({ key }) => key === 'inc-bad')).toHaveLength(1);
    expect(surface.shown.size).toBe(1);
  });

  it('passes over a line that is never taken', async () => {
    const { clock, surface, outbox, set } = await setUp();
    let isFirst = true;
    surface.before = (what) => {
      if (what !== 'line' || !isFirst) return;
      isFirst = false;
      throw new OpsError('SURFACE_DOWN', 'msg_too_long', { context: { kind: 'refused' } });
    };
    set('inc-1', 1, { lines: lines('inc-1', 2) });
    outbox.show('inc-1', WARNING);

    await clock.advance(minutes(1));

    expect(surface.threads.get('t1')?.map(({ text }) => text)).toEqual(['line 1']);
  });

  it('gives up waiting for an answer that does not come, and keeps it when it comes late', async () => {
    const { clock, surface, outbox, show, threads } = await setUp();
    const answers: (() => void)[] = [];
    surface.before = () =>
      new Promise<void>((resolve) => {
        answers.push(resolve);
      });
    show(outbox, 'inc-1', 1);
    await clock.advance(seconds(20));
    answers[0]?.();
    await clock.settle();

    expect(threads.get('slack', 'inc-1')?.placed.message).toBe('m1');
    await clock.advance(seconds(5));
    expect(surface.sent).toHaveLength(1);
  });

  it('keeps to the message budget, but never for what is urgent', async () => {
    const { clock, surface, outbox, show } = await setUp(3);
    for (let index = 0; index < 10; index += 1) show(outbox, `inc-${index}`, 1);
    await clock.advance(minutes(10));
    expect(surface.sent.filter(({ key }) => key.startsWith('inc-'))).toHaveLength(3);

    show(outbox, 'inc-urgent', 1, CRITICAL);
    await clock.advance(seconds(2));
    expect(surface.sent.at(-1)?.key).toBe('inc-urgent');

    await clock.advance(hours(1));
    const cards = surface.sent.filter(({ key }) => key.startsWith('inc-'));
    expect(cards.length).toBeGreaterThanOrEqual(5);
    expect(cards.length).toBeLessThanOrEqual(8);
  });

  it('shows how a card ended although the budget is spent: an edit rings nowhere', async () => {
    const { clock, surface, outbox, show } = await setUp(1);
    show(outbox, 'inc-0', 1);
    show(outbox, 'inc-1', 1);
    await clock.advance(seconds(10));

    show(outbox, 'inc-0', 2);
    await clock.advance(seconds(30));

    expect(surface.sent.filter(({ key }) => key.startsWith('inc-'))).toMatchObject([
      { what: 'post', key: 'inc-0' },
      { what: 'edit', key: 'inc-0' },
    ]);
  });

  it('spends nothing of the budget on what did not arrive', async () => {
    const { clock, surface, outbox, show } = await setUp(2);
    surface.before = () => {
      throw new Error('gone');
    };
    show(outbox, 'inc-0', 1);
    await clock.advance(minutes(20));

    surface.before = () => {};
    show(outbox, 'inc-1', 1);
    await clock.advance(minutes(1));

    expect([...surface.shown.values()].map(({ key }) => key).toSorted()).toEqual(['inc-0', 'inc-1']);
  });

  it('tells what the budget holds back in one message, edited in place while more comes', async () => {
    const { clock, surface, outbox, show, threads } = await setUp(3);
    for (let index = 0; index < 5; index += 1) show(outbox, `inc-${index}`, 1);
    await clock.advance(seconds(10));

    show(outbox, 'inc-5', 1);
    await clock.advance(minutes(2));

    const digests = surface.sent.filter(({ key }) => key.startsWith('digest-'));
    const [first] = digests;
    expect(digests.map(({ what }) => what)).toEqual(['post', 'edit']);
    const placed = threads.get('slack', first?.key ?? '')?.placed.message ?? '';
    expect(surface.shown.get(placed)?.lead).toBe('inc-3 inc-4 inc-5');
  });

  describe('a picture', () => {
    const picture = (key: string, made: 'made' | 'not made' = 'made') => {
      let asked = 0;
      const make = async () => {
        asked += 1;
        return made === 'made' ? { key, alt: 'said', png: new Uint8Array([1]) } : null;
      };
      return { wanted: { key, make }, asked: () => asked };
    };

    it('follows the card, which never waits for it, and is placed once', async () => {
      const { clock, surface, outbox, set, threads } = await setUp();
      const { wanted, asked } = picture('live');
      set('inc-1', 1, { picture: wanted });

      outbox.show('inc-1', WARNING);
      await clock.advance(seconds(5));
      set('inc-1', 2, { picture: wanted, word: 'Held' });
      outbox.show('inc-1', WARNING);
      await clock.advance(seconds(20));

      expect(surface.sent.map(({ what }) => what)).toEqual(['post', 'picture', 'edit']);
      expect(threads.get('slack', 'inc-1')?.placed.picture?.file).toBe('file-live');
      expect(asked()).toBe(1);
    });

    it('is replaced when it shows something else, also after a restart', async () => {
      const { clock, surface, outbox, set, start } = await setUp();
      set('inc-1', 1, { picture: picture('live').wanted });
      outbox.show('inc-1', WARNING);
      await clock.advance(seconds(5));
      outbox.stop();

      const next = await start();
      next.outbox.show('inc-1', WARNING);
      await clock.advance(seconds(5));
      set('inc-1', 2, { picture: picture('over').wanted, word: 'Healed' });
      next.outbox.show('inc-1', WARNING);
      await clock.advance(seconds(20));

      expect(surface.sent.map(({ what, text }) => [what, text])).toEqual([
        ['post', 'Open'],
        ['picture', 'live'],
        ['edit', 'Healed'],
        ['picture', 'over'],
      ]);
    });

    it.each([
      ['cannot be made', 'not made' as const],
      ['is not taken', 'made' as const],
    ])('that %s leaves the card as text, and is tried once', async (_, made) => {
      const { clock, surface, outbox, set } = await setUp();
      const { wanted, asked } = picture('live', made);
      surface.before = (what) => {
        if (what === 'picture') throw new Error('no');
      };
      set('inc-1', 1, { picture: wanted });

      for (let times = 0; times < 3; times += 1) {
        outbox.show('inc-1', WARNING);
        await clock.advance(minutes(1));
      }

      expect(asked()).toBe(1);
      expect(surface.sent.filter(({ what }) => what === 'picture').length).toBeLessThanOrEqual(1);
      expect(surface.shown.size).toBe(1);
    });

    it('is not painted in a storm', async () => {
      const { clock, outbox, set } = await setUp();
      const { wanted, asked } = picture('live');
      for (let index = 0; index < 40; index += 1) {
        set(`inc-${index}`, 1, { picture: wanted });
        outbox.show(`inc-${index}`, WARNING);
      }

      await clock.advance(seconds(20));

      expect(asked()).toBe(0);
    });
  });

  describe('a first message whose fate nobody knows', () => {
    const lost = () => {
      throw new OpsError('SURFACE_DOWN', 'no answer', { context: { kind: 'unreachable' } });
    };

    it('is looked for before it is sent again, also after a restart', async () => {
      const { clock, surface, outbox, show, start } = await setUp();
      surface.before = lost;
      show(outbox, 'inc-1', 1);
      await clock.advance(ms(500));
      outbox.stop();

      surface.before = () => {};
      const next = await start();
      next.outbox.show('inc-1', WARNING);
      await clock.advance(seconds(5));

      expect(surface.firsts).toEqual([false, true]);
    });

    it('is not looked for where the platform refused it', async () => {
      const { clock, surface, outbox, show } = await setUp();
      surface.before = () => {
        throw new OpsError('SURFACE_DOWN', 'wait', {
          context: { kind: 'rate_limited', retryAfterSeconds: 1 },
        });
      };
      show(outbox, 'inc-1', 1);
      await clock.advance(ms(500));
      surface.before = () => {};
      await clock.advance(seconds(10));

      expect(surface.firsts).toEqual([false, false]);
    });
  });

  it('shows a card again on demand although it believes it is shown', async () => {
    const { clock, surface, outbox, show } = await setUp();
    show(outbox, 'inc-1', 1);
    await clock.advance(seconds(5));

    outbox.show('inc-1', WARNING, true);
    await clock.advance(seconds(5));

    expect(surface.sent.map(({ what }) => what)).toEqual(['post', 'edit']);
  });

  it('forgets what the stored state no longer has', async () => {
    const { clock, outbox, show, world, threads } = await setUp();
    show(outbox, 'inc-1', 1);
    await clock.advance(seconds(2));
    world.delete('inc-1');
    outbox.show('inc-1', WARNING);
    await clock.advance(seconds(2));

    expect(threads.get('slack', 'inc-1')).toBeUndefined();
    expect(outbox.waiting).toBe(0);
  });

  it('settles what is over and told to the end', async () => {
    const { clock, outbox, set, threads } = await setUp();
    set('inc-1', 1, { over: true, lines: lines('inc-1', 1) });
    outbox.show('inc-1', WARNING);

    await clock.advance(seconds(5));

    expect(threads.get('slack', 'inc-1')).toMatchObject({ settled: true });
    expect(threads.unsettled('slack')).toEqual([]);
  });

  it('sends nothing more once it is stopped', async () => {
    const { clock, surface, outbox, show } = await setUp();
    outbox.stop();
    show(outbox, 'inc-1', 1);

    await clock.advance(minutes(1));

    expect(surface.sent).toEqual([]);
  });

  it('goes on when a card cannot be made or the disk does not take where it stands', async () => {
    const { clock, surface, states, outbox, show, world, log } = await setUp();
    Object.defineProperty(world, 'get', {
      value: (key: string) => {
        if (key === 'inc-broken') throw new Error('bug');
        return Map.prototype.get.call(world, key) as Rendered | undefined;
      },
    });
    states.saved.set = () => {
      throw new Error('disk full');
    };
    show(outbox, 'inc-broken', 1, CRITICAL);
    show(outbox, 'inc-1', 1);

    await clock.advance(seconds(5));

    expect(surface.shown.size).toBe(1);
    expect(new Set(log.lines.map(({ message }) => message))).toEqual(
      new Set(['chat threads not saved', 'card not made']),
    );
  });
});
