import { describe, expect, it } from 'vitest';
import { bytes, epochMs, ms, ratio } from '../../../../src/domain/units.ts';
import { createDiskCollector } from '../../../../src/monitor/collectors/disks.ts';
import { MonitorConfig } from '../../../../src/monitor/config.ts';
import type { DiskReader, DiskUsage } from '../../../../src/platform/disk-usage.ts';
import { live } from '../../../support/memory-ports.ts';

const usage = (mount: string, used: number | null, inodes: number | null): DiskUsage => ({
  mount,
  used: used === null ? null : ratio(used),
  inodes: inodes === null ? null : ratio(inodes),
  free: bytes(1),
});

async function read(file: object, ...beats: readonly (readonly DiskUsage[])[]) {
  let current: readonly DiskUsage[] = [];
  const disks: DiskReader = {
    usage: async () => current,
    usageOf: async (mount) => current.find((one) => one.mount === mount) ?? usage(mount, null, null),
  };
  const collector = createDiskCollector(disks, live(MonitorConfig.parse(file)));
  let readings: Awaited<ReturnType<typeof collector.collect>> = [];
  for (const beat of beats) {
    current = beat;
    readings = await collector.collect({ at: epochMs(0), monotonic: ms(0) }, new AbortController().signal);
  }
  return Object.fromEntries(readings.map((reading) => [reading.metric, reading.value]));
}

describe('createDiskCollector', () => {
  it('shows how full each file system is, inodes where they are counted', async () => {
    expect(await read({}, [usage('/', 0.5, 0.1), usage('/boot', 0.25, null)])).toEqual({
      'disk:/': 0.5,
      'inodes:/': 0.1,
      'disk:/boot': 0.25,
    });
  });

  it('calls one that does not answer unknown', async () => {
    expect(await read({}, [usage('/', 0.5, 0.1)], [usage('/', null, null)])).toEqual({
      'disk:/': null,
      'inodes:/': null,
    });
  });

  it('asks only for those it is told to watch', async () => {
    expect(await read({ mounts: ['/srv'] }, [usage('/', 0.5, null), usage('/srv', 0.75, null)])).toEqual({
      'disk:/srv': 0.75,
    });
  });
});
