/**
 * What waits in front of a surface: one entry a card, whatever happened to it meanwhile, most urgent first. Bounded:
 * what does not fit is not lost, it is in the stored state, and is asked for again when there is room.
 */

/** 0 a decision or a page, 1 critical, 2 warning, 3 the rest. */
export type Rank = 0 | 1 | 2 | 3;

const FEW_FAILURES = 2;

export interface QueueEntry {
  readonly key: string;
  rank: Rank;
  /** The card was sent; what is left are lines of its thread, which wait behind cards of the same rank. */
  linesOnly: boolean;
  /** Send the card even when its version is the one that is shown: somebody saw it stale. */
  force: boolean;
  failures: number;
  /** On the monotonic clock. */
  notBefore: number;
}

export interface OutboxQueue {
  /** False when it did not fit, or when something less urgent had to go for it. */
  add(key: string, rank: Rank, force: boolean): boolean;
  /** The most urgent entry that may go now, of at most `rank`. */
  next(now: number, rank: Rank): QueueEntry | undefined;
  /** When the next entry of at most `rank` may go, or `undefined` when none waits. */
  nextAt(rank: Rank): number | undefined;
  remove(entry: QueueEntry): void;
  /** What waits and is less urgent than that, most urgent first, at most so many. */
  keys(rankAbove: Rank, most: number): readonly string[];
  has(key: string): boolean;
  /** Every entry may go at once. */
  wake(): void;
  readonly size: number;
}

export function createOutboxQueue(limit: number): OutboxQueue {
  const entries = new Map<string, QueueEntry>();
  return {
    add(key, rank, force) {
      const known = entries.get(key);
      if (known !== undefined) {
        const notBefore = known.failures === 0 ? 0 : known.notBefore;
        Object.assign(known, { rank, linesOnly: false, force: known.force || force, notBefore });
        return true;
      }
      const isFull = entries.size >= limit;
      if (isFull && !makeRoom(entries, rank)) return false;
      entries.set(key, { key, rank, linesOnly: false, force, failures: 0, notBefore: 0 });
      return !isFull;
    },
    next(now, rank) {
      const due = [...entries.values()].filter((entry) => entry.notBefore <= now && entry.rank <= rank);
      return due.reduce<QueueEntry | undefined>(
        (best, entry) => (best === undefined || order(entry) < order(best) ? entry : best),
        undefined,
      );
    },
    nextAt(rank) {
      let earliest: number | undefined;
      for (const entry of entries.values()) {
        if (entry.rank <= rank) earliest = Math.min(earliest ?? entry.notBefore, entry.notBefore);
      }
      return earliest;
    },
    remove(entry) {
      if (entries.get(entry.key) === entry) entries.delete(entry.key);
    },
    has: (key) => entries.has(key),
    keys: (rankAbove, most) =>
      [...entries.values()]
        .filter(({ rank }) => rank > rankAbove)
        .toSorted((a, b) => order(a) - order(b))
        .slice(0, most)
        .map(({ key }) => key),
    wake() {
      for (const entry of entries.values()) entry.notBefore = 0;
    },
    get size() {
      return entries.size;
    },
  };
}

/** The least urgent goes, the newest of them first; never for something that is not more urgent. */
function makeRoom(entries: Map<string, QueueEntry>, rank: Rank): boolean {
  let worst: QueueEntry | undefined;
  for (const entry of entries.values()) {
    if (worst === undefined || entry.rank >= worst.rank) worst = entry;
  }
  return worst !== undefined && worst.rank > rank && entries.delete(worst.key);
}

/** A card that keeps failing lets others before it: it may be the only one that does. */
function order(entry: QueueEntry): number {
  return entry.rank * 2 + (entry.linesOnly ? 1 : 0) + (entry.failures > FEW_FAILURES ? 3 : 0);
}
