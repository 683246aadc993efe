/**
 * The processes that use most, read from /proc every 15 s (as configured): evidence, never a trigger.
 *
 * A share of a core needs two looks at the same process; a process that is new since the last look has none.
 */
import type { TopProcess } from '../../domain/anomaly.ts';
import type { Live } from '../../domain/ports.ts';
import { type Ms, ms } from '../../domain/units.ts';
import type { ProcReader } from '../../platform/proc.ts';
import { isDead, type ProcessStat, type ProcessWrites } from '../../platform/process-stat.ts';
import type { Collector } from '../collector.ts';
import type { MonitorConfig } from '../config.ts';

const BY_CPU = 6;
const BY_MEMORY = 4;
const WRITES_READ = 24;
/** Beats are not to the millisecond. */
const EARLY: Ms = ms(500);

/** Which processes use most, asked from memory. */
export interface ProcessWatch {
  /** Those that used most when last looked, heaviest first; empty while nothing is known. */
  top(): readonly TopProcess[];
}

interface Look {
  readonly at: Ms;
  /** Processor time by pid and start: a pid that was used again is another process. */
  readonly cpuTimes: ReadonlyMap<string, Ms>;
  /** Of the busiest only: reading it costs a file each. */
  readonly writes: ReadonlyMap<string, ProcessWrites>;
}

export function createProcessCollector(
  proc: Pick<ProcReader, 'processes' | 'writes'>,
  config: Live<MonitorConfig>,
): Collector & ProcessWatch {
  let before: Look | null = null;
  let top: readonly TopProcess[] = [];

  return {
    name: 'processes',
    metrics: () => [],
    top: () => top,
    async collect({ monotonic }) {
      if (before !== null && monotonic - before.at < config.current().processInterval - EARLY) return [];
      const found = await proc.processes();
      if (found === null) {
        top = [];
        return [];
      }
      const alive = found.filter((stat) => !isDead(stat));
      const writes = readWrites(alive, before, monotonic, proc);
      top = heaviest(alive, before, monotonic).map((one) =>
        withWrites(one, alive, before, writes, monotonic),
      );
      const cpuTimes = new Map(alive.map((stat) => [keyOf(stat), stat.cpuTime]));
      before = { at: monotonic, cpuTimes, writes };
      return [];
    },
  };
}

/** The heaviest by processor, and those that are heaviest by memory besides. Pure. */
function heaviest(processes: readonly ProcessStat[], before: Look | null, now: Ms): readonly TopProcess[] {
  const all = processes.map((stat) => ({
    pid: stat.pid,
    name: stat.name,
    cpu: shareOf(stat, before, now),
    memoryBytes: stat.resident,
  }));
  const byCpu = all.toSorted((a, b) => (b.cpu ?? 0) - (a.cpu ?? 0) || b.memoryBytes - a.memoryBytes);
  const chosen = byCpu.slice(0, BY_CPU);
  const byMemory = all.toSorted((a, b) => b.memoryBytes - a.memoryBytes).slice(0, BY_MEMORY);
  return [...chosen, ...byMemory.filter((one) => !chosen.includes(one))];
}

function readWrites(
  processes: readonly ProcessStat[],
  before: Look | null,
  now: Ms,
  proc: Pick<ProcReader, 'writes'>,
): ReadonlyMap<string, ProcessWrites> {
  const busiest = processes
    .map((stat) => ({ stat, share: shareOf(stat, before, now) ?? 0 }))
    .sort((a, b) => b.share - a.share)
    .slice(0, WRITES_READ);
  return new Map(
    busiest.flatMap(({ stat }) => {
      const writes = proc.writes(stat.pid);
      return writes === null ? [] : [[keyOf(stat), writes] as const];
    }),
  );
}

/** To disks; where nothing reaches one, what the calls wrote, so that a file system in memory counts too. */
function withWrites(
  one: TopProcess,
  processes: readonly ProcessStat[],
  before: Look | null,
  writes: ReadonlyMap<string, ProcessWrites>,
  now: Ms,
): TopProcess {
  const stat = processes.find(({ pid }) => pid === one.pid);
  const [key, then] = [stat === undefined ? '' : keyOf(stat), before];
  const [from, to] = [then?.writes.get(key), writes.get(key)];
  if (then === null || from === undefined || to === undefined || now <= then.at) return one;
  const span = (now - then.at) / 1_000;
  const toDisk = (to.toDisk - from.toDisk) / span;
  const writeBytesPerSecond = toDisk > 0 ? toDisk : (to.byCalls - from.byCalls) / span;
  return { ...one, writeBytesPerSecond: Math.max(0, writeBytesPerSecond) };
}

function shareOf(stat: ProcessStat, before: Look | null, now: Ms): number | null {
  const earlier = before?.cpuTimes.get(keyOf(stat));
  if (before === null || earlier === undefined || now <= before.at) return null;
  return Math.max(0, stat.cpuTime - earlier) / (now - before.at);
}

function keyOf(stat: ProcessStat): string {
  return `${stat.pid}:${stat.startTicks}`;
}
