/**
 * The processes that use most, read from /proc every 15 s (as configured): evidence, never a trigger.
 *
 * A share of a core needs two looks; what a process that is new since the last one has used, it used in between.
 */
import type { TopProcess } from '../../domain/anomaly.ts';
import type { Live } from '../../domain/ports.ts';
import { type Ms, minutes, ms } from '../../domain/units.ts';
import type { ProcReader } from '../../platform/proc.ts';
import { isDead, type ProcessStat, type ProcessWrites } from '../../platform/process-stat.ts';
import { processTitle } from '../../platform/process-title.ts';
import type { Collector } from '../collector.ts';
import type { MonitorConfig } from '../config.ts';

const BY_CPU = 6;
const BY_MEMORY = 4;
const BY_WRITES = 2;
/** Reading what one wrote costs some 10 µs; who writes need not be among the busiest by far. */
const WRITES_READ = 256;
/** What filled a disk may be done, or gone, when the disk is believed to be filling. */
const REMEMBERED: Ms = minutes(2);
/** Less is forgotten at once. */
const WORTH_REMEMBERING = 100_000;
/** What this process is called: who reads its name as a cause knows what to make of it. */
const OURSELVES = 'Nightshift itself';
/** Beats are not to the millisecond. */
const EARLY: Ms = ms(500);

/** Which processes use most, asked from memory. */
export interface ProcessWatch {
  /** Those that used most when last looked, heaviest first; empty while nothing is known. */
  top(): readonly TopProcess[];
}

const NOTHING_WRITTEN: ProcessWrites = { toDisk: 0, byCalls: 0 };

interface Written extends ProcessWrites {
  readonly at: Ms;
}

interface Look {
  readonly at: Ms;
  /** Processor time by pid and start: a pid that was used again is another process. */
  readonly cpuTimes: ReadonlyMap<string, Ms>;
  /** As last read: of many processes only the busiest are read each time. */
  readonly writes: ReadonlyMap<string, Written>;
}

export function createProcessCollector(
  proc: Pick<ProcReader, 'processes' | 'writes' | 'argv'>,
  config: Live<MonitorConfig>,
): Collector & ProcessWatch {
  const writers = new Map<number, Writer>();
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
      const heavy = heaviest(alive, { before, writes, now: monotonic }).map(({ stat, shown }) => ({
        ...shown,
        name: stat.pid === process.pid ? OURSELVES : processTitle(stat.name, proc.argv(stat.pid)),
      }));
      top = withEarlierWriters(heavy, writers, monotonic);
      const cpuTimes = new Map(alive.map((stat) => [keyOf(stat), stat.cpuTime]));
      before = { at: monotonic, cpuTimes, writes };
      return [];
    },
  };
}

interface Heavy {
  readonly stat: ProcessStat;
  readonly shown: TopProcess;
}

interface Since {
  readonly before: Look | null;
  readonly writes: ReadonlyMap<string, Written>;
  readonly now: Ms;
}

/** The heaviest by processor, and besides those that hold the most memory or write the most. Pure. */
function heaviest(processes: readonly ProcessStat[], since: Since): readonly Heavy[] {
  const all = processes.map((stat): Heavy => {
    const { pid, name, resident: memoryBytes } = stat;
    const shown = { pid, name, cpu: shareOf(stat, since.before, since.now), memoryBytes };
    return { stat, shown: withWrites(shown, stat, since) };
  });
  const most = (of: (one: TopProcess) => number, count: number): readonly Heavy[] =>
    all.toSorted((a, b) => of(b.shown) - of(a.shown)).slice(0, count);
  const byCpu = all
    .toSorted(({ shown: a }, { shown: b }) => (b.cpu ?? 0) - (a.cpu ?? 0) || size(b) - size(a))
    .slice(0, BY_CPU);
  const byWrites = most(pace, BY_WRITES).filter(({ shown }) => pace(shown) > 0);
  return [...new Set([...byCpu, ...most(size, BY_MEMORY), ...byWrites])];
}

