/**
 * How long tasks are remembered that have ended: the newest thousand for people to look at, those with a key for a
 * day so that a repeated submission is recognised, and ten thousand dead letters for a person to decide on.
 */
import { hours } from '../../domain/units.ts';
import type { Entry } from './book.ts';

const KEPT_DONE = 1_000;
const KEPT_KEYED = 20_000;
const KEPT_DEAD = 10_000;
const KEY_MS: number = hours(24);

export interface Shelf {
  /** A task is about to change. */
  leaving(entry: Entry): void;
  /** A task is new or has changed: learns its key, and keeps it if it ended. */
  noticed(entry: Entry, now: number): void;
  idOf(key: string): string | undefined;
  dead(queue: string): number;
}

/** @param forget Told of tasks that are remembered no longer. */
export function createShelf(forget: (id: string) => void): Shelf {
  const plain = new Set<string>();
  const keyed = new Map<string, { readonly key: string; readonly at: number }>();
  const dead = new Map<string, { readonly key: string | null; readonly queue: string }>();
  const deadIn = new Map<string, number>();
  const ids = new Map<string, string>();

  function drop(id: string, key: string | null): void {
    if (key !== null && ids.get(key) === id) ids.delete(key);
    forget(id);
  }

  function count(queue: string, by: number): void {
    deadIn.set(queue, (deadIn.get(queue) ?? 0) + by);
  }

  function trim(now: number): void {
    for (const id of plain) {
      if (plain.size <= KEPT_DONE) break;
      plain.delete(id);
      drop(id, null);
    }
    for (const [id, { key, at }] of keyed) {
      if (keyed.size <= KEPT_KEYED && now - at < KEY_MS) break;
      keyed.delete(id);
      drop(id, key);
    }
    trimDead();
  }

  function trimDead(): void {
    for (const [id, { key, queue }] of dead) {
      if (dead.size <= KEPT_DEAD) return;
      dead.delete(id);
      count(queue, -1);
      drop(id, key);
    }
  }

  return {
    leaving({ task: { id } }) {
      plain.delete(id);
      keyed.delete(id);
      const letter = dead.get(id);
      if (letter === undefined) return;
      dead.delete(id);
      count(letter.queue, -1);
    },
    noticed({ task: { id, key, queue }, state }, now) {
      if (key !== null) ids.set(key, id);
      if (state.k === 'dead') {
        dead.set(id, { key, queue });
        count(queue, 1);
      } else if (state.k === 'done' || state.k === 'cancelled') {
        if (key === null) plain.add(id);
        else keyed.set(id, { key, at: state.at });
      } else return;
      trim(now);
    },
    idOf: (key) => ids.get(key),
    dead: (queue) => deadIn.get(queue) ?? 0,
  };
}
