import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createHeap, type HeapItem } from '../../../../src/platform/queue/heap.ts';

describe('createHeap', () => {
  it('hands out what is left in order, whatever was taken out of its middle', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 20 })), fc.array(fc.nat(50)), (keys, gone) => {
        const heap = createHeap<HeapItem>();
        const items = keys.map((key, order) => ({ key, order, place: -1 }));
        for (const item of items) heap.push(item);
        const removed = new Set(gone.map((at) => items[at]).filter((item) => item !== undefined));
        for (const item of removed) expect(heap.remove(item)).toBe(true);

        const out: HeapItem[] = [];
        for (let head = heap.head(); head !== undefined; head = heap.head()) {
          heap.remove(head);
          out.push(head);
        }

        const left = items.filter((item) => !removed.has(item));
        expect(out).toEqual(left.toSorted((a, b) => a.key - b.key || a.order - b.order));
      }),
    );
  });

  it('says so when an item is not in it', () => {
    const heap = createHeap<HeapItem>();
    const item = { key: 1, order: 1, place: -1 };
    heap.push(item);
    heap.remove(item);

    expect(heap.remove(item)).toBe(false);
  });
});
