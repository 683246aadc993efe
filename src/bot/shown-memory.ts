/**
 * What a surface has shown since the process started: which message stands for which card, which thread lines
 * are out, for which cards people were called. It makes repeats harmless while an answer of the platform was
 * lost; across restarts the stored `Placed` ids do that. Bounded: the oldest are forgotten.
 */
import type { Placed } from './surface.ts';

const REMEMBERED = 1_000;

interface Shown {
  readonly placed: Placed;
  readonly version: number;
}

export interface ShownMemory {
  card(key: string): Shown | undefined;
  showed(key: string, placed: Placed, version: number): void;
  hasLine(id: string): boolean;
  wroteLine(id: string): void;
  hasCalled(key: string): boolean;
  called(key: string, yes: boolean): void;
}

export function createShownMemory(limit: number = REMEMBERED): ShownMemory {
  const cards = new Map<string, Shown>();
  const lines = new Map<string, true>();
  const calls = new Map<string, true>();

  return {
    card: (key) => cards.get(key),
    showed(key, placed, version) {
      const before = cards.get(key);
      if (before === undefined || before.version <= version) remember(cards, key, { placed, version }, limit);
    },
    hasLine: (id) => lines.has(id),
    wroteLine: (id) => remember(lines, id, true, limit),
    hasCalled: (key) => calls.has(key),
    called(key, yes) {
      if (yes) remember(calls, key, true, limit);
      else calls.delete(key);
    },
  };
}

/** Puts the newest last and drops the oldest beyond `limit`. */
export function remember<T>(map: Map<string, T>, key: string, value: T, limit: number): void {
  map.delete(key);
  map.set(key, value);
  for (const oldest of map.keys()) {
    if (map.size <= limit) break;
    map.delete(oldest);
  }
}
