/** How many tasks of each queue ended well in the last minute, counted by the second. */
const SECONDS = 60;

export interface Pace {
  done(queue: string, monotonic: number): void;
  lastMinute(queue: string, monotonic: number): number;
}

interface Slot {
  second: number;
  count: number;
}

export function createPace(): Pace {
  const slots = new Map<string, Slot[]>();
  return {
    done(queue, monotonic) {
      const kept = slots.get(queue) ?? Array.from({ length: SECONDS }, () => ({ second: -1, count: 0 }));
      slots.set(queue, kept);
      const second = Math.floor(monotonic / 1_000);
      const slot = kept[second % SECONDS] as Slot;
      if (slot.second !== second) slot.count = 0;
      slot.second = second;
      slot.count += 1;
    },
    lastMinute(queue, monotonic) {
      const from = Math.floor(monotonic / 1_000) - SECONDS;
      return (slots.get(queue) ?? []).reduce((sum, slot) => sum + (slot.second > from ? slot.count : 0), 0);
    },
  };
}
