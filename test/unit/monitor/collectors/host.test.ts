import { describe, expect, it } from 'vitest';
import { bytes, epochMs, type Ms, ms, ratio } from '../../../../src/domain/units.ts';
import { createHostCollector } from '../../../../src/monitor/collectors/host.ts';
import type { ProcReader } from '../../../../src/platform/proc.ts';

const GIB = 1_073_741_824;

/** A host at rest with 2 cores and no swap; `over` says what is different. */
function proc(over: Partial<ProcReader> = {}): ProcReader {
  return {
    cpu: () => ({ busy: 100, total: 1_000, cores: 2 }),
    memory: () => ({
      total: bytes(4 * GIB),
      available: bytes(3 * GIB),
      swapTotal: bytes(0),
      swapFree: bytes(0),
    }),
    load: () => ({ oneMinute: 1, threads: 200 }),
    network: () => ({ received: bytes(1_000), sent: bytes(500) }),
    disks: () => ({ read: bytes(0), written: bytes(0) }),
    pressure: () => null,
    writes: () => null,
    argv: () => [],
    uptime: () => null,
    bootId: () => null,
    pids: () => null,
    mounts: () => null,
    process: () => null,
    processes: async () => null,
    close: () => {},
    ...over,
  };
}

function setUp() {
  const source = { now: proc() };
  const through = new Proxy(proc(), { get: (_, key) => Reflect.get(source.now, key) });
  const collector = createHostCollector(through);
  let monotonic = 0;
  async function beat(next: ProcReader, span = 5_000) {
    source.now = next;
    monotonic += span;
    const now = { at: epochMs(0), monotonic: ms(monotonic) };
    const readings = await collector.collect(now, new AbortController().signal);
    return Object.fromEntries(readings.map((reading) => [reading.metric, reading.value]));
  }
  return { collector, beat };
}

const waited = (total: number) => ({ some: ratio(0), full: null, someTotal: ms(total) as Ms });

describe('createHostCollector', () => {
  it('has levels at once and rates from the second beat on', async () => {
    const { beat } = setUp();

    expect(await beat(proc())).toEqual({ memory: 0.25, load_per_core: 0.5 });
    const second = proc({
      cpu: () => ({ busy: 600, total: 2_000, cores: 2 }),
      network: () => ({ received: bytes(11_000), sent: bytes(500) }),
      disks: () => ({ read: bytes(5_000), written: bytes(5_000) }),
    });
    expect(await beat(second)).toEqual({
      memory: 0.25,
      load_per_core: 0.5,
      cpu: 0.5,
      net_rx: 2_000,
      net_tx: 0,
      disk_io: 2_000,
    });
  });

  it('takes pressure as the share of time in which something waited', async () => {
    const { beat } = setUp();
    await beat(proc({ pressure: () => waited(1_000) }));

    const readings = await beat(proc({ pressure: (one) => waited(one === 'cpu' ? 3_000 : 1_000) }));

    expect(readings).toMatchObject({ pressure_cpu: 0.4, pressure_memory: 0, pressure_io: 0 });
  });

  it('leaves out what this host never had, and calls unknown what it had', async () => {
    const { collector, beat } = setUp();
    await beat(proc());
    await beat(proc());

    const blind = await beat(proc({ memory: () => null, network: () => null }));

    expect(blind).toMatchObject({ memory: null, net_rx: null, net_tx: null });
    expect(Object.keys(blind)).not.toContain('swap');
    expect(Object.keys(blind)).not.toContain('pressure_cpu');
    expect(collector.metrics()).toContain('net_rx');
  });

  it('calls a counter that fell unknown, never a negative rate', async () => {
    const { beat } = setUp();
    await beat(proc());
    await beat(proc());

    expect(await beat(proc({ network: () => ({ received: bytes(1), sent: bytes(500) }) }))).toMatchObject({
      net_rx: null,
      net_tx: 0,
      cpu: null,
    });
  });

  it('shows swap where there is some', async () => {
    const swapping = proc({
      memory: () => ({
        total: bytes(GIB),
        available: bytes(GIB),
        swapTotal: bytes(GIB),
        swapFree: bytes(GIB / 4),
      }),
    });

    expect(await setUp().beat(swapping)).toMatchObject({ swap: 0.75 });
  });
});
