/** Where the monitor reads this host from: /proc on Linux, systeminformation elsewhere. A test hands in its own. */
import { platform } from 'node:os';
import type { Clock, Live, Logger } from '../domain/ports.ts';
import type { DiskReader } from '../platform/disk-usage.ts';
import type { ProcReader } from '../platform/proc.ts';
import type { Collector } from './collector.ts';
import { createDiskCollector } from './collectors/disks.ts';
import { createElsewhereCollector } from './collectors/elsewhere.ts';
import { createHostCollector } from './collectors/host.ts';
import { createLoopLagCollector } from './collectors/loop-lag.ts';
import { createProcessCollector, type ProcessWatch } from './collectors/processes.ts';
import type { ReadProcess } from './collectors/targets.ts';
import type { MonitorConfig } from './config.ts';
import { type Inventory, readInventory } from './inventory.ts';

export interface MonitorSources {
  /** What is read on each beat besides probes, targets and pushed samples. */
  readonly collectors: readonly Collector[];
  readonly readProcess: ReadProcess;
  readonly processes: ProcessWatch;
  /** What this host is; asked once after the start, never throws. */
  inventory(): Promise<Inventory | null>;
  stop(): void;
}

export interface SourceDeps {
  readonly clock: Clock;
  readonly log: Logger;
  readonly config: Live<MonitorConfig>;
  readonly proc: ProcReader;
  readonly disks: DiskReader;
}

export function createMonitorSources(deps: SourceDeps): MonitorSources {
  const { proc, config } = deps;
  const lag = createLoopLagCollector(deps.clock);
  const processes = createProcessCollector(proc, config);
  const host = platform() === 'linux' ? createHostCollector(proc) : createElsewhereCollector();
  return {
    collectors: [host, createDiskCollector(deps.disks, config), lag, processes],
    readProcess: proc.process,
    processes,
    inventory: () => readInventory(deps.clock, deps.log),
    stop: () => lag.stop(),
  };
}
