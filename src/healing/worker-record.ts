/**
 * What the supervisor remembers over a restart of the bot (state document `workers`): what people ordered, the
 * exits of the window, and which process belongs to which worker. Saved before anything is done about it.
 *
 * A run is written twice: as `spawning` with a fresh spawn id before the process exists, and as `running` with
 * its pid as soon as that is known. A bot that dies in between finds the process again by the spawn id in its
 * environment, so it is never started twice.
 */
import { z } from 'zod';
import type { EpochMs, Ms } from '../domain/units.ts';
import type { WorkerExit } from './restart-window.ts';
import { Moment } from './shapes.ts';

export type WorkerRun =
  | { readonly phase: 'spawning'; readonly spawnId: string; readonly at: EpochMs }
  | RunningRun
  /** Being ended on order: its death is not an exit. */
  | (Omit<RunningRun, 'phase'> & { readonly phase: 'ending' });

export interface RunningRun {
  readonly phase: 'running';
  readonly spawnId: string;
  readonly at: EpochMs;
  readonly pid: number;
  /** Field 22 of /proc/PID/stat: with pid and boot id it names one process for ever; `null` without /proc. */
  readonly startTicks: number | null;
  readonly bootId: string | null;
}

/** One instance of a worker. */
export interface SlotRecord {
  readonly gaveUp: { readonly at: EpochMs; readonly reason: string } | null;
  /** Oldest first. */
  readonly exits: readonly WorkerExit[];
  readonly lastExit: string | null;
  readonly run: WorkerRun | null;
}

/** What people ordered for a worker as a whole. */
export interface WorkerOrders {
  readonly stopped: { readonly by: string; readonly at: EpochMs } | null;
  /** Holds until the configured number changes. */
  readonly scale: { readonly count: number; readonly configured: number } | null;
}

export interface PoolRecord {
  readonly orders: Readonly<Record<string, WorkerOrders>>;
  /** Keyed by `slotKey`. */
  readonly slots: Readonly<Record<string, SlotRecord>>;
}

export const EMPTY_SLOT: SlotRecord = { gaveUp: null, exits: [], lastExit: null, run: null };
export const NO_ORDERS: WorkerOrders = { stopped: null, scale: null };
export const EMPTY_POOL: PoolRecord = { orders: {}, slots: {} };

/** `billing#0`: unique, because a worker's name holds no `#`. */
export function slotKey(worker: string, instance: number): string {
  return `${worker}#${instance}`;
}

export function parseSlotKey(key: string): { readonly worker: string; readonly instance: number } {
  const hash = key.lastIndexOf('#');
  return { worker: key.slice(0, hash), instance: Number(key.slice(hash + 1)) };
}

/** Instances wanted: the last order, unless the configured number was changed since. */
export function wantedCount(configured: number, orders: WorkerOrders): number {
  return orders.scale?.configured === configured ? orders.scale.count : configured;
}

export function withSlot(pool: PoolRecord, key: string, slot: SlotRecord): PoolRecord {
  return { ...pool, slots: { ...pool.slots, [key]: slot } };
}

export function withoutSlot(pool: PoolRecord, key: string): PoolRecord {
  return {
    ...pool,
    slots: Object.fromEntries(Object.entries(pool.slots).filter(([other]) => other !== key)),
  };
}

export function withOrders(pool: PoolRecord, worker: string, orders: WorkerOrders): PoolRecord {
  return { ...pool, orders: { ...pool.orders, [worker]: orders } };
}

const Span = z.number().transform((value) => value as Ms);

const runShape = {
  spawnId: z.string(),
  at: Moment,
  pid: z.number().int().min(2), // a signal to group 1 would reach everything
  startTicks: z.number().nullable(),
  bootId: z.string().nullable(),
};

const Run = z.discriminatedUnion('phase', [
  z.object({ phase: z.literal('spawning'), spawnId: z.string(), at: Moment }),
  z.object({ phase: z.literal('running'), ...runShape }),
  z.object({ phase: z.literal('ending'), ...runShape }),
]);

const Slot = z.object({
  gaveUp: z.object({ at: Moment, reason: z.string() }).nullable(),
  exits: z.array(z.object({ at: Moment, how: z.string(), uptime: Span })),
  lastExit: z.string().nullable(),
  run: Run.nullable(),
});

const Orders = z.object({
  stopped: z.object({ by: z.string(), at: Moment }).nullable(),
  scale: z.object({ count: z.number().int().min(1), configured: z.number().int() }).nullable(),
});

export const PoolRecord: z.ZodType<PoolRecord, unknown> = z.object({
  orders: z.record(z.string(), Orders),
  slots: z.record(z.string(), Slot),
});
