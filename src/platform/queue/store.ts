/** The tasks of all embedded queues: journal, memory, and the waiting line of each queue kept in step with both. */
import type { Clock, Logger } from '../../domain/ports.ts';
import type { QueueIdle } from '../../domain/queue.ts';
import { type Book, createBook, type Entry } from './book.ts';
import { createGates, type Gate, type Gates } from './gates.ts';
import { type Journal, type JournalHealth, openJournal } from './journal.ts';
import { createLine, type Line } from './line.ts';
import { createPace, type Pace } from './pace.ts';
import type { QueueRecord, Sequenced } from './records.ts';
import { createShelf, type Shelf } from './shelf.ts';

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
  idle(queue: string): QueueIdle | undefined;
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
  const memory = createMemory(deps);
  const { book, lines, gates, shelf, pace } = memory;
  const opened: Journal = await openJournal({
    ...deps,
    apply: (sequenced) => book.apply(sequenced, { now: clock.now(), monotonic: clock.monotonic() }),
    snapshot: () => snapshot(book, gates),
    living: () => book.entries.size,
  });
  memory.goLive();

  return {
    health: opened.health,
    entries: book.entries,
    line: memory.line,
    queues: () => [...lines.keys()],
    gate: gates.gate,
    byKey: (key) => book.entries.get(shelf.idOf(key) ?? ''),
    waiting: () => total([...lines.values()]),
    dead: shelf.dead,
    donePerMinute: (queue) => pace.lastMinute(queue, clock.monotonic()),
    idle: (queue) => pace.idle(queue, clock.monotonic()),
    commit: (record, sync) => opened.append(record, sync),
    reserve: memory.reserve,
    release: memory.release,
    close: () => opened.close(),
  };
}

interface Memory {
  readonly book: Book;
  readonly lines: ReadonlyMap<string, Line>;
  readonly gates: Gates;
  readonly shelf: Shelf;
  readonly pace: Pace;
  line(queue: string): Line;
  reserve(entry: Entry): void;
  release(entry: Entry): void;
  /** What was read from disk is old; from here on it is news. */
  goLive(): void;
}

function createMemory({ clock, onWaiting }: StoreDeps): Memory {
  const lines = new Map<string, Line>();
  const reserved = new Set<string>();
  const gates = createGates();
  const shelf = createShelf((id) => book.forget(id));
  const pace = createPace();
  let live = false;

  function line(queue: string): Line {
    const known = lines.get(queue);
    if (known !== undefined) return known;
    const made = createLine();
    lines.set(queue, made);
    return made;
  }

  function changed(entry: Entry): void {
    const { task, state } = entry;
    shelf.noticed(entry, clock.now());
    if (state.k === 'done' && live) pace.done(task.queue, clock.monotonic(), state.ms);
    if ((state.k !== 'waiting' && state.k !== 'delayed') || reserved.has(task.id)) return;
    line(task.queue).put(entry, clock.monotonic());
    if (live) onWaiting(task.queue);
  }

  const book: Book = createBook({
    leaving(entry) {
      if (entry.place !== -1) line(entry.task.queue).remove(entry);
      shelf.leaving(entry);
    },
    changed,
    queueChanged(record, s) {
      gates.apply(record, s);
      if (live) onWaiting(record.queue);
    },
  });

  return {
    book,
    lines,
    gates,
    shelf,
    pace,
    line,
    reserve(entry) {
      reserved.add(entry.task.id);
      line(entry.task.queue).remove(entry);
    },
    release(entry) {
      if (reserved.delete(entry.task.id) && entry.place === -1) changed(entry);
    },
    goLive() {
      live = true;
    },
  };
}

/** Every task and every gate that is not open, as records that make them anew. */
function* snapshot(book: Book, gates: Gates): Iterable<Sequenced> {
  yield* gates.snapshot();
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
