/** A real Docker Engine API, served by podman, for one test file. See podman-host.sh. */
import { execFile, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { until } from './until.ts';

const exec = promisify(execFile);
const SCRIPT = new URL('podman-host.sh', import.meta.url).pathname;
/** A machine without delegated control groups, without a network of its own, with low limits of its own. */
const MODEST = [
  '--cgroups=disabled',
  '--network=none',
  '--ulimit=nofile=1024:1024',
  '--ulimit=nproc=1024:1024',
];

export interface PodmanHost {
  readonly socketPath: string;
  /** Runs a container of the busybox image. */
  run(name: string, command: readonly string[], options?: readonly string[]): Promise<void>;
  podman(...args: readonly string[]): Promise<string>;
  /** Ends the API as a crash of the engine would; containers live on. */
  breakApi(): Promise<void>;
  stop(): Promise<void>;
}

export async function startPodmanHost(): Promise<PodmanHost> {
  const folder = mkdtempSync(join(tmpdir(), 'nightshift-podman-'));
  const socketPath = join(folder, 'docker.sock');
  const service = spawn('/usr/bin/unshare', ['-m', SCRIPT, folder], { stdio: 'ignore' });
  const isOver = (): boolean => service.exitCode !== null || service.signalCode !== null;
  await until('the API is there', () => existsSync(socketPath), 30_000);
  const podman = async (...args: readonly string[]): Promise<string> => {
    const enter = ['-t', String(service.pid), '-m', '/usr/bin/podman', ...storage(folder)];
    return (await exec('/usr/bin/nsenter', [...enter, ...args])).stdout;
  };
  const breakApi = async (): Promise<void> => {
    service.kill('SIGKILL');
    await until('the API is gone', isOver);
    rmSync(socketPath, { force: true });
  };
  return {
    socketPath,
    podman,
    async run(name, command, options = []) {
      await podman('run', '-d', '--name', name, ...MODEST, ...options, 'patient', ...command);
    },
    breakApi,
    async stop() {
      if (!isOver()) {
        await podman('rm', '-f', '-t', '0', '-a').catch(() => {}); // what is left ends with the folder
        await breakApi();
      }
      await exec('/usr/bin/umount', ['-R', join(folder, 'root', 'overlay')]).catch(() => {}); // often not mounted
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** The same folders as the service, so that both see the same containers. */
function storage(folder: string): readonly string[] {
  return [
    '--root',
    join(folder, 'root'),
    '--runroot',
    join(folder, 'run'),
    '--tmpdir',
    join(folder, 'tmp'),
    '--runtime',
    'crun',
    '--cgroup-manager',
    'cgroupfs',
    '--events-backend',
    'file',
  ];
}
