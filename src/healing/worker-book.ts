/** The supervisor's document, read and changed by worker and instance. Every change resolves when it is on disk. */
import type { Document } from '../domain/ports.ts';
import {
  EMPTY_SLOT,
  NO_ORDERS,
  type PoolRecord,
  parseSlotKey,
  type SlotRecord,
  slotKey,
  type WorkerOrders,
  withOrders,
  withoutSlot,
  withSlot,
} from './worker-record.ts';

export interface SlotName {
  readonly worker: string;
  readonly instance: number;
}

export interface WorkerBook {
  slot(name: SlotName): SlotRecord;
  orders(worker: string): WorkerOrders;
  /** Every instance on record, also of workers that are configured no more. */
  slots(): readonly SlotName[];
  changeSlot(name: SlotName, change: (slot: SlotRecord) => SlotRecord): Promise<void>;
  /** One write for many instances: all or none. */
  changeWorker(
    worker: string,
    orders: (orders: WorkerOrders) => WorkerOrders,
    slots: (slot: SlotRecord) => SlotRecord,
  ): Promise<void>;
  changeAll(change: (slot: SlotRecord) => SlotRecord): Promise<void>;
  forget(name: SlotName): Promise<void>;
}

export function createWorkerBook(document: Document<PoolRecord>): WorkerBook {
  const key = ({ worker, instance }: SlotName): string => slotKey(worker, instance);

  return {
    slot: (name) => document.value.slots[key(name)] ?? EMPTY_SLOT,
    orders: (worker) => document.value.orders[worker] ?? NO_ORDERS,
    slots: () => Object.keys(document.value.slots).map(parseSlotKey),
    async changeSlot(name, change) {
      await document.update((pool) => withSlot(pool, key(name), change(pool.slots[key(name)] ?? EMPTY_SLOT)));
    },
    async changeWorker(worker, orders, slots) {
      await document.update((pool) =>
        mapSlots(
          withOrders(pool, worker, orders(pool.orders[worker] ?? NO_ORDERS)),
          (name) => name.worker === worker,
          slots,
        ),
      );
    },
    async changeAll(change) {
      await document.update((pool) => mapSlots(pool, () => true, change));
    },
    async forget(name) {
      await document.update((pool) => withoutSlot(pool, key(name)));
    },
  };
}

function mapSlots(
  pool: PoolRecord,
  which: (name: SlotName) => boolean,
  change: (slot: SlotRecord) => SlotRecord,
): PoolRecord {
  const slots = Object.entries(pool.slots).map(
    ([name, slot]) => [name, which(parseSlotKey(name)) ? change(slot) : slot] as const,
  );
  return { ...pool, slots: Object.fromEntries(slots) };
}
