import type { StatsFs } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { seconds } from '../../../src/domain/units.ts';
import { createDiskReader, realMounts } from '../../../src/platform/disk-usage.ts';
import { createFakeClock } from '../../support/fake-clock.ts';

const mount = (path: string, type = 'ext4', device = `/dev${path}`) => ({ path, type, device });
const answer = (over: Partial<StatsFs> = {}): StatsFs => ({
  type: 0,
  bsize: 4_096,
  blocks: 1_000,
  bfree: 300,
  bavail: 200,
  files: 100,
  ffree: 25,
  ...over,
});

describe('realMounts', () => {
  it('keeps disks, each once, and leaves out what only looks like one', () => {
    const mounts = [
      mount('/proc', 'proc'),
      mount('/', 'overlay', 'overlay'),
      mount('/var/lib/docker/overlay2/x/merged', 'overlay', 'overlay2'),
      mount('/etc/hosts', 'ext4', '/dev/vda1'),
      mount('/data', 'ext4', '/dev/vda1'),
      mount('/data/bind', 'ext4', '/dev/vda1'),
      mount('/net', 'nfs4', 'server:/export'),
      mount('/snap/core', 'squashfs', '/dev/loop0'),
      mount('/backup', 'xfs', '/dev/vdb'),
    ];

    expect(realMounts(mounts).map((entry) => entry.path)).toEqual(['/', '/backup', '/data']);
  });
});

describe('createDiskReader', () => {
  const clock = createFakeClock();

  it('counts as df does: what only root may use is neither used nor left', async () => {
    const disks = createDiskReader({
      clock,
      proc: { mounts: () => [mount('/')] },
      ask: async () => answer(),
    });

    expect(await disks.usage()).toEqual([{ mount: '/', used: 700 / 900, inodes: 0.75, free: 200 * 4_096 }]);
  });

  it('does not know the inodes of a file system that has none', async () => {
    const disks = createDiskReader({
      clock,
      proc: { mounts: () => [mount('/')] },
      ask: async () => answer({ files: 0, ffree: 0 }),
    });

    expect((await disks.usage())[0]?.inodes).toBeNull();
  });

  it('asks a mount that hangs only once, and knows the others', async () => {
    let asked = 0;
    const disks = createDiskReader({
      clock,
      proc: { mounts: () => [mount('/'), mount('/dead')] },
      ask: (path) => {
        if (path === '/') return Promise.resolve(answer());
        asked += 1;
        return new Promise(() => {});
      },
    });

    const first = disks.usage();
    await clock.advance(seconds(2));
    const second = await disks.usage();

    expect((await first).map((disk) => disk.used === null)).toEqual([false, true]);
    expect(second.map((disk) => disk.used === null)).toEqual([false, true]);
    expect(asked).toBe(1);
  });

  it('tells of the disk under the root without a mount table', async () => {
    const disks = createDiskReader({ clock, proc: { mounts: () => null } });

    const [root] = await disks.usage();

    expect(root?.mount).toBe('/');
    expect(root?.used).toBeGreaterThan(0);
    expect(await disks.usageOf('/nowhere')).toEqual({
      mount: '/nowhere',
      used: null,
      inodes: null,
      free: null,
    });
  });
});
