import { describe, expect, it } from 'vitest';
import { createLiveFeed, type FeedStream, type LiveFeed } from '../../../../src/bot/web/live-feed.ts';
import type { EventBus } from '../../../../src/domain/ports.ts';
import { ms, seconds } from '../../../../src/domain/units.ts';
import { createEventBus } from '../../../../src/platform/event-bus.ts';
import { incident, START } from '../../../support/builders.ts';
import { createFakeClock, type FakeClock } from '../../../support/fake-clock.ts';
import { createMemoryLogger } from '../../../support/memory-ports.ts';

interface FakeStream extends FeedStream {
  writableNeedDrain: boolean;
  readonly chunks: string[];
  ended: 'no' | 'end' | 'destroy';
  emit(event: 'drain' | 'close'): void;
  /** Kinds of the events that came. */
  events(): string[];
}

function fakeStream(): FakeStream {
  const listeners: Record<'drain' | 'close', (() => void)[]> = { drain: [], close: [] };
  const stream: FakeStream = {
    writableNeedDrain: false,
    chunks: [],
    ended: 'no',
    write(chunk) {
      stream.chunks.push(chunk);
      return !stream.writableNeedDrain;
    },
    end: () => {
      stream.ended = 'end';
    },
    destroy: () => {
      stream.ended = 'destroy';
    },
    on: (event, listener) => listeners[event].push(listener),
    emit: (event) => {
      for (const listener of listeners[event]) listener();
    },
    events: () => stream.chunks.flatMap((chunk) => /event: (\w+)/.exec(chunk)?.[1] ?? []),
  };
  return stream;
}

function setUp(): { readonly feed: LiveFeed; readonly bus: EventBus; readonly clock: FakeClock } {
  const clock = createFakeClock();
  const log = createMemoryLogger();
  const bus = createEventBus(log);
  const feed = createLiveFeed({
    clock,
    bus,
    log,
    snapshot: () => ({ all: true }),
    patch: (changes) => ({ incidents: [...changes.incidents] }),
  });
  feed.start();
  return { feed, bus, clock };
}

const always = (): boolean => true;
const sample = { type: 'sample.taken', beat: { at: START, monotonic: ms(0), samples: [] } } as const;

describe('createLiveFeed', () => {
  it('starts with a snapshot and then tells what changed', async () => {
    const { feed, bus, clock } = setUp();
    const stream = fakeStream();
    feed.join(stream, always);

    bus.publish({ type: 'incident.opened', incident: incident() });
    await clock.advance(ms(200));

    expect(stream.events()).toEqual(['snapshot', 'patch']);
    expect(stream.chunks.at(-1)).toContain('inc-7f3a');
  });

  it('makes one patch of a storm', async () => {
    const { feed, bus, clock } = setUp();
    const stream = fakeStream();
    feed.join(stream, always);

    for (let count = 0; count < 10_000; count += 1)
      bus.publish({ type: 'incident.opened', incident: incident() });
    await clock.advance(seconds(1));

    expect(stream.events()).toEqual(['snapshot', 'patch']);
  });

  it('says nothing for an event that changes nothing on a page', async () => {
    const { feed, bus, clock } = setUp();
    const stream = fakeStream();
    feed.join(stream, always);

    bus.publish({ type: 'clock.jumped', by: seconds(40), at: START });
    await clock.advance(seconds(1));

    expect(stream.events()).toEqual(['snapshot']);
  });

  it('skips a client that does not read, and gives it one snapshot when it does again', async () => {
    const { feed, bus, clock } = setUp();
    const [slow, quick] = [fakeStream(), fakeStream()];
    feed.join(slow, always);
    feed.join(quick, always);

    slow.writableNeedDrain = true;
    for (let count = 0; count < 5; count += 1) {
      bus.publish(sample);
      await clock.advance(seconds(1));
    }
    slow.writableNeedDrain = false;
    slow.emit('drain');

    expect(slow.events()).toEqual(['snapshot', 'snapshot']);
    expect(quick.events()).toEqual(['snapshot', 'patch', 'patch', 'patch', 'patch', 'patch']);
  });

  it('drops a client that has not read for 30 s, and only that one', async () => {
    const { feed, bus, clock } = setUp();
    const [stuck, quick] = [fakeStream(), fakeStream()];
    feed.join(stuck, always);
    feed.join(quick, always);

    stuck.writableNeedDrain = true;
    bus.publish(sample);
    await clock.advance(seconds(29));
    expect(stuck.ended).toBe('no');
    await clock.advance(seconds(7));

    expect([stuck.ended, quick.ended, feed.clients()]).toEqual(['destroy', 'no', 1]);
  });

  it('beats every 15 s, so that a page notices a dead connection', async () => {
    const { feed, clock } = setUp();
    const stream = fakeStream();
    feed.join(stream, always);

    await clock.advance(seconds(45));

    expect(stream.events()).toEqual(['snapshot', 'beat', 'beat', 'beat']);
  });

  it('has room for fifty', () => {
    const { feed } = setUp();
    const joined = Array.from({ length: 51 }, () => feed.join(fakeStream(), always));

    expect(joined.filter(Boolean)).toHaveLength(50);
    expect(joined.at(-1)).toBe(false);
  });

  it('makes room when a page is closed', () => {
    const { feed } = setUp();
    const stream = fakeStream();
    feed.join(stream, always);

    stream.emit('close');

    expect(feed.clients()).toBe(0);
  });

  it('ends with the session it was opened by', async () => {
    const { feed, bus, clock } = setUp();
    const stream = fakeStream();
    let signedIn = true;
    feed.join(stream, () => signedIn);

    signedIn = false;
    bus.publish(sample);
    await clock.advance(seconds(1));

    expect([stream.ended, stream.events()]).toEqual(['end', ['snapshot']]);
  });

  it('ends every feed when it stops, and hears nothing afterwards', async () => {
    const { feed, bus, clock } = setUp();
    const stream = fakeStream();
    feed.join(stream, always);

    feed.stop();
    bus.publish(sample);
    await clock.advance(seconds(60));

    expect([stream.ended, stream.events()]).toEqual(['end', ['snapshot']]);
  });
});
