import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isDead, parseKernelUnits, parseProcessStat } from '../../../src/platform/process-stat.ts';

const units = { ticksPerSecond: 100, pageBytes: 4_096 };
const line = (name: string, state = 'S'): string =>
  `4711 (${name}) ${state} 1 4700 4700 0 -1 4194304 99 0 0 0 250 50 7 7 20 0 12 0 330498 3133440 380 18446744073709551615 1 1 1`;

describe('parseProcessStat', () => {
  it('reads time, memory and start of a process', () => {
    expect(parseProcessStat(line('node'), units)).toEqual({
      pid: 4_711,
      name: 'node',
      state: 'S',
      ppid: 1,
      group: 4_700,
      cpuTime: 3_000,
      resident: 380 * 4_096,
      threads: 12,
      startTicks: 330_498,
    });
  });

  it('is not led astray by any name', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 15 }), (name) => {
        expect(parseProcessStat(line(name), units)).toMatchObject({ pid: 4_711, name, startTicks: 330_498 });
      }),
    );
    expect(parseProcessStat(line('a) R 1 (b'), units)?.state).toBe('S');
  });

  it('knows nothing from half a line', () => {
    for (const text of ['', '4711', '4711 (node', '4711 (node) S 1 2']) {
      expect(parseProcessStat(text, units)).toBeNull();
    }
  });
});

describe('isDead', () => {
  it('takes a zombie for dead', () => {
    const states = ['R', 'S', 'D', 'T', 'Z', 'X'].filter((state) => {
      const stat = parseProcessStat(line('node', state), units);
      return stat !== null && isDead(stat);
    });

    expect(states).toEqual(['Z', 'X']);
  });
});

describe('parseKernelUnits', () => {
  it('reads page size and tick from the auxiliary vector, and takes the usual ones without it', () => {
    const auxv = Buffer.alloc(48);
    for (const [at, word] of [6n, 65_536n, 17n, 250n, 0n, 0n].entries()) auxv.writeBigUInt64LE(word, at * 8);

    expect(parseKernelUnits(auxv)).toEqual({ ticksPerSecond: 250, pageBytes: 65_536 });
    expect(parseKernelUnits(Buffer.alloc(0))).toEqual(units);
  });
});
