/**
 * A binary heap that knows where each item stands, so that one can be taken out of the middle. The smallest key is
 * the head; items with the same key keep the order of their numbers.
 */

/** What the heap orders. `place` belongs to the heap: -1 while the item is in none. */
export interface HeapItem {
  readonly key: number;
  readonly order: number;
  place: number;
}

export interface Heap<T extends HeapItem> {
  readonly size: number;
  head(): T | undefined;
  push(item: T): void;
  /** False when it was not in the heap. */
  remove(item: T): boolean;
  /** All items in no particular order. */
  items(): readonly T[];
}

export function createHeap<T extends HeapItem>(): Heap<T> {
  const items: T[] = [];

  function put(item: T, at: number): void {
    items[at] = item;
    item.place = at;
  }

  function up(item: T, from: number): void {
    let at = from;
    while (at > 0) {
      const above = (at - 1) >> 1;
      const parent = items[above] as T;
      if (!isBefore(item, parent)) break;
      put(parent, at);
      at = above;
    }
    put(item, at);
  }

  function down(item: T, from: number): void {
    let at = from;
    for (;;) {
      const left = 2 * at + 1;
      if (left >= items.length) break;
      const right = left + 1;
      const first = right < items.length && isBefore(items[right] as T, items[left] as T) ? right : left;
      const child = items[first] as T;
      if (!isBefore(child, item)) break;
      put(child, at);
      at = first;
    }
    put(item, at);
  }

  return {
    get size() {
      return items.length;
    },
    head: () => items[0],
    push(item) {
      items.push(item);
      up(item, items.length - 1);
    },
    remove(item) {
      const at = item.place;
      if (items[at] !== item) return false;
      const last = items.pop() as T;
      item.place = -1;
      if (last === item) return true;
      up(last, at);
      down(last, last.place);
      return true;
    },
    items: () => items,
  };
}

function isBefore(a: HeapItem, b: HeapItem): boolean {
  return a.key < b.key || (a.key === b.key && a.order < b.order);
}
