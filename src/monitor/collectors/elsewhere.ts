/**
 * This host where there is no /proc: processor, memory, swap, load and network through systeminformation.
 *
 * The library starts programs and answers zero or nothing when they fail: what cannot be zero and is zero, or
 * is missing, is unknown. It is loaded only here and only when needed.
 */
import { availableParallelism, loadavg, platform } from 'node:os';
import type { MetricName } from '../../domain/metric.ts';
import type { Collector, Reading } from '../collector.ts';

const METRICS: readonly MetricName[] = ['cpu', 'memory'];

/** The three calls that are used, so that a test can answer them. */
export interface SystemInformation {
  currentLoad(): Promise<{ currentLoad: number; cpus: readonly unknown[] }>;
  mem(): Promise<{ total: number; available: number; swaptotal: number; swapfree: number }>;
  networkStats(interfaces: string): Promise<readonly { rx_sec: number | null; tx_sec: number | null }[]>;
}

export function createElsewhereCollector(load: () => Promise<SystemInformation> = loadLibrary): Collector {
  return {
    name: 'host',
    metrics: () => METRICS,
    async collect() {
      const si = await load();
      const [use, memory, network] = await Promise.all([si.currentLoad(), si.mem(), si.networkStats('*')]);
      return [useReading(use), ...loadReadings(), ...memoryReadings(memory), ...networkReadings(network)];
    },
  };
}

async function loadLibrary(): Promise<SystemInformation> {
  const { default: si } = await import('systeminformation');
  return si;
}

function useReading(use: Awaited<ReturnType<SystemInformation['currentLoad']>>): Reading {
  const isKnown = use.cpus.length > 0 && Number.isFinite(use.currentLoad);
  return { metric: 'cpu', value: isKnown ? Math.min(1, Math.max(0, use.currentLoad / 100)) : null };
}

/** Windows has no load: it would always be 0. */
function loadReadings(): readonly Reading[] {
  const [oneMinute = 0] = loadavg();
  return platform() === 'win32'
    ? []
    : [{ metric: 'load_per_core', value: oneMinute / availableParallelism() }];
}

function memoryReadings(memory: Awaited<ReturnType<SystemInformation['mem']>>): readonly Reading[] {
  const { total, available, swaptotal, swapfree } = memory;
  const readings: Reading[] = [
    { metric: 'memory', value: total > 0 && available > 0 ? 1 - available / total : null },
  ];
  if (swaptotal > 0) readings.push({ metric: 'swap', value: 1 - swapfree / swaptotal });
  return readings;
}

function networkReadings(stats: Awaited<ReturnType<SystemInformation['networkStats']>>): readonly Reading[] {
  const known = stats.filter((one) => one.rx_sec !== null && one.tx_sec !== null);
  if (known.length === 0) return [];
  const sum = (pick: (one: (typeof known)[number]) => number | null): number =>
    known.reduce((total, one) => total + (pick(one) ?? 0), 0);
  return [
    { metric: 'net_rx', value: sum((one) => one.rx_sec) },
    { metric: 'net_tx', value: sum((one) => one.tx_sec) },
  ];
}
