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
  const commands = new Map<number, readonly string[]>();
  const proc = {
    writes: (pid: number) => written.get(pid) ?? null,
    argv: (pid: number) => commands.get(pid) ?? [],
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
  return { collector, look, written, commands, looks: () => looks };
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

  it('counts all that a new process used to the time since the last look, and leaves the dead out', async () => {
    const { look } = setUp();
    await look(0, [stat(1)]);

    const top = await look(15, [stat(1, { startTicks: 9, cpuTime: ms(9_000) }), stat(2, { state: 'Z' })]);

    expect(top).toEqual([{ pid: 1, name: 'p1', cpu: 0.6, memoryBytes: 1 }]);
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

  it('finds who writes among many that are busier', async () => {
    const { look, written } = setUp();
    const busy = (turn: number) =>
      Array.from({ length: 60 }, (_, index) => stat(index + 1, { cpuTime: ms(turn * (index + 1) * 100) }));
    for (let pid = 1; pid <= 60; pid += 1) written.set(pid, { toDisk: 0, byCalls: 0 });
    await look(0, busy(0));
    written.set(1, { toDisk: 0, byCalls: 60_000_000 });

    const top = await look(15, busy(1));

    expect(top.find(({ pid }) => pid === 1)?.writeBytesPerSecond).toBe(4_000_000);
  });

  it('calls an interpreter by what it runs, and itself by its name', async () => {
    const { look, commands } = setUp();
    commands.set(7, ['/usr/bin/python3', '-u', '/srv/jobs/import.py', '--password', 'hunter2']);

    const top = await look(0, [stat(7, { name: 'python3' }), stat(process.pid, { name: 'node' })]);

    expect(top.map(({ name }) => name).sort()).toEqual(['Nightshift itself', 'python3 import.py']);
  });

  it('lists who writes most, however little processor it takes, and for two minutes who wrote', async () => {
    const { look, written } = setUp();
    const busy = Array.from({ length: 20 }, (_, index) => stat(index + 1, { resident: bytes(1_000) }));
    await look(0, busy);
    written.set(99, { toDisk: 0, byCalls: 60_000_000 });

    const later = busy.map((one) => ({ ...one, cpuTime: ms(3_000) }));
    const top = await look(15, [...later, stat(99, { cpuTime: ms(3_100), resident: bytes(1) })]);
    const gone = await look(120, later);
    const forgotten = await look(150, later);

    expect(top.find(({ pid }) => pid === 99)?.writeBytesPerSecond).toBe(4_000_000);
    expect(gone.find(({ pid }) => pid === 99)?.writeBytesPerSecond).toBe(4_000_000);
    expect(forgotten.some(({ pid }) => pid === 99)).toBe(false);
  });
});
