/**
 * This host on Linux, from /proc alone: processor, memory, swap, load, pressure, network and disk traffic.
 *
 * No process is started for it. Counters become rates between two beats, so the first beat has none. What this
 * host never had (no swap, a kernel without pressure) is left out; what it had and cannot be read is unknown.
 */
import { availableParallelism } from 'node:os';
import type { MetricName } from '../../domain/metric.ts';
import type { Ms } from '../../domain/units.ts';
import type { ProcReader } from '../../platform/proc.ts';
import {
  busyBetween,
  type CpuTimes,
  type DiskTraffic,
  ratePerSecond,
  type Traffic,
} from '../../platform/proc-parse.ts';
import type { Collector, Reading } from '../collector.ts';

const RESOURCES = ['cpu', 'memory', 'io'] as const;
type Resource = (typeof RESOURCES)[number];

/** Every Linux has these: when they cannot be read, something is wrong. */
const ALWAYS: readonly MetricName[] = ['cpu', 'memory', 'load_per_core'];

/** The counters of one beat; the next beat's rates are counted from them. */
interface Counters {
  readonly at: Ms;
  readonly cpu: CpuTimes | null;
  readonly network: Traffic | null;
  readonly disks: DiskTraffic | null;
  readonly waited: Readonly<Record<Resource, Ms | null>>;
}

type Values = readonly (readonly [MetricName, number | null])[];

export function createHostCollector(proc: ProcReader): Collector {
  const seen = new Set<MetricName>(ALWAYS);
  let before: Counters | null = null;

  return {
    name: 'host',
    metrics: () => [...seen],
    async collect({ monotonic }) {
      const counters = readCounters(proc, monotonic);
      const isFirst = before === null;
      const values = [
        ...readLevels(proc, counters),
        ...(before === null ? [] : ratesBetween(before, counters)),
      ];
      before = counters;
      for (const [metric, value] of values) if (value !== null) seen.add(metric);
      return values
        .filter(([metric]) => seen.has(metric) && !(isFirst && metric === 'cpu'))
        .map(([metric, value]): Reading => ({ metric, value }));
    },
  };
}

function readCounters(proc: ProcReader, at: Ms): Counters {
  const waited = (resource: Resource): Ms | null => proc.pressure(resource)?.someTotal ?? null;
  return {
    at,
    cpu: proc.cpu(),
    network: proc.network(),
    disks: proc.disks(),
    waited: { cpu: waited('cpu'), memory: waited('memory'), io: waited('io') },
  };
}

function readLevels(proc: ProcReader, { cpu }: Counters): Values {
  const memory = proc.memory();
  const load = proc.load();
  const cores = cpu?.cores ?? availableParallelism();
  const swap = memory === null || memory.swapTotal === 0 ? null : 1 - memory.swapFree / memory.swapTotal;
  return [
    ['memory', memory === null ? null : 1 - memory.available / memory.total],
    ['swap', swap],
    ['load_per_core', load === null ? null : load.oneMinute / cores],
  ];
}

function ratesBetween(before: Counters, now: Counters): Values {
  const span = (now.at - before.at) as Ms;
  const rate = (from: number | undefined, to: number | undefined): number | null =>
    from === undefined || to === undefined ? null : ratePerSecond(from, to, span);
  const moved = (disks: DiskTraffic | null): number | undefined =>
    disks === null ? undefined : disks.read + disks.written;
  return [
    ['cpu', before.cpu === null || now.cpu === null ? null : busyBetween(before.cpu, now.cpu)],
    ['net_rx', rate(before.network?.received, now.network?.received)],
    ['net_tx', rate(before.network?.sent, now.network?.sent)],
    ['disk_io', rate(moved(before.disks), moved(now.disks))],
    ...RESOURCES.map(
      (one) => [`pressure_${one}`, waitedShare(before.waited[one], now.waited[one], span)] as const,
    ),
  ];
}

/** Share of the time between two beats in which some task had to wait. */
function waitedShare(before: Ms | null, now: Ms | null, span: Ms): number | null {
  if (before === null || now === null || now < before || span <= 0) return null;
  return Math.min(1, (now - before) / span);
}
