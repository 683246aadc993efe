/**
 * A made-up host with the habits of a real one: load by hour and weekday, cron jobs, deploys, correlated metrics with
 * noise of their own; and faults of ten kinds to order. Seeded: the same seed is the same month.
 */
import type { MetricName } from '../../src/domain/metric.ts';

export const FAULT_KINDS = [
  'cpu_hog',
  'memory_leak',
  'disk_filling',
  'slow_service',
  'failing_service',
  'service_down',
  'queue_stuck',
  'crash_loop',
  'io_storm',
  'traffic_loss',
] as const;
export type FaultKind = (typeof FAULT_KINDS)[number];

export interface Fault {
  readonly kind: FaultKind;
  /** Milliseconds since the start. */
  readonly from: number;
  readonly to: number;
}

/** What the host shows at one moment. */
export interface HostMoment {
  readonly values: ReadonlyMap<MetricName, number>;
  /** What the service answers a probe. */
  readonly answer: { readonly status: number | null; readonly latency: number };
  readonly pids: readonly number[];
}

export interface SyntheticHost {
  /** Moments must be asked for in order. */
  at(since: number): HostMoment;
}

export interface HostHabits {
  /** 0 = asleep; 1 = normally busy. */
  readonly busy: number;
  readonly seed: number;
  readonly faults?: readonly Fault[];
}

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
/** Lives of a process that crashes again and again. */
const CRASH_EVERY = 90_000;

/** Day 0 is a Monday. */
export function createSyntheticHost({ busy, seed, faults = [] }: HostHabits): SyntheticHost {
  const random = seeded(seed);
  const noise = (): number => (random() + random() + random() - 1.5) * 1.15;
  let drift = 0;
  let depth = 3;
  let disk = 0.42;
  let done = 0;

  return {
    at(since) {
      const step = Math.max(1, since - done) / MINUTE;
      done = since;
      const keep = 0.97 ** Math.min(step, 60);
      drift = keep * drift + Math.sqrt(1 - keep * keep) * noise() * 0.5;
      const active = faults.filter((fault) => since >= fault.from && since < fault.to);
      const fault = (kind: FaultKind): Fault | undefined => active.find((one) => one.kind === kind);
      const load = busy * rhythm(since) * (1 + 0.15 * drift);
      const cron = cronAt(since);
      const deploy = busy > 0 && isDeploy(since);
      const io = busy * (cron.io + 0.15 * load) + (fault('io_storm') ? 0.8 : 0);
      const isDown = fault('service_down') !== undefined || isCrashed(fault('crash_loop'), since);
      const served = isDown || fault('traffic_loss') ? 0 : load;
      disk = Math.min(1, disk + (0.0012 * busy * step) / 1440);
      if (since % DAY < MINUTE) disk = Math.max(0.4, disk - 0.0011);
      const filled = filling(fault('disk_filling'), since);
      const leaked = leaking(fault('memory_leak'), since);
      const stuck = fault('queue_stuck') !== undefined;
      const rate = stuck ? 0 : Math.max(0, (8 + 60 * load) * (1 + 0.1 * noise()));
      depth = stuck ? depth + (8 + 60 * load) * step : Math.max(0, 0.5 * depth + 2 + 6 * load + 2 * noise());
      const cpu = clamp(
        0.04 +
          0.4 * load +
          0.35 * busy * cron.cpu +
          (deploy ? 0.3 : 0) +
          0.02 * noise() +
          (fault('cpu_hog') ? 0.6 : 0),
      );
      const memory = clamp(0.35 + 0.12 * load + 0.004 * noise() - (deploy ? 0.03 : 0) + leaked);
      const slow = fault('slow_service') ? 15 : 1;
      const latency =
        slow *
        (18 + 12 * load + 40 * Math.max(0, cpu - 0.8) + (deploy ? 15 : 0)) *
        (1 + 0.12 * Math.abs(noise()));
      const values = new Map<MetricName, number>([
        ['cpu', cpu],
        ['memory', memory],
        ['swap', clamp(0.02 + 0.001 * drift + Math.max(0, memory - 0.85))],
        ['load_per_core', Math.max(0, cpu * 1.1 + (fault('cpu_hog') ? 1.5 : 0) + io * 0.5 + 0.03 * noise())],
        ['pressure_cpu', clamp(Math.max(0, cpu - 0.6) * 0.8 + 0.004 * Math.abs(noise()))],
        ['pressure_memory', clamp(Math.max(0, memory - 0.9) * 3)],
        ['pressure_io', clamp(0.5 * io + 0.004 * Math.abs(noise()))],
        ['net_rx', Math.max(0, (20_000 + 4_000_000 * served) * (1 + 0.08 * noise()))],
        ['net_tx', Math.max(0, (15_000 + 9_000_000 * served) * (1 + 0.08 * noise()))],
        ['disk_io', Math.max(0, (50_000 + 80_000_000 * io) * (1 + 0.15 * noise()))],
        ['disk:/', clamp(disk + filled)],
        ['disk:/data', clamp(0.61 + 0.02 * load + 0.0005 * noise())],
        ['inodes:/', clamp(0.21 + 0.05 * filled)],
        ['loop_lag', Math.max(1, 6 + 20 * Math.max(0, cpu - 0.85) + 2 * noise())],
        ['queue_depth:mail', Math.round(depth)],
        ['queue_oldest:mail', Math.max(0, depth * 1.5)],
        ['queue_rate:mail', Math.round(rate)],
        ['target_cpu:web', Math.max(0, isDown ? 0 : 0.7 * cpu + 0.01 * noise())],
        ['target_memory:web', isDown ? 0 : 4e8 + 6e7 * load + 2e6 * noise() + leaked * 6e9],
      ]);
      const failing = fault('failing_service') !== undefined && random() < 0.7;
      return {
        values,
        answer: { status: isDown ? null : failing ? 500 : deploy && random() < 0.1 ? 503 : 200, latency },
        pids: isDown ? [] : [1_000 + generation(faults, since)],
      };
    },
  };
}

