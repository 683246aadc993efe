/** A chat platform in memory: what it shows now, what was sent when, and failures on order. */
import type { Card, ThreadLine } from '../../src/bot/card.ts';
import type {
  ChatSurface,
  ChatSurfaceId,
  CommandShape,
  Placed,
  SurfaceInbound,
} from '../../src/bot/surface.ts';
import type { Clock } from '../../src/domain/ports.ts';

export interface Sent {
  readonly at: number;
  readonly what: 'post' | 'edit' | 'line' | 'picture';
  readonly key: string;
  readonly text: string;
}

export interface FakeSurface extends ChatSurface {
  readonly sent: Sent[];
  /** Message id to the card that it shows. */
  readonly shown: Map<string, Card>;
  readonly threads: Map<string, ThreadLine[]>;
  /** Called before each put or append: throw, or return a promise to wait for. */
  before: (what: Sent['what'], key: string) => void | Promise<void>;
  /** For each first message: was it sent before with an unknown fate. */
  readonly firsts: boolean[];
  inbound: SurfaceInbound | undefined;
  commands: readonly CommandShape[];
  stopped: boolean;
}

export function createFakeSurface(clock: Clock, id: ChatSurfaceId = 'slack'): FakeSurface {
  let count = 0;
  const fake: FakeSurface = {
    id,
    sent: [],
    shown: new Map(),
    threads: new Map(),
    before: () => {},
    firsts: [],
    inbound: undefined,
    commands: [],
    stopped: false,
    async start(inbound, commands) {
      fake.inbound = inbound;
      fake.commands = commands;
      inbound.health({ state: 'up', since: clock.now(), reason: '' });
    },
    async put(card, placed, first) {
      if (placed === null) fake.firsts.push(first?.triedBefore ?? false);
      const what = placed === null ? 'post' : 'edit';
      fake.sent.push({ at: clock.monotonic(), what, key: card.key, text: card.word });
      await fake.before(what, card.key);
      const stands: Placed = placed ?? placeNew();
      fake.shown.set(stands.message, card);
      return stands;
    },
    async picture(card, placed, { key, alt }) {
      fake.sent.push({ at: clock.monotonic(), what: 'picture', key: card.key, text: key });
      await fake.before('picture', card.key);
      return { ...placed, picture: { key, alt, file: `file-${key}` } };
    },
    async append(placed, line) {
      fake.sent.push({ at: clock.monotonic(), what: 'line', key: placed.message, text: line.text });
      await fake.before('line', placed.message);
      fake.threads.set(placed.thread, [...(fake.threads.get(placed.thread) ?? []), line]);
    },
    async stop() {
      fake.stopped = true;
    },
  };
  function placeNew(): Placed {
    count += 1;
    return { channel: 'C1', message: `m${count}`, thread: `t${count}` };
  }
  return fake;
}