/** What a process wrote at most in one look of the last minutes. */
interface Writer {
  readonly shown: TopProcess;
  readonly at: Ms;
}

function withEarlierWriters(
  now: readonly TopProcess[],
  writers: Map<number, Writer>,
  at: Ms,
): readonly TopProcess[] {
  for (const [pid, one] of writers) if (at - one.at > REMEMBERED) writers.delete(pid);
  for (const shown of now) {
    const known = writers.get(shown.pid);
    const most = known === undefined ? WORTH_REMEMBERING : pace(known.shown);
    if (pace(shown) >= most) writers.set(shown.pid, { shown, at });
  }
  const current = now.map((one) => {
    const earlier = writers.get(one.pid)?.shown;
    return earlier?.writeBytesPerSecond === undefined
      ? one
      : { ...one, writeBytesPerSecond: earlier.writeBytesPerSecond };
  });
  const gone = [...writers.values()].filter(({ shown }) => !now.some(({ pid }) => pid === shown.pid));
  return [...current, ...gone.map(({ shown }) => ({ ...shown, cpu: null, memoryBytes: null }))];
}

function size(one: TopProcess): number {
  return one.memoryBytes ?? 0;
}

function pace(one: TopProcess): number {
  return one.writeBytesPerSecond ?? 0;
}

function readWrites(
  processes: readonly ProcessStat[],
  before: Look | null,
  now: Ms,
  proc: Pick<ProcReader, 'writes'>,
): ReadonlyMap<string, Written> {
  // A thread of the kernel holds no memory, and what it writes is another's.
  const busiest = processes
    .filter((stat) => stat.resident > 0)
    .map((stat) => ({ stat, share: shareOf(stat, before, now) ?? 0 }))
    .sort((a, b) => b.share - a.share)
    .slice(0, WRITES_READ);
  const known = processes.flatMap((stat) => {
    const writes = before?.writes.get(keyOf(stat));
    return writes === undefined ? [] : [[keyOf(stat), writes] as const];
  });
  const fresh = busiest.flatMap(({ stat }) => {
    const writes = proc.writes(stat.pid);
    return writes === null ? [] : [[keyOf(stat), { ...writes, at: now }] as const];
  });
  return new Map([...known, ...fresh]);
}

/** To disks; where nothing reaches one, what the calls wrote, so that a file system in memory counts too. */
function withWrites(one: TopProcess, stat: ProcessStat, { before, writes, now }: Since): TopProcess {
  const key = keyOf(stat);
  const to = writes.get(key);
  if (before === null || to === undefined || to.at < now) return one;
  const from =
    before.writes.get(key) ?? (isNew(stat, before) ? { ...NOTHING_WRITTEN, at: before.at } : undefined);
  if (from === undefined || now <= from.at) return one;
  const span = (now - from.at) / 1_000;
  const toDisk = (to.toDisk - from.toDisk) / span;
  const writeBytesPerSecond = toDisk > 0 ? toDisk : (to.byCalls - from.byCalls) / span;
  return { ...one, writeBytesPerSecond: Math.max(0, writeBytesPerSecond) };
}

function shareOf(stat: ProcessStat, before: Look | null, now: Ms): number | null {
  const earlier = before?.cpuTimes.get(keyOf(stat)) ?? (isNew(stat, before) ? 0 : undefined);
  if (before === null || earlier === undefined || now <= before.at) return null;
  return Math.max(0, stat.cpuTime - earlier) / (now - before.at);
}

/** It was not there at the last look: all that it did was done since. */
function isNew(stat: ProcessStat, before: Look | null): boolean {
  return before !== null && !before.cpuTimes.has(keyOf(stat));
}

function keyOf(stat: ProcessStat): string {
  return `${stat.pid}:${stat.startTicks}`;
}
