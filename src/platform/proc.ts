/**
 * What Linux tells about itself, without starting a process. Every reader gives `null` where it cannot be known:
 * on another system, in a jail that hides it, or when the kernel is too old.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { type Ms, seconds } from '../domain/units.ts';
import {
  type CpuTimes,
  type DiskTraffic,
  type LoadState,
  type MemoryState,
  type Mount,
  type Pressure,
  parseCpu,
  parseDisks,
  parseLoad,
  parseMemory,
  parseMounts,
  parseNetwork,
  parsePressure,
  type Traffic,
} from './proc-parse.ts';
import {
  type KernelUnits,
  type ProcessStat,
  type ProcessWrites,
  parseKernelUnits,
  parseProcessIo,
  parseProcessStat,
} from './process-stat.ts';
import { parseCommandLine } from './process-title.ts';
import { createVirtualFiles, type VirtualFiles } from './virtual-file.ts';

/** So many processes are read before others get a turn. */
const PROCESSES_A_TURN = 100;

/** Threads in use against the tightest limit that holds for us. */
export interface PidUse {
  readonly used: number;
  readonly most: number;
}

export interface ProcReader {
  cpu(): CpuTimes | null;
  memory(): MemoryState | null;
  load(): LoadState | null;
  network(): Traffic | null;
  disks(): DiskTraffic | null;
  pressure(resource: 'cpu' | 'memory' | 'io'): Pressure | null;
  /** Since boot. */
  uptime(): Ms | null;
  /** Changes with every boot. */
  bootId(): string | null;
  pids(): PidUse | null;
  mounts(): readonly Mount[] | null;
  process(pid: number): ProcessStat | null;
  /** `null` = gone, or not ours to see. */
  writes(pid: number): ProcessWrites | null;
  /** Its command line; empty where it cannot be seen. Not for showing: there may be a secret in it. */
  argv(pid: number): readonly string[];
  /** All that can be seen. Gives way to others while it reads. */
  processes(): Promise<readonly ProcessStat[] | null>;
  /** Closes what it keeps open; it can be used again. */
  close(): void;
}

export interface ProcRoots {
  readonly proc: string;
  readonly cgroup: string;
}

const SYSTEM_ROOTS: ProcRoots = { proc: '/proc', cgroup: '/sys/fs/cgroup' };

export function createProcReader(roots: ProcRoots = SYSTEM_ROOTS): ProcReader {
  const files = createVirtualFiles();
  const units = readUnits(roots.proc);
  const read = <T>(path: string, parse: (text: string) => T | null): T | null => {
    const text = files.read(join(roots.proc, path));
    return text === null ? null : parse(text);
  };
  const process = (pid: number): ProcessStat | null => {
    const text = files.readOnce(`${roots.proc}/${pid}/stat`);
    return text === null ? null : parseProcessStat(text, units);
  };

  return {
    cpu: () => read('stat', parseCpu),
    memory: () => read('meminfo', parseMemory),
    load: () => read('loadavg', parseLoad),
    network: () => read('self/net/dev', parseNetwork),
    disks: () => read('diskstats', parseDisks),
    pressure: (resource) => read(`pressure/${resource}`, parsePressure),
    uptime: () => read('uptime', (text) => asNumber(text.split(' ')[0], seconds)),
    bootId: () => read('sys/kernel/random/boot_id', (text) => text.trim() || null),
    pids: () => tightest([systemPids(read), cgroupPids(files, roots)]),
    mounts: () => read('self/mounts', parseMounts),
    process,
    writes(pid) {
      const text = files.readOnce(`${roots.proc}/${pid}/io`);
      return text === null ? null : parseProcessIo(text);
    },
    argv: (pid) => parseCommandLine(files.readOnce(`${roots.proc}/${pid}/cmdline`) ?? ''),
    processes: () => readProcesses(roots.proc, process),
    close: () => files.close(),
  };
}

type Read = <T>(path: string, parse: (text: string) => T | null) => T | null;

function systemPids(read: Read): PidUse | null {
  const used = read('loadavg', parseLoad)?.threads ?? null;
  const pidMax = read('sys/kernel/pid_max', wholeNumber);
  const threadsMax = read('sys/kernel/threads-max', wholeNumber);
  if (used === null || pidMax === null) return null;
  return { used, most: Math.min(pidMax, threadsMax ?? pidMax) };
}

/** The limit of our own control group, version 2 or 1: what `TasksMax` and containers set. */
function cgroupPids(files: VirtualFiles, { proc, cgroup }: ProcRoots): PidUse | null {
  const groups = files.read(join(proc, 'self/cgroup')) ?? '';
  const unified = /^0::(.*)$/m.exec(groups)?.[1];
  const legacy = /^\d+:(?:[^:]*,)?pids(?:,[^:]*)?:(.*)$/m.exec(groups)?.[1];
  const folders = [
    unified === undefined ? undefined : join(cgroup, unified),
    legacy === undefined ? undefined : join(cgroup, 'pids', legacy),
  ];
  return tightest(
    folders.map((folder) => {
      if (folder === undefined) return null;
      const used = wholeNumber(files.read(join(folder, 'pids.current')) ?? '');
      const most = wholeNumber(files.read(join(folder, 'pids.max')) ?? ''); // `max` is no number: no limit
      return used === null || most === null ? null : { used, most };
    }),
  );
}

function tightest(uses: readonly (PidUse | null)[]): PidUse | null {
  const known = uses.filter((use) => use !== null);
  return known.toSorted((a, b) => b.used / b.most - a.used / a.most)[0] ?? null;
}

async function readProcesses(
  root: string,
  process: (pid: number) => ProcessStat | null,
): Promise<readonly ProcessStat[] | null> {
  const pids = listPids(root);
  const found: ProcessStat[] = [];
  for (let at = 0; at < pids.length; at += PROCESSES_A_TURN) {
    if (at > 0) await nextTurn();
    for (const pid of pids.slice(at, at + PROCESSES_A_TURN)) {
      const stat = process(pid);
      if (stat !== null) found.push(stat); // else it ended between listing and reading
    }
  }
  return found.length === 0 ? null : found;
}

function listPids(root: string): readonly number[] {
  try {
    return readdirSync(root)
      .map(Number)
      .filter((pid) => Number.isInteger(pid));
  } catch {
    return []; // no /proc here: the caller hears that nothing is known
  }
}

function readUnits(root: string): KernelUnits {
  try {
    return parseKernelUnits(readFileSync(join(root, 'self/auxv')));
  } catch {
    return parseKernelUnits(Buffer.alloc(0)); // the usual values
  }
}

function wholeNumber(text: string): number | null {
  return /^\d+\s*$/.test(text) ? Number(text) : null;
}

function asNumber<T>(text: string | undefined, make: (value: number) => T): T | null {
  const value = Number.parseFloat(text ?? '');
  return Number.isNaN(value) ? null : make(value);
}
