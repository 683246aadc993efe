/**
 * How full the file systems are: `disk:<mount>` and `inodes:<mount>`.
 *
 * As configured, else every real file system of this host. One that does not answer is unknown; a file system
 * that counts no inodes has none here.
 */
import type { MetricName } from '../../domain/metric.ts';
import type { Live } from '../../domain/ports.ts';
import type { DiskReader, DiskUsage } from '../../platform/disk-usage.ts';
import type { Collector, Reading } from '../collector.ts';
import type { MonitorConfig } from '../config.ts';

export function createDiskCollector(disks: DiskReader, config: Live<MonitorConfig>): Collector {
  const countsInodes = new Set<string>();
  let last: readonly MetricName[] = [];

  function readings({ mount, used, inodes }: DiskUsage): readonly Reading[] {
    if (inodes !== null) countsInodes.add(mount);
    const disk: Reading = { metric: `disk:${mount}`, value: used };
    return countsInodes.has(mount) ? [disk, { metric: `inodes:${mount}`, value: inodes }] : [disk];
  }

  return {
    name: 'disks',
    metrics: () => last,
    async collect() {
      const { mounts } = config.current();
      const usages =
        mounts === null
          ? await disks.usage()
          : await Promise.all(mounts.map((mount) => disks.usageOf(mount)));
      const found = usages.flatMap(readings);
      last = found.map((reading) => reading.metric);
      return found;
    },
  };
}
