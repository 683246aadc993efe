import { describe, expect, it } from 'vitest';
import { bytes, ms } from '../../../src/domain/units.ts';
import { createProcReader } from '../../../src/platform/proc.ts';
import { createProcessTable } from '../../../src/platform/process-identity.ts';
import type { ProcessStat } from '../../../src/platform/process-stat.ts';

const stat = (startTicks: number, state = 'S'): ProcessStat => ({
  pid: 4_711,
  name: 'node',
  state,
  ppid: 1,
  group: 1,
  cpuTime: ms(0),
  resident: bytes(0),
  threads: 1,
  startTicks,
});
const table = (seen: ProcessStat | null, exists = true, bootId: string | null = 'boot-1') =>
  createProcessTable({ proc: { process: () => seen, bootId: () => bootId }, exists: () => exists });
const meant = { pid: 4_711, startTicks: 100, bootId: 'boot-1' };

describe('createProcessTable', () => {
  it.each([
    ['the same process', table(stat(100)), meant, 'alive'],
    ['another process with its pid', table(stat(200)), meant, 'dead'],
    ['its zombie', table(stat(100, 'Z')), meant, 'dead'],
    ['a pid that is free', table(null, false), meant, 'dead'],
    ['a process of an earlier boot', table(stat(100), true, 'boot-2'), meant, 'dead'],
    ['a process that /proc hides', table(null, true), meant, 'unknown'],
    ['a pid without a recorded start', table(stat(100)), { ...meant, startTicks: null }, 'unknown'],
    [
      'a pid on a system without /proc',
      table(null, true, null),
      { pid: 4_711, startTicks: null, bootId: null },
      'alive',
    ],
  ])('judges %s', (_, processes, identity, liveness) => {
    expect(processes.liveness(identity)).toBe(liveness);
  });

  it('knows this very process, and that nobody has an impossible pid', () => {
    const processes = createProcessTable({ proc: createProcReader() });

    expect(processes.liveness(processes.identify(process.pid))).toBe('alive');
    expect(processes.liveness({ pid: -1, startTicks: null, bootId: null })).toBe('dead');
  });
});
