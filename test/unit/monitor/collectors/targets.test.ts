import { describe, expect, it } from 'vitest';
import type { TargetState } from '../../../../src/domain/target.ts';
import { bytes, epochMs, ms } from '../../../../src/domain/units.ts';
import { createTargetCollector } from '../../../../src/monitor/collectors/targets.ts';
import type { ProcessStat } from '../../../../src/platform/process-stat.ts';

function stat(pid: number, cpuTime: number, startTicks = 1): ProcessStat {
  return {
    pid,
    name: 'rpa',
    state: 'S',
    ppid: 1,
    group: 1,
    cpuTime: ms(cpuTime),
    resident: bytes(1_000_000),
    threads: 1,
    startTicks,
  };
}

function setUp(state: Partial<TargetState>) {
  const states: TargetState[] = [{ name: 'rpa', up: true, pids: [], reason: '', ...state }];
  const processes = new Map<number, ProcessStat>();
  const collector = createTargetCollector({ states: () => states }, (pid) => processes.get(pid) ?? null);
  let monotonic = 0;
  async function beat(...stats: readonly ProcessStat[]) {
    processes.clear();
    for (const one of stats) processes.set(one.pid, one);
    monotonic += 5_000;
    const now = { at: epochMs(0), monotonic: ms(monotonic) };
    const readings = await collector.collect(now, new AbortController().signal);
    return Object.fromEntries(readings.map((reading) => [reading.metric, reading.value]));
  }
  return { collector, beat };
}

describe('createTargetCollector', () => {
  it('says up, down or unknown as the watch of the targets does', async () => {
    expect(await setUp({ up: true }).beat()).toEqual({ 'target_up:rpa': 1 });
    expect(await setUp({ up: false }).beat()).toEqual({ 'target_up:rpa': 0 });
    expect(await setUp({ up: null }).beat()).toEqual({ 'target_up:rpa': null });
  });

  it('adds up what the processes of a target use', async () => {
    const { beat } = setUp({ pids: [7, 8] });
    await beat(stat(7, 0), stat(8, 0));

    expect(await beat(stat(7, 2_500), stat(8, 500))).toEqual({
      'target_up:rpa': 1,
      'target_memory:rpa': 2_000_000,
      'target_cpu:rpa': 0.6,
    });
  });

  it('does not take a pid that was used again for the same process', async () => {
    const { beat } = setUp({ pids: [7] });
    await beat(stat(7, 60_000));

    expect(await beat(stat(7, 10, 99))).not.toHaveProperty('target_cpu:rpa');
  });

  it('knows no memory of a target of which one process cannot be read', async () => {
    expect(await setUp({ pids: [7, 8] }).beat(stat(7, 0))).toMatchObject({ 'target_memory:rpa': null });
  });

  it('passes on why a target is down', async () => {
    const { collector, beat } = setUp({ up: false, reason: 'exited with code 1' });
    await beat();

    expect(collector.reason('target_up:rpa')).toBe('exited with code 1');
    expect(collector.reason('target_up:other')).toBe('');
  });
});
