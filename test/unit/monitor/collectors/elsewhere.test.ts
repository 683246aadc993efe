import { describe, expect, it } from 'vitest';
import { epochMs, ms } from '../../../../src/domain/units.ts';
import {
  createElsewhereCollector,
  type SystemInformation,
} from '../../../../src/monitor/collectors/elsewhere.ts';

const well: SystemInformation = {
  currentLoad: async () => ({ currentLoad: 25, cpus: [{}, {}] }),
  mem: async () => ({ total: 4_000, available: 3_000, swaptotal: 0, swapfree: 0 }),
  networkStats: async () => [
    { rx_sec: 100, tx_sec: 10 },
    { rx_sec: 50, tx_sec: 5 },
  ],
};

async function read(over: Partial<SystemInformation>) {
  const collector = createElsewhereCollector(async () => ({ ...well, ...over }));
  const readings = await collector.collect(
    { at: epochMs(0), monotonic: ms(0) },
    new AbortController().signal,
  );
  return Object.fromEntries(readings.map((reading) => [reading.metric, reading.value]));
}

describe('createElsewhereCollector', () => {
  it('reads the host through systeminformation', async () => {
    expect(await read({})).toMatchObject({ cpu: 0.25, memory: 0.25, net_rx: 150, net_tx: 15 });
  });

  it('takes zero and nothing, where they cannot be, for unknown', async () => {
    const blind = await read({
      currentLoad: async () => ({ currentLoad: 0, cpus: [] }),
      mem: async () => ({ total: 0, available: 0, swaptotal: 0, swapfree: 0 }),
      networkStats: async () => [{ rx_sec: null, tx_sec: null }],
    });

    expect(blind).toMatchObject({ cpu: null, memory: null });
    expect(blind).not.toHaveProperty('net_rx');
    expect(blind).not.toHaveProperty('swap');
  });
});
