/**
 * What a sandbox patient does all day: takes orders, or works through a list and beats its heart. And the small
 * folder with a bound that it can fill.
 */
import { appendFileSync, mkdirSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Clock } from '../domain/ports.ts';
import { type Ms, mebibytes, ms, seconds, toIso } from '../domain/units.ts';
import type { Faults, Filler } from './patient-faults.ts';

const TASK_EVERY: Ms = ms(200);
const BEAT_EVERY: Ms = seconds(1);
const TASKS_AT_A_TIME = 20;
const RATE_OVER: Ms = seconds(60);
const PIECE = mebibytes(2);
/** Never more than this, whatever the folder would hold. */
const MOST_PIECES = 40;

type Facts = Readonly<Record<string, unknown>>;

export interface PatientWork {
  /** For `GET /work`. */
  done(): Facts;
  /** For `GET /figures`. */
  figures(): Facts;
}

export interface WorkPlace {
  readonly name: string;
  readonly folder: string;
}

export function countOrders(): PatientWork {
  let orders = 0;
  return {
    done() {
      orders += 1;
      return { order: orders };
    },
    figures: () => ({}),
  };
}

/**
 * Works through a list, makes a new one when it is done, and touches its heartbeat file. While the queue is stuck
 * it lives and beats, but takes nothing, and what waits grows.
 */
export function startTasks(place: WorkPlace, clock: Clock, faults: Faults): PatientWork {
  const path = join(place.folder, `${place.name}.heartbeat`);
  const ends: Ms[] = [];
  let waiting = TASKS_AT_A_TIME;
  let done = 0;
  clock.every(TASK_EVERY, () => {
    if (faults.isDeaf()) return;
    if (faults.has('stuck_queue')) {
      waiting += 1;
      return;
    }
    waiting = waiting === 0 ? TASKS_AT_A_TIME : waiting - 1;
    done += 1;
    ends.push(clock.monotonic());
  });
  const beat = (): void => {
    if (!faults.isDeaf()) touch(path, clock);
  };
  beat();
  clock.every(BEAT_EVERY, beat);
  return {
    done: () => ({ done, waiting }),
    figures() {
      const from = clock.monotonic() - RATE_OVER;
      while ((ends[0] ?? from) < from) ends.shift();
      return { queueDepth: waiting, queueRate: ends.length };
    },
  };
}

/** Every effect on the patient, as it happened: one line each, counted by nobody but the patient. */
export function createEffectLog({ folder, name }: WorkPlace, clock: Clock): (effect: string) => void {
  const path = join(folder, `${name}.effects.jsonl`);
  return (effect) => {
    const line = JSON.stringify({ time: toIso(clock.now()), pid: process.pid, effect });
    appendFileSync(path, `${line}\n`, { mode: 0o600 });
  };
}

/** @param folder A folder with a bound of its own: a small file system, or one that somebody measures. */
export function createFiller(folder: string): Filler & { pieces(): number } {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const pieces = (): readonly string[] => readdirSync(folder).filter((name) => name.startsWith('piece-'));
  return {
    pieces: () => pieces().length,
    fillMore() {
      const count = pieces().length;
      if (count >= MOST_PIECES) return;
      try {
        writeFileSync(join(folder, `piece-${count}`), Buffer.alloc(PIECE, 1), { mode: 0o600 });
      } catch {
        // Full is what was wanted.
      }
    },
    clean() {
      for (const name of pieces()) rmSync(join(folder, name), { force: true });
    },
  };
}

function touch(path: string, clock: Clock): void {
  const now = clock.now() / 1_000;
  try {
    utimesSync(path, now, now);
  } catch {
    // Not there yet: the first beat makes it.
    writeFileSync(path, '', { mode: 0o600 });
  }
}
