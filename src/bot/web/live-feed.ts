/**
 * Server-sent events to open pages, with back-pressure: a client that has not drained is skipped, gets one fresh
 * snapshot when it has, and is dropped when it has not for 30 s. What happens within a fifth of a second goes out
 * as one patch, serialised once for everybody.
 */
import { describeError } from '../../domain/errors.ts';
import type { OpsEvent } from '../../domain/events.ts';
import type { Cancel, Clock, EventBus, Logger } from '../../domain/ports.ts';
import { type Ms, ms, seconds } from '../../domain/units.ts';
import { type Changes, hasChanges, noChanges, noteEvent } from './feed-changes.ts';

/** Node buffers what a client does not read (measured: 1.6 MB a client in 6 s), so clients are few and watched. */
const MOST_CLIENTS = 50;
const COALESCE: Ms = ms(200);
const STUCK: Ms = seconds(30);
const WATCH: Ms = seconds(5);
/** One beat every 15 s: the page says "not connected" when it misses two. */
const WATCHES_A_BEAT = 3;

/** The part of an HTTP response that the feed needs. */
export interface FeedStream {
  readonly writableNeedDrain: boolean;
  write(chunk: string): boolean;
  end(): unknown;
  destroy(): unknown;
  on(event: 'drain' | 'close', listener: () => void): unknown;
}

export interface LiveFeedDeps {
  readonly clock: Clock;
  readonly bus: EventBus;
  readonly log: Logger;
  /** Everything a page needs to be right again. */
  readonly snapshot: () => unknown;
  readonly patch: (changes: Changes) => unknown;
}

export interface LiveFeed {
  start(): void;
  /** Ends every feed. */
  stop(): void;
  /**
   * False when there is no room for one more.
   * @param isAllowed Asked again at every event: a feed ends with the session it was opened by.
   */
  join(stream: FeedStream, isAllowed: () => boolean): boolean;
  clients(): number;
}

export function createLiveFeed(deps: LiveFeedDeps): LiveFeed {
  const { clock, bus } = deps;
  const clients = createClients(deps);
  const cancels: Cancel[] = [];
  let changes = noChanges();
  let cancelFlush: Cancel | null = null;
  let watches = 0;

  function take(event: OpsEvent): void {
    if (clients.count() === 0) return;
    noteEvent(changes, event);
    if (hasChanges(changes)) cancelFlush ??= clock.in(COALESCE, flush);
  }

  function flush(): void {
    const seen = changes;
    changes = noChanges();
    cancelFlush = null;
    const text = frame('patch', () => deps.patch(seen), deps.log);
    if (text !== null) clients.tell(text);
  }

  function watch(): void {
    watches += 1;
    clients.dropStuck();
    if (watches % WATCHES_A_BEAT === 0) clients.tell('event: beat\ndata: {}\n\n');
  }

  return {
    start() {
      cancels.push(bus.onAny(take), clock.every(WATCH, watch), () => cancelFlush?.());
    },
    stop() {
      for (const cancel of cancels.splice(0)) cancel();
      clients.endAll();
    },
    join: clients.join,
    clients: clients.count,
  };
}

interface Client {
  readonly stream: FeedStream;
  readonly isAllowed: () => boolean;
  /** Since when it has not drained, or `null` while it reads. */
  behindSince: Ms | null;
}

interface Clients {
  join(stream: FeedStream, isAllowed: () => boolean): boolean;
  /** To everybody who reads; the others are noted as behind. */
  tell(text: string): void;
  dropStuck(): void;
  endAll(): void;
  count(): number;
}

function createClients({ clock, log, snapshot }: LiveFeedDeps): Clients {
  const clients = new Set<Client>();

  function send(client: Client, text: string): void {
    if (!client.isAllowed()) drop(client, 'end');
    else if (client.stream.writableNeedDrain) client.behindSince ??= clock.monotonic();
    else client.stream.write(text);
  }

  function catchUp(client: Client): void {
    if (client.behindSince === null || !clients.has(client)) return;
    client.behindSince = null;
    const text = frame('snapshot', snapshot, log);
    if (text !== null) send(client, text);
  }

  function drop(client: Client, how: 'end' | 'destroy'): void {
    clients.delete(client);
    client.stream[how]();
  }

  return {
    join(stream, isAllowed) {
      const first = clients.size < MOST_CLIENTS ? frame('snapshot', snapshot, log) : null;
      if (first === null) return false;
      const client: Client = { stream, isAllowed, behindSince: null };
      clients.add(client);
      stream.on('drain', () => catchUp(client));
      stream.on('close', () => clients.delete(client));
      stream.write(`retry: 2000\n\n${first}`);
      return true;
    },
    tell(text) {
      for (const client of clients) send(client, text);
    },
    dropStuck() {
      for (const client of clients) {
        const { behindSince } = client;
        if (behindSince !== null && clock.monotonic() - behindSince > STUCK) drop(client, 'destroy');
      }
    },
    endAll() {
      for (const client of clients) drop(client, 'end');
    },
    count: () => clients.size,
  };
}

/** One event as it goes over the wire, or `null` where it could not be made: that must not end the feed. */
function frame(event: string, make: () => unknown, log: Logger): string | null {
  try {
    return `event: ${event}\ndata: ${JSON.stringify(make())}\n\n`;
  } catch (cause) {
    log.error('live feed could not be written', { event, error: describeError(cause) });
    return null;
  }
}
