/** The tasks of all embedded queues: journal, memory, and the waiting line of each queue kept in step with both. */
import type { Clock, Logger } from '../../domain/ports.ts';
import { type Book, createBook, type Entry } from './book.ts';
import { type Journal, type JournalHealth, openJournal } from './journal.ts';
import { createLine, type Line } from './line.ts';
import { createPace } from './pace.ts';
import type { QueueRecord, Sequenced } from './records.ts';
import { createShelf } from './shelf.ts';

/** Pause and drain of one queue. */
export interface Gate {
  /** `null` = until resumed. */
  readonly paused: { readonly until: number | null; readonly by: string } | null;
  readonly draining: boolean;
}

const OPEN: Gate = { paused: null, draining: false };

export interface QueueStore {
  readonly health: JournalHealth;
  readonly entries: ReadonlyMap<string, Entry>;
  /** The waiting line of a queue; made when asked for. */
  line(queue: string): Line;
  /** Queues that have a line: those of the configuration, and those that tasks still wait in. */
  queues(): readonly string[];
  gate(queue: string): Gate;
  byKey(key: string): Entry | undefined;
  /** How many wait in all queues. */
  waiting(): number;
  dead(queue: string): number;
  donePerMinute(queue: string): number;
  /** Durable and applied when it resolves. @throws OpsError `STATE_UNWRITABLE` */
  commit(record: QueueRecord, sync?: boolean): Promise<void>;
  /** Takes a task out of its line while its start is being written. */
  reserve(entry: Entry): void;
  release(entry: Entry): void;
  close(): Promise<void>;
}

export interface StoreDeps {
  readonly folder: string;
  readonly clock: Clock;
  readonly log: Logger;
  /** Told when a line may have something to start. */
  readonly onWaiting: (queue: string) => void;
  readonly segmentBytes?: number;
}

export async function openStore(deps: StoreDeps): Promise<QueueStore> {
  const { clock } = deps;
  const lines = new Map<string, Line>();
  const gates = new Map<string, { gate: Gate; record: Sequenced }>();
  const reserved = new Set<string>();
  const shelf = createShelf((id) => book.forget(id));
  const pace = createPace();
  let journal: Journal | undefined;

  function line(queue: string): Line {
    const known = lines.get(queue);
    if (known !== undefined) return known;
    const made = createLine();
    lines.set(queue, made);
    return made;
  }

  function leaving(entry: Entry): void {
    if (entry.place !== -1) line(entry.task.queue).remove(entry);
    shelf.leaving(entry);
  }

  function changed(entry: Entry): void {
    shelf.noticed(entry, clock.now());
    if (entry.state.k === 'waiting' || entry.state.k === 'delayed') {
      if (reserved.has(entry.task.id)) return;
      line(entry.task.queue).put(entry, clock.monotonic());
      if (journal !== undefined) deps.onWaiting(entry.task.queue);
      return;
    }
    if (entry.state.k === 'done' && journal !== undefined) pace.done(entry.task.queue, clock.monotonic());
  }

  const book: Book = createBook({
    leaving,
    changed,
    queueChanged(record, s) {
      gates.set(record.queue, {
        gate: gateAfter(record, gates.get(record.queue)?.gate),
        record: { s, record },
      });
      if (journal !== undefined) deps.onWaiting(record.queue);
    },
  });

  const opened = await openJournal({
    ...deps,
    apply: (sequenced) => book.apply(sequenced, { now: clock.now(), monotonic: clock.monotonic() }),
    snapshot: () => snapshot(book, gates),
    living: () => book.entries.size,
  });
  journal = opened;

  return {
    health: opened.health,
    entries: book.entries,
    line,
    queues: () => [...lines.keys()],
    gate: (queue) => gates.get(queue)?.gate ?? OPEN,
    byKey: (key) => book.entries.get(shelf.idOf(key) ?? ''),
    waiting: () => total([...lines.values()]),
    dead: shelf.dead,
    donePerMinute: (queue) => pace.lastMinute(queue, clock.monotonic()),
    commit: (record, sync) => opened.append(record, sync),
    reserve(entry) {
      reserved.add(entry.task.id);
      line(entry.task.queue).remove(entry);
    },
    release(entry) {
      if (!reserved.delete(entry.task.id)) return;
      if (entry.state.k === 'waiting' || entry.state.k === 'delayed') changed(entry);
    },
    close: () => opened.close(),
  };
}

function gateAfter(
  record: Extract<QueueRecord, { r: 'pause' | 'drain' | 'resume' }>,
  before: Gate = OPEN,
): Gate {
  switch (record.r) {
    case 'pause':
      return { ...before, paused: { until: record.until, by: record.by } };
    case 'drain':
      return { ...before, draining: true };
    case 'resume':
      return OPEN;
  }
}

/** Every task and every gate that is not open, as records that make them anew. */
function* snapshot(
  book: Book,
  gates: ReadonlyMap<string, { readonly gate: Gate; readonly record: Sequenced }>,
): Iterable<Sequenced> {
  for (const [queue, { gate, record }] of gates) {
    const { s } = record;
    if (gate.paused !== null) yield { s, record: { r: 'pause', queue, ...gate.paused } };
    if (gate.draining) yield { s, record: { r: 'drain', queue, by: 'nightshift' } };
  }
  for (const { task, state, starts, log, seq } of book.entries.values()) {
    yield { s: seq, record: { r: 'task', task, n: starts, state, log } };
  }
}

function total(lines: readonly Line[]): number {
  let sum = 0;
  for (const line of lines) {
    const { critical, normal, batch } = line.waiting();
    sum += critical + normal + batch + line.delayed();
  }
  return sum;
}
