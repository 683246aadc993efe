import { describe, expect, it } from 'vitest';
import { bytes, epochMs, ms } from '../../../../src/domain/units.ts';
import { createProcessCollector } from '../../../../src/monitor/collectors/processes.ts';
import { MonitorConfig } from '../../../../src/monitor/config.ts';
import type { ProcessStat, ProcessWrites } from '../../../../src/platform/process-stat.ts';
import { live } from '../../../support/memory-ports.ts';

function stat(pid: number, over: Partial<ProcessStat> = {}): ProcessStat {
  return {
    pid,
    name: `p${pid}`,
    state: 'S',
    ppid: 1,
    group: 1,
    cpuTime: ms(0),
    resident: bytes(pid),
    threads: 1,
    startTicks: 1,
    ...over,
  };
}

function setUp() {
  let list: readonly ProcessStat[] | null = [];
  let looks = 0;
  const written = new Map<number, ProcessWrites>();
  const proc = {
    writes: (pid: number) => written.get(pid) ?? null,
    processes: async () => {
      looks += 1;
      return list;
    },
  };
  const collector = createProcessCollector(proc, live(MonitorConfig.parse({})));
  const look = async (second: number, found: readonly ProcessStat[] | null) => {
    list = found;
    await collector.collect({ at: epochMs(0), monotonic: ms(second * 1_000) }, new AbortController().signal);
    return collector.top();
  };
  return { collector, look, written, looks: () => looks };
}

describe('createProcessCollector', () => {
  it('looks every 15 s, not on each beat', async () => {
    const { look, looks } = setUp();

    for (const second of [0, 5, 10, 15, 20, 25, 30]) await look(second, [stat(1)]);

    expect(looks()).toBe(3);
  });

  it('ranks by share of a core between two looks, and keeps the largest by memory besides', async () => {
    const { look } = setUp();
    const many = Array.from({ length: 20 }, (_, index) => stat(index + 1));
    await look(0, many);

    const top = await look(15, [stat(3, { cpuTime: ms(12_000) }), ...many.filter((one) => one.pid !== 3)]);

    expect(top[0]).toEqual({ pid: 3, name: 'p3', cpu: 0.8, memoryBytes: 3 });
    expect(top.map((one) => one.pid)).toContain(20);
    expect(top.length).toBeLessThanOrEqual(10);
  });

  it('knows no share of a process that is new, and leaves the dead out', async () => {
    const { look } = setUp();
    await look(0, [stat(1)]);

    const top = await look(15, [stat(1, { startTicks: 9, cpuTime: ms(9_000) }), stat(2, { state: 'Z' })]);

    expect(top).toEqual([{ pid: 1, name: 'p1', cpu: null, memoryBytes: 1 }]);
  });

  it('knows nothing while the processes cannot be read', async () => {
    const { look } = setUp();
    await look(0, [stat(1)]);

    expect(await look(15, null)).toEqual([]);
  });

  it('tells what the busiest write: to disks, or by calls where nothing reaches a disk', async () => {
    const { look, written } = setUp();
    written.set(1, { toDisk: 0, byCalls: 0 }).set(2, { toDisk: 0, byCalls: 0 });
    await look(0, [stat(1), stat(2), stat(3)]);
    written.set(1, { toDisk: 3_000_000, byCalls: 9_000_000 }).set(2, { toDisk: 0, byCalls: 1_500_000 });

    const top = await look(15, [stat(1), stat(2), stat(3)]);
    const rates = Object.fromEntries(top.map((one) => [one.pid, one.writeBytesPerSecond]));
    expect(rates).toEqual({ 1: 200_000, 2: 100_000, 3: undefined });
  });
});
