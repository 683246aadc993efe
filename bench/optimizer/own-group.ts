/**
 * A control group for one run on a machine that others use too: what the run uses is counted by the kernel, it goes
 * before what the others do, and the bot in it reads a /proc/stat that tells the use of the group alone, as LXCFS
 * gives to a container. Needs root and a mounted cgroup2 tree.
 */
import { existsSync, mkdirSync, openSync, readFileSync, rmdirSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';

const TICKS = 100;
const WIDTH = 14;
const MOST_SHARES = '262144';
const V1_CPU = '/sys/fs/cgroup/cpu';

export interface OwnGroup {
  /** Seconds of processor time used in it so far. */
  used(): number;
  /** A file to be bound over /proc/stat; written anew by `refresh`. */
  readonly statFile: string;
  refresh(): void;
  /** Puts a process into it, with all that it starts. */
  add(pid: number): void;
  remove(): void;
}

export function createOwnGroup(folder: string, cores: number): OwnGroup {
  const name = `nightshift-bench-${process.pid}`;
  const tree = /^\S+ (\S+) cgroup2 /m.exec(readFileSync('/proc/mounts', 'utf8'))?.[1];
  if (tree === undefined) throw new Error('no cgroup2 tree is mounted');
  const group = join(tree, name);
  mkdirSync(group);
  const weighed = existsSync(join(V1_CPU, 'cpu.shares')) ? join(V1_CPU, name) : null;
  if (weighed !== null) {
    mkdirSync(weighed);
    writeFileSync(join(weighed, 'cpu.shares'), MOST_SHARES);
  }
  const statFile = join(folder, 'stat');
  const file = openSync(statFile, 'w+');
  const begun = performance.now();
  const used = (): number =>
    Number(/^usage_usec (\d+)/m.exec(readFileSync(join(group, 'cpu.stat'), 'utf8'))?.[1]) / 1e6;
  const made: OwnGroup = {
    used,
    statFile,
    refresh() {
      const busy = used() * TICKS;
      const all = ((performance.now() - begun) / 1_000) * TICKS * cores;
      writeSync(file, statText(busy, Math.max(0, all - busy), cores), 0);
    },
    add(pid) {
      writeFileSync(join(group, 'cgroup.procs'), String(pid));
      if (weighed !== null) writeFileSync(join(weighed, 'cgroup.procs'), String(pid));
    },
    remove() {
      for (const path of [group, weighed]) if (path !== null) rmdirSync(path);
    },
  };
  made.refresh();
  return made;
}

/** Always of the same length, so that a reader never sees half of an older one. */
function statText(busy: number, idle: number, cores: number): string {
  const line = (label: string, share: number): string => {
    const cells = [busy * share, 0, 0, idle * share, 0, 0, 0, 0, 0, 0];
    return `${label} ${cells.map((cell) => String(Math.round(cell)).padStart(WIDTH, '0')).join(' ')}\n`;
  };
  const single = Array.from({ length: cores }, (_, core) => line(`cpu${core}`, 1 / cores));
  return `${line('cpu', 1)}${single.join('')}btime ${Math.round(Date.now() / 1_000)}\n`;
}
