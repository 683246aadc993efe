/** How many tasks of each queue ended well in the last minute, and how long none has: counted by the second. */
import type { QueueIdle } from '../../domain/queue.ts';
import { type Ms, ms } from '../../domain/units.ts';

const SECONDS = 60;
/** The longest of so many is what the queue is used to. */
const GAPS = 20;

export interface Pace {
  /** @param took how long it ran. */
  done(queue: string, monotonic: number, took: number): void;
  lastMinute(queue: string, monotonic: number): number;
  /** `undefined` while this process has not seen one end. */
  idle(queue: string, monotonic: number): QueueIdle | undefined;
}

interface Slot {
  second: number;
  count: number;
}

interface Ends {
  last: number;
  readonly gaps: Ms[];
}

export function createPace(): Pace {
  const slots = new Map<string, Slot[]>();
  const ends = new Map<string, Ends>();
  return {
    done(queue, monotonic, took) {
      const kept = slots.get(queue) ?? Array.from({ length: SECONDS }, () => ({ second: -1, count: 0 }));
      slots.set(queue, kept);
      const second = Math.floor(monotonic / 1_000);
      const slot = kept[second % SECONDS] as Slot;
      if (slot.second !== second) slot.count = 0;
      slot.second = second;
      slot.count += 1;
      const known = ends.get(queue) ?? { last: Number.NEGATIVE_INFINITY, gaps: [] };
      // Time without work is no idleness: a gap is never longer than the task that ends it.
      known.gaps.push(ms(Math.min(took, monotonic - known.last)));
      if (known.gaps.length > GAPS) known.gaps.shift();
      known.last = monotonic;
      ends.set(queue, known);
    },
    lastMinute(queue, monotonic) {
      const from = Math.floor(monotonic / 1_000) - SECONDS;
      return (slots.get(queue) ?? []).reduce((sum, slot) => sum + (slot.second > from ? slot.count : 0), 0);
    },
    idle(queue, monotonic) {
      const known = ends.get(queue);
      if (known === undefined) return undefined;
      return { current: ms(monotonic - known.last), longest: ms(Math.max(...known.gaps)) };
    },
  };
}