/** Nights are quiet, noon is not, weekends are half. */
function rhythm(since: number): number {
  const hour = (since % DAY) / HOUR;
  const weekday = Math.floor(since / DAY) % 7;
  const day = 0.25 + 0.75 * Math.max(0, Math.sin((Math.PI * (hour - 6)) / 15)) ** 1.2;
  return (hour < 6 || hour > 21 ? 0.25 : day) * (weekday >= 5 ? 0.5 : 1);
}

/** A backup at 03:30 for twenty minutes, a small job at five past each hour for two. */
function cronAt(since: number): { readonly cpu: number; readonly io: number } {
  const minute = (since % DAY) / MINUTE;
  if (minute >= 210 && minute < 230) return { cpu: 0.6, io: 0.7 };
  const past = minute % 60;
  return past >= 5 && past < 7 ? { cpu: 0.6, io: 0.15 } : { cpu: 0, io: 0 };
}

/** Tuesdays and Thursdays at 14:00, for four minutes. */
function isDeploy(since: number): boolean {
  const weekday = Math.floor(since / DAY) % 7;
  const minute = (since % DAY) / MINUTE;
  return (weekday === 1 || weekday === 3) && minute >= 840 && minute < 844;
}

function isCrashed(loop: Fault | undefined, since: number): boolean {
  return loop !== undefined && (since - loop.from) % CRASH_EVERY < 20_000;
}

/** Each crash is a new process. */
function generation(faults: readonly Fault[], since: number): number {
  return faults
    .filter((fault) => fault.kind === 'crash_loop' && since >= fault.from)
    .reduce((sum, fault) => sum + Math.ceil((Math.min(since, fault.to) - fault.from) / CRASH_EVERY), 0);
}

/** Half of what is free in an hour. */
function filling(fault: Fault | undefined, since: number): number {
  return fault === undefined ? 0 : (0.55 * (since - fault.from)) / (2 * HOUR);
}

/** From 40 % to all of it in four hours. */
function leaking(fault: Fault | undefined, since: number): number {
  return fault === undefined ? 0 : (0.6 * (since - fault.from)) / (4 * HOUR);
}

function clamp(value: number): number {
  return Math.min(1, Math.max(0, value));
}

/** mulberry32 */
function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
