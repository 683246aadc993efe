import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ms } from '../../../src/domain/units.ts';
import {
  busyBetween,
  parseCpu,
  parseDisks,
  parseLoad,
  parseMemory,
  parseMounts,
  parseNetwork,
  parsePressure,
  ratePerSecond,
} from '../../../src/platform/proc-parse.ts';

describe('parseCpu', () => {
  it('counts idle and waiting for disks as not busy, and guests once', () => {
    const text = 'cpu  100 10 50 800 40 5 5 10 60 0\ncpu0 1 2 3 4\ncpu1 1 2 3 4\nintr 1234\n';

    expect(parseCpu(text)).toEqual({ busy: 180, total: 1_020, cores: 2 });
  });

  it('knows nothing from a text that is no /proc/stat', () => {
    for (const text of ['', 'intr 1', 'cpu  a b c d']) expect(parseCpu(text)).toBeNull();
  });
});

describe('busyBetween', () => {
  const at = (busy: number, total: number) => ({ busy, total, cores: 2 });

  it('gives the share of time that was busy, or nothing where no time lies between', () => {
    expect(busyBetween(at(100, 1_000), at(150, 1_200))).toBe(0.25);
    expect(busyBetween(at(100, 1_000), at(100, 1_000))).toBeNull();
    expect(busyBetween(at(100, 1_000), at(10, 50))).toBeNull();
  });

  it('is never outside 0 to 1', () => {
    const reading = fc.record({ busy: fc.nat(), total: fc.nat(), cores: fc.constant(2) });
    fc.assert(
      fc.property(reading, reading, (before, after) => {
        const share = busyBetween(before, after);
        if (share === null) return;

        expect(share).toBeGreaterThanOrEqual(0);
        expect(share).toBeLessThanOrEqual(1);
      }),
    );
  });
});

describe('ratePerSecond', () => {
  it('gives the growth a second, and nothing for a counter that fell', () => {
    expect(ratePerSecond(1_000, 6_000, ms(2_500))).toBe(2_000);
    expect(ratePerSecond(6_000, 1_000, ms(2_500))).toBeNull();
    expect(ratePerSecond(1_000, 6_000, ms(0))).toBeNull();
  });
});

describe('parseMemory', () => {
  const text =
    'MemTotal:  2000 kB\nMemFree: 1 kB\nMemAvailable:  500 kB\nSwapTotal: 100 kB\nSwapFree: 40 kB\n';

  it('reads what is available, not what is merely free', () => {
    expect(parseMemory(text)).toEqual({
      total: 2_048_000,
      available: 512_000,
      swapTotal: 102_400,
      swapFree: 40_960,
    });
  });

  it('knows nothing when a line is missing', () => {
    for (const line of text
      .trim()
      .split('\n')
      .filter((entry) => !entry.startsWith('MemFree'))) {
      expect(parseMemory(text.replace(line, ''))).toBeNull();
    }
  });
});

describe('parseLoad', () => {
  it('reads the load of the last minute and the number of threads', () => {
    expect(parseLoad('3.60 3.46 2.62 3/412 29100\n')).toEqual({ oneMinute: 3.6, threads: 412 });
    expect(parseLoad('no load')).toBeNull();
  });
});

describe('parseNetwork', () => {
  it('adds up the real interfaces and leaves out those that repeat them', () => {
    const row = (name: string, rx: number, tx: number): string =>
      `${name.padStart(6)}:${rx} 1 0 0 0 0 0 0 ${tx} 1 0 0 0 0 0 0\n`;
    const text = `Inter-|   Receive  |  Transmit\n face |bytes |bytes\n${row('lo', 900, 900)}${row('eth0', 100, 10)}${row('wlan0', 50, 5)}${row('docker0', 70, 7)}${row('veth12ab', 70, 7)}${row('eth0.10', 30, 3)}`;

    expect(parseNetwork(text)).toEqual({ received: 150, sent: 15 });
    expect(parseNetwork('')).toBeNull();
  });
});

describe('parseDisks', () => {
  const row = (name: string, read: number, written: number): string =>
    ` 254 0 ${name} 1 0 ${read} 0 1 0 ${written} 0 0 0 0\n`;

  it('adds up whole disks, not their partitions nor what lies over them', () => {
    const text = ['sda', 'sda1', 'nvme0n1', 'nvme0n1p1', 'dm-0', 'md0', 'loop0', 'zram0']
      .map((name) => row(name, 10, 2))
      .join('');

    expect(parseDisks(text)).toEqual({ read: 20 * 512, written: 4 * 512 });
  });

  it('counts a partition that comes without its disk, as on some virtual machines', () => {
    expect(parseDisks(row('xvda1', 10, 2))).toEqual({ read: 5_120, written: 1_024 });
    expect(parseDisks(row('loop0', 10, 2))).toBeNull();
  });
});

describe('parsePressure', () => {
  it('reads shares as ratios, and says nothing of what the kernel leaves out', () => {
    const some = 'some avg10=13.48 avg60=38.15 avg300=38.15 total=457181502\n';

    expect(parsePressure(`${some}full avg10=2.00 avg60=0.00 avg300=0.00 total=0\n`)).toEqual({
      some: 0.1348,
      full: 0.02,
      someTotal: 457_181.502,
    });
    expect(parsePressure(some)?.full).toBeNull();
    expect(parsePressure('')).toBeNull();
  });
});

describe('parseMounts', () => {
  it('reads names with spaces', () => {
    expect(parseMounts('/dev/sda1 /mnt/my\\040disk ext4 rw 0 0\nbroken\n')).toEqual([
      { device: '/dev/sda1', path: '/mnt/my disk', type: 'ext4' },
    ]);
  });
});
