/**
 * What the targets show: `target_up:<t>` as their own watch knows it, `target_cpu:<t>` (1 = one core) and
 * `target_memory:<t>` (bytes) from the processes that belong to it.
 *
 * The watch answers from memory. A target without processes of its own (a service behind a URL) has no cpu and
 * no memory here; one whose processes cannot be read has them as unknown.
 */
import { type MetricName, subjectOf } from '../../domain/metric.ts';
import type { TargetWatch } from '../../domain/ports.ts';
import type { TargetState } from '../../domain/target.ts';
import type { Ms } from '../../domain/units.ts';
import type { ProcessStat } from '../../platform/process-stat.ts';
import type { Collector, Reading } from '../collector.ts';

/** `null` = gone, or not to be read. */
export type ReadProcess = (pid: number) => ProcessStat | null;

export interface TargetCollector extends Collector {
  /** What the watch says of the target of this metric; empty where it says nothing. */
  reason(metric: MetricName): string;
}

/** Processor time by pid and start at a moment: a pid that was used again is another process. */
interface Use {
  readonly at: Ms;
  readonly cpuTimes: ReadonlyMap<string, Ms>;
}

export function createTargetCollector(watch: TargetWatch, readProcess: ReadProcess): TargetCollector {
  let before: ReadonlyMap<string, Use> = new Map();
  let states: readonly TargetState[] = [];

  return {
    name: 'targets',
    metrics: () => states.map((state) => `target_up:${state.name}`),
    async collect({ monotonic }) {
      states = watch.states();
      const looks = states.map((state) => ({ state, stats: state.pids.map(readProcess) }));
      const uses = new Map(looks.map(({ state, stats }) => [state.name, useOf(stats, monotonic)]));
      const readings = looks.flatMap(({ state, stats }) => [
        upReading(state),
        ...memoryReading(state.name, stats),
        ...cpuReading(state.name, before.get(state.name), uses.get(state.name)),
      ]);
      before = uses;
      return readings;
    },
    reason: (metric) => states.find((state) => state.name === subjectOf(metric))?.reason ?? '',
  };
}

function upReading({ name, up }: TargetState): Reading {
  return { metric: `target_up:${name}`, value: up === null ? null : Number(up) };
}

/** The sum is known only when every process of it is. */
function memoryReading(target: string, stats: readonly (ProcessStat | null)[]): readonly Reading[] {
  if (stats.length === 0) return [];
  const known = stats.filter((stat) => stat !== null);
  const sum = known.reduce((total, stat) => total + stat.resident, 0);
  return [{ metric: `target_memory:${target}`, value: known.length === stats.length ? sum : null }];
}

function useOf(stats: readonly (ProcessStat | null)[], at: Ms): Use {
  const known = stats.filter((stat) => stat !== null);
  return { at, cpuTimes: new Map(known.map((stat) => [`${stat.pid}:${stat.startTicks}`, stat.cpuTime])) };
}

/** Over the processes that were there both times; nothing where there is none: a rate needs two looks. */
function cpuReading(target: string, before: Use | undefined, now: Use | undefined): readonly Reading[] {
  if (before === undefined || now === undefined || now.at <= before.at) return [];
  const used = [...now.cpuTimes].flatMap(([key, time]) => {
    const earlier = before.cpuTimes.get(key);
    return earlier === undefined ? [] : [Math.max(0, time - earlier)];
  });
  if (used.length === 0) return [];
  const sum = used.reduce((total, one) => total + one, 0);
  return [{ metric: `target_cpu:${target}`, value: sum / (now.at - before.at) }];
}
