/**
 * Where each incident's card stands on each surface, which version it shows and how far its thread was told. Kept on
 * disk, so that a restart repairs cards instead of doubling them.
 *
 * Memory is the truth while running: a disk that cannot be written costs the next start, not this one.
 */
import { z } from 'zod';
import { describeError } from '../domain/errors.ts';
import type { Clock, Document, Logger, StateStore } from '../domain/ports.ts';
import { type EpochMs, epochMs } from '../domain/units.ts';
import type { ChatSurfaceId, Placed } from './surface.ts';
import type { LineMark } from './thread-lines.ts';

const DOCUMENT = 'chat-threads';
/** A month of busy nights; the oldest are forgotten first and their cards stay as they are. */
const MOST_THREADS = 2_000;
const MOST_OWED = 200;
const MOST_TRIED = 500;

export interface Thread {
  readonly placed: Placed;
  /** The version of the card that is shown. */
  readonly version: number;
  /** The last line of the timeline that was told; `null` = none. */
  readonly told: LineMark | null;
  /** Over, shown as over, and told to the end: nothing will come unless it reopens. */
  readonly settled: boolean;
  readonly touchedAt: EpochMs;
}

export interface Threads {
  get(surface: ChatSurfaceId, key: string): Thread | undefined;
  /** Keys whose story is not told to the end. */
  unsettled(surface: ChatSurfaceId): readonly string[];
  /** Keys of criticals that were never placed; they are owed even when they are over meanwhile. */
  owed(surface: ChatSurfaceId): readonly string[];
  owe(surface: ChatSurfaceId, key: string): void;
  /**
   * Says that a first message is about to be sent. True when one was sent before whose fate nobody knows. Resolves
   * when it is on disk, or when it is known that it cannot be.
   */
  tries(surface: ChatSurfaceId, key: string): Promise<boolean>;
  /** The platform refused it: nothing is there. */
  refused(surface: ChatSurfaceId, key: string): void;
  /** Resolves when it is on disk, or when it is known that it cannot be. */
  keep(surface: ChatSurfaceId, key: string, thread: Thread): Promise<void>;
  forget(surface: ChatSurfaceId, key: string): void;
}

const threadSchema = z.object({
  placed: z
    .object({
      channel: z.string(),
      message: z.string(),
      thread: z.string(),
      picture: z.object({ key: z.string(), file: z.string(), alt: z.string() }).optional(),
      called: z.boolean().optional(),
    })
    .transform(({ picture, called, ...placed }) => ({
      ...placed,
      ...(picture === undefined ? {} : { picture }),
      ...(called === undefined ? {} : { called }),
    })),
  version: z.number(),
  told: z.object({ id: z.string(), at: z.number().transform(epochMs) }).nullable(),
  settled: z.boolean(),
  touchedAt: z.number().transform(epochMs),
});

const place = { surface: z.enum(['slack', 'discord']), key: z.string() };
const storedSchema = z.object({
  threads: z.array(z.object({ ...place, thread: threadSchema })),
  owed: z.array(z.object(place)),
  tried: z.array(z.object(place)).default([]),
});
type Stored = z.infer<typeof storedSchema>;

interface Deps {
  readonly states: StateStore;
  readonly clock: Clock;
  readonly log: Logger;
}

export async function openThreads(deps: Deps): Promise<Threads> {
  const parse = (data: unknown): Stored => storedSchema.parse(data);
  const opened = await deps.states.open(DOCUMENT, parse, { threads: [], owed: [], tried: [] });
  if (opened.warning !== '') deps.log.warn('chat threads were not readable', { warning: opened.warning });
  return createThreads(opened.document, deps.log);
}

function createThreads(document: Document<Stored>, log: Logger): Threads {
  const threads = new Map(document.value.threads.map((one) => [name(one.surface, one.key), one]));
  const owed = new Map(document.value.owed.map((one) => [name(one.surface, one.key), one]));
  const tried = new Map(document.value.tried.map((one) => [name(one.surface, one.key), one]));
  const save = createSaver(
    document,
    () => {
      dropOldest(threads, MOST_THREADS);
      dropOldest(tried, MOST_TRIED);
      return { threads: [...threads.values()], owed: [...owed.values()], tried: [...tried.values()] };
    },
    log,
  );
  return {
    get: (surface, key) => threads.get(name(surface, key))?.thread,
    unsettled: (surface) =>
      [...threads.values()]
        .filter((one) => one.surface === surface && !one.thread.settled)
        .map(({ key }) => key),
    owed: (surface) => [...owed.values()].filter((one) => one.surface === surface).map(({ key }) => key),
    owe(surface, key) {
      const id = name(surface, key);
      if (owed.has(id) || owed.size >= MOST_OWED) return;
      owed.set(id, { surface, key });
      void save();
    },
    async tries(surface, key) {
      const id = name(surface, key);
      if (tried.has(id)) return true;
      tried.set(id, { surface, key });
      await save();
      return false;
    },
    refused: (surface, key) => void tried.delete(name(surface, key)),
    keep(surface, key, thread) {
      const id = name(surface, key);
      threads.delete(id);
      threads.set(id, { surface, key, thread });
      owed.delete(id);
      tried.delete(id);
      return save();
    },
    forget(surface, key) {
      const id = name(surface, key);
      if (threads.delete(id) || owed.delete(id)) void save();
    },
  };
}

/** One write at a time; whoever asks during a write shares the next one. */
function createSaver(document: Document<Stored>, value: () => Stored, log: Logger): () => Promise<void> {
  let running: Promise<void> | undefined;
  let next: Promise<void> | undefined;
  async function write(): Promise<void> {
    try {
      await document.update(value);
    } catch (cause) {
      log.error('chat threads not saved', { error: describeError(cause) });
    }
  }
  return function save(): Promise<void> {
    if (running === undefined) {
      running = write().finally(() => {
        running = undefined;
      });
      return running;
    }
    next ??= running.then(() => {
      next = undefined;
      return save();
    });
    return next;
  };
}

/** Kept in the order they were touched. */
function dropOldest(kept: Map<string, unknown>, most: number): void {
  for (const id of kept.keys()) {
    if (kept.size <= most) return;
    kept.delete(id);
  }
}

function name(surface: ChatSurfaceId, key: string): string {
  return `${surface}/${key}`;
}
