/**
 * The output of workers: `<data>/logs/<worker>.log`, opened for append by the worker itself, so that it goes on
 * when the bot is gone. Rotation copies the newest part to `.log.1` and truncates in place: a rename would leave
 * the writer on the old file. What is written between copy and truncate is lost; that is the price.
 */
import { type FileHandle, mkdir, open, rename, stat, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import { describeError } from '../domain/errors.ts';
import type { Logger } from '../domain/ports.ts';
import { type Bytes, mebibytes } from '../domain/units.ts';
import { codeOf } from '../platform/durable-file.ts';

/** A log is cut when it is larger; with `.log.1` beside it twice this is kept. */
const ROTATE_AT: Bytes = mebibytes(10);
/** Enough for a thousand long lines. */
const TAIL_BYTES = 262_144;
const COPY_CHUNK = 1_048_576;
const MOST_LINES = 1_000;
const LONGEST_LINE = 2_000;

export interface WorkerLogs {
  /** Makes the folder. Never throws: a worker runs without its output rather than not at all. */
  prepare(): Promise<void>;
  pathOf(worker: string, instance: number): string;
  /** Cuts the log when it is too large; call it every few seconds. Never throws. */
  rotate(worker: string, instance: number): Promise<void>;
  /** The newest lines, oldest first, redacted. */
  tail(worker: string, instance: number, lines: number): Promise<readonly string[]>;
}

export interface WorkerLogsDeps {
  readonly folder: string;
  readonly log: Logger;
  /** Takes secrets and terminal codes out. */
  redact(text: string): string;
  readonly rotateAt?: Bytes;
}

export function createWorkerLogs(deps: WorkerLogsDeps): WorkerLogs {
  const rotateAt = deps.rotateAt ?? ROTATE_AT;
  const pathOf = (worker: string, instance: number): string =>
    join(deps.folder, instance === 0 ? `${worker}.log` : `${worker}.${instance}.log`);

  return {
    pathOf,
    async prepare() {
      try {
        await mkdir(deps.folder, { recursive: true, mode: 0o700 });
      } catch (cause) {
        deps.log.warn('worker log folder cannot be made', { error: describeError(cause) });
      }
    },
    async rotate(worker, instance) {
      try {
        await rotateFile(pathOf(worker, instance), rotateAt);
      } catch (cause) {
        deps.log.warn('worker log cannot be rotated', { worker, error: describeError(cause) });
      }
    },
    async tail(worker, instance, lines) {
      const wanted = Math.min(Math.max(lines, 0), MOST_LINES);
      const path = pathOf(worker, instance);
      const newest = linesOf(await readTail(path));
      const older = newest.length < wanted ? linesOf(await readTail(`${path}.1`)) : [];
      return wanted === 0 ? [] : [...older, ...newest].slice(-wanted).map((line) => clean(line, deps));
    },
  };
}

async function rotateFile(path: string, rotateAt: Bytes): Promise<void> {
  const size = await sizeOf(path);
  if (size <= rotateAt) return;
  await copyTail(path, `${path}.1`, size, rotateAt);
  await truncate(path, 0);
}

/** At most `most` bytes of the end are kept: a worker that wrote a gigabyte does not cost two. */
async function copyTail(from: string, to: string, size: number, most: number): Promise<void> {
  const partial = `${to}.partial`;
  const source = await open(from, 'r');
  try {
    const target = await open(partial, 'w', 0o600);
    try {
      await pump(source, target, Math.max(0, size - most), size);
    } finally {
      await target.close();
    }
  } finally {
    await source.close();
  }
  await rename(partial, to);
}

async function pump(source: FileHandle, target: FileHandle, from: number, until: number): Promise<void> {
  const chunk = Buffer.allocUnsafe(COPY_CHUNK);
  for (let at = from; at < until; ) {
    const { bytesRead } = await source.read(chunk, 0, Math.min(COPY_CHUNK, until - at), at);
    if (bytesRead === 0) return;
    await target.writeFile(chunk.subarray(0, bytesRead));
    at += bytesRead;
  }
}

/** Whole lines only: half a line could hold half a secret, which nobody would recognise. */
async function readTail(path: string): Promise<string> {
  const size = await sizeOf(path);
  if (size === 0) return '';
  const file = await open(path, 'r');
  try {
    const length = Math.min(size, TAIL_BYTES);
    const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, size - length);
    const text = buffer.toString('utf8', 0, bytesRead);
    return length < size ? text.slice(text.indexOf('\n') + 1) : text;
  } finally {
    await file.close();
  }
}

function linesOf(text: string): readonly string[] {
  return text.split(/\r?\n/).filter((line) => line !== '');
}

function clean(line: string, deps: WorkerLogsDeps): string {
  const safe = deps.redact(line);
  return safe.length > LONGEST_LINE ? `${safe.slice(0, LONGEST_LINE)} …` : safe;
}

async function sizeOf(path: string): Promise<number> {
  try {
    return (await stat(path)).size;
  } catch (cause) {
    if (codeOf(cause) === 'ENOENT') return 0;
    throw cause;
  }
}
