import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createProcReader, type ProcReader } from '../../../src/platform/proc.ts';
import { temporaryFolder } from '../../support/temp-folder.ts';

interface Tree {
  readonly reader: ProcReader;
  readonly root: string;
  write(path: string, text: string): void;
}

function tree(): Tree {
  const root = temporaryFolder();
  const reader = createProcReader({ proc: join(root, 'proc'), cgroup: join(root, 'cgroup') });
  onTestFinished(() => reader.close());
  return {
    reader,
    root,
    write(path, text) {
      mkdirSync(join(root, path, '..'), { recursive: true });
      writeFileSync(join(root, path), text);
    },
  };
}

const onLinux = process.platform === 'linux';

describe('createProcReader', () => {
  it('knows nothing where there is no /proc', async () => {
    const { reader } = tree();

    expect(reader.cpu()).toBeNull();
    expect(reader.memory()).toBeNull();
    expect(reader.load()).toBeNull();
    expect(reader.network()).toBeNull();
    expect(reader.disks()).toBeNull();
    expect(reader.pressure('io')).toBeNull();
    expect(reader.uptime()).toBeNull();
    expect(reader.bootId()).toBeNull();
    expect(reader.pids()).toBeNull();
    expect(reader.mounts()).toBeNull();
    expect(reader.process(1)).toBeNull();
    expect(await reader.processes()).toBeNull();
  });

  it('reads anew each time, and knows nothing once a file is gone and closed', () => {
    const { reader, write, root } = tree();
    write('proc/uptime', '12.5 20.0\n');
    const first = reader.uptime();
    write('proc/uptime', '17.5 30.0\n');
    const second = reader.uptime();
    rmSync(join(root, 'proc/uptime'));
    reader.close();

    expect([first, second, reader.uptime()]).toEqual([12_500, 17_500, null]);
  });

  it('reads a text of many pages whole', () => {
    const { reader, write } = tree();
    const row = (n: number): string => ` eth${n}: 10 1 0 0 0 0 0 0 20 1 0 0 0 0 0 0\n`;
    write('proc/self/net/dev', Array.from({ length: 5_000 }, (_, n) => row(n)).join(''));

    expect(reader.network()).toEqual({ received: 50_000, sent: 100_000 });
  });

  it('compares threads with the tightest limit', () => {
    const { reader, write } = tree();
    write('proc/loadavg', '0.1 0.1 0.1 1/400 99\n');
    write('proc/sys/kernel/pid_max', '32768\n');
    write('proc/sys/kernel/threads-max', '10000\n');
    expect(reader.pids()).toEqual({ used: 400, most: 10_000 });

    write('proc/self/cgroup', '4:cpu,pids:/legacy\n0::/system.slice/nightshift.service\n');
    write('cgroup/system.slice/nightshift.service/pids.current', '30\n');
    write('cgroup/system.slice/nightshift.service/pids.max', 'max\n');
    expect(reader.pids()).toEqual({ used: 400, most: 10_000 });

    write('cgroup/pids/legacy/pids.current', '30\n');
    write('cgroup/pids/legacy/pids.max', '32\n');
    expect(reader.pids()).toEqual({ used: 30, most: 32 });
  });

  it.runIf(onLinux)('tells of this very machine and process', async () => {
    const reader = createProcReader();
    onTestFinished(() => reader.close());

    const all = await reader.processes();
    const own = reader.process(process.pid);

    expect(reader.cpu()?.cores).toBeGreaterThan(0);
    expect(reader.memory()?.total).toBeGreaterThan(0);
    expect(reader.bootId()).toMatch(/^[0-9a-f-]{36}$/);
    expect(reader.uptime()).toBeGreaterThan(0);
    expect(reader.pids()?.used).toBeGreaterThan(1);
    expect(reader.mounts()?.length).toBeGreaterThan(0);
    expect(own?.resident).toBeGreaterThan(20_000_000);
    expect(own?.ppid).toBe(process.ppid);
    expect(all?.find((stat) => stat.pid === process.pid)?.startTicks).toBe(own?.startTicks);
  });
});
