/**
 * One document in memory and on disk. Updates are applied in the order they were asked for; those that arrive
 * while a write is under way share the next one. `value` is always what is on disk: a change that could not be
 * saved has not happened.
 */
import { Low } from 'lowdb';
import { OpsError } from '../domain/errors.ts';
import type { Clock, Document, Logger } from '../domain/ports.ts';
import { seconds, toIso } from '../domain/units.ts';
import { createSystemClock } from './clock.ts';
import { withDeadline } from './deadline.ts';
import { writeDurably } from './durable-file.ts';
import { seal } from './state-envelope.ts';

/** A disk that has not answered by then is treated as unwritable. */
const WRITE_LIMIT = seconds(10);

export interface DocumentDeps<T> {
  readonly path: string;
  readonly clock: Clock;
  readonly log: Logger;
  readonly initial: T;
  /** The sequence number on disk. */
  readonly seq: number;
  /** Times the disk, which takes real time also where `clock` is not real; the system clock when absent. */
  readonly diskClock?: Clock;
  /** The door to the disk; a test hands in one that hangs. */
  readonly write?: (path: string, text: string) => Promise<void>;
}

interface Waiting<T> {
  readonly change: (value: T) => T;
  readonly resolve: (value: T) => void;
  readonly reject: (cause: unknown) => void;
}

interface Applied<T> {
  readonly value: T;
  readonly waiting: Waiting<T>;
}

export function createDocument<T>(deps: DocumentDeps<T>): Document<T> {
  const save = createSaver(deps);
  const queue: Waiting<T>[] = [];
  let value = deps.initial;
  let flushing = false;

  async function flush(): Promise<void> {
    await null; // whatever is asked in this turn goes into one write
    while (queue.length > 0) await commit(applyInOrder(queue.splice(0), value));
    flushing = false;
  }

  async function commit(applied: readonly Applied<T>[]): Promise<void> {
    const last = applied.at(-1);
    if (last === undefined) return;
    try {
      await save(last.value);
      value = last.value;
      for (const done of applied) done.waiting.resolve(done.value);
    } catch (cause) {
      for (const done of applied) done.waiting.reject(cause);
    }
  }

  return {
    get value(): T {
      return value;
    },
    update: (change) =>
      new Promise((resolve, reject) => {
        queue.push({ change, resolve, reject });
        if (flushing) return;
        flushing = true;
        void flush();
      }),
  };
}

/** A change that throws fails alone; those after it build on the value before it. */
function applyInOrder<T>(batch: readonly Waiting<T>[], start: T): readonly Applied<T>[] {
  const applied: Applied<T>[] = [];
  let value = start;
  for (const waiting of batch) {
    try {
      value = waiting.change(value);
      applied.push({ value, waiting });
    } catch (cause) {
      waiting.reject(cause);
    }
  }
  return applied;
}

function createSaver<T>(deps: DocumentDeps<T>): (value: T) => Promise<void> {
  const { path, log } = deps;
  const diskClock = deps.diskClock ?? createSystemClock();
  const adapter = createAdapter(deps);
  const db = new Low<T>(adapter, deps.initial);
  let onDisk: string | undefined;
  let hanging = false;
  let failing = false;

  async function write(value: T): Promise<void> {
    if (hanging) throw unwritable(path, 'the write before has not ended');
    db.data = value;
    hanging = true;
    const written = db.write().finally(() => {
      hanging = false;
    });
    await withDeadline(diskClock, { what: `writing ${path}`, span: WRITE_LIMIT }, () => written);
  }

  return async (value) => {
    const json = stringify(value, path);
    if (json === onDisk) return;
    try {
      onDisk = undefined; // until the write is known to have worked nobody knows what is there
      await write(value);
      onDisk = json;
      if (failing) log.info('state can be saved again', { file: path });
      failing = false;
    } catch (cause) {
      if (!failing) log.error('state could not be saved', { file: path, error: cause });
      failing = true;
      throw asUnwritable(cause, path);
    }
  };
}

/** Our own durable adapter under lowdb, which itself syncs nothing. */
function createAdapter<T>(deps: DocumentDeps<T>): Low<T>['adapter'] {
  const write = deps.write ?? writeDurably;
  let seq = deps.seq;
  return {
    read: async () => deps.initial,
    write: async (data) => {
      seq += 1; // also after a failure: the file may have been replaced all the same
      await write(deps.path, seal(stringify(data, deps.path), seq, toIso(deps.clock.now())));
    },
  };
}

function stringify(value: unknown, path: string): string {
  const json: string | undefined = JSON.stringify(value);
  if (typeof value === 'object' && value !== null && json !== undefined) return json;
  throw new OpsError('INTERNAL', 'a state document must be an object', { context: { file: path } });
}

function asUnwritable(cause: unknown, path: string): unknown {
  if (!(cause instanceof OpsError) || cause.code !== 'DEADLINE') return cause;
  return unwritable(path, 'the disk does not answer', cause);
}

function unwritable(path: string, reason: string, cause?: unknown): OpsError {
  return new OpsError('STATE_UNWRITABLE', `${path} could not be written: ${reason}`, {
    context: { file: path, reason },
    cause,
  });
}
