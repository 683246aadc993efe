/**
 * All tasks in memory, changed by nothing but records of the journal: what is read at a start and what happens while
 * running goes through the same function, so that both come to the same.
 */
import type { HeapItem } from './heap.ts';
import type { ChangeRecord, GateRecord, Sequenced, StoredState, StoredTask, TaskRecord } from './records.ts';

export interface Entry extends HeapItem {
  task: StoredTask;
  state: StoredState;
  /** Starts so far. */
  starts: number;
  log: readonly string[];
  /** Sequence of the last record that changed it. */
  seq: number;
  /** Its key in the heap that it stands in. */
  key: number;
  /** Monotonic moment from which it counts as waiting; the future while it is delayed. */
  readyAt: number;
}

/** Told around every change, to keep the lines of waiting tasks. */
export interface BookEvents {
  leaving(entry: Entry): void;
  changed(entry: Entry): void;
  queueChanged(record: GateRecord, s: number): void;
}

/** Wall and monotonic time of one moment: turns stored times into monotonic ones. */
export interface Moment {
  readonly now: number;
  readonly monotonic: number;
}

export interface Book {
  readonly entries: ReadonlyMap<string, Entry>;
  apply(sequenced: Sequenced, moment: Moment): void;
  forget(id: string): void;
}

export function createBook(events: BookEvents): Book {
  const entries = new Map<string, Entry>();
  let order = 0;

  function add(record: TaskRecord, s: number, moment: Moment): void {
    const { task } = record;
    const known = entries.get(task.id);
    if (known !== undefined && s <= known.seq) return;
    if (known !== undefined) events.leaving(known);
    order += 1;
    const state = record.r === 'task' ? record.state : firstState(record);
    const [starts, log] = record.r === 'task' ? [record.n, record.log] : [0, []];
    const ready = readyAt(state, moment);
    const entry: Entry = { task, state, starts, log, seq: s, key: 0, readyAt: ready, order, place: -1 };
    entries.set(task.id, entry);
    events.changed(entry);
  }

  function change(record: ChangeRecord, s: number, moment: Moment): void {
    const entry = entries.get(record.id);
    if (entry === undefined || s <= entry.seq || hasEnded(entry.state)) return;
    events.leaving(entry);
    step(entry, record);
    entry.seq = s;
    entry.readyAt = readyAt(entry.state, moment);
    events.changed(entry);
  }

  return {
    entries,
    forget: (id) => void entries.delete(id),
    apply({ s, record }, moment) {
      if ('task' in record) add(record, s, moment);
      else if ('id' in record) change(record, s, moment);
      else if ('queue' in record) events.queueChanged(record, s);
    },
  };
}

/** What one record makes of a task. */
function step(entry: Entry, record: ChangeRecord): void {
  switch (record.r) {
    case 'start':
      entry.state = { k: 'running', at: record.at, process: null };
      entry.starts = record.n;
      return;
    case 'pid':
      if (entry.state.k === 'running') entry.state = { ...entry.state, process: record.process };
      return;
    case 'done':
      entry.state = { k: 'done', at: record.at, ms: record.ms };
      entry.log = record.log;
      return;
    case 'fail':
      entry.state = { k: 'delayed', since: record.at, until: record.due, why: record.why };
      entry.log = record.log;
      return;
    case 'dead':
      entry.state = { k: 'dead', at: record.at, why: record.why };
      entry.log = record.log;
      return;
    case 'cancel':
      entry.state = { k: 'cancelled', at: record.at, by: record.by };
      return;
    case 'prio':
      entry.task = { ...entry.task, priority: record.p };
      return;
    case 'move':
      entry.task = { ...entry.task, queue: record.queue };
      return;
  }
}

/** What has ended stays ended: nothing that comes late brings a task back. */
function hasEnded({ k }: StoredState): boolean {
  return k === 'done' || k === 'dead' || k === 'cancelled';
}

function firstState({ task, due }: Extract<TaskRecord, { r: 'add' }>): StoredState {
  if (due === null) return { k: 'waiting', since: task.at };
  return { k: 'delayed', since: task.at, until: due, why: 'asked for later' };
}

/** A clock that was set back makes no task younger than it is. */
function readyAt(state: StoredState, { now, monotonic }: Moment): number {
  if (state.k === 'waiting') return monotonic - Math.max(0, now - state.since);
  return state.k === 'delayed' ? monotonic + (state.until - now) : monotonic;
}
