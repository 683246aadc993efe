/**
 * What /proc tells of processes, open files and sockets. No fork, no environment (it holds secrets), bounded.
 * Elsewhere than on Linux it is said that it cannot be read.
 */
import { readdir, readFile, readlink } from 'node:fs/promises';

const MOST_PROCESSES = 500;
const MOST_FILES = 500;
const MOST_SOCKETS = 1_000;
const LONGEST_COMMAND = 300;
/** /proc/net/tcp says states as numbers; these are the ones that tell something. */
const TCP_STATES: Readonly<Record<string, string>> = {
  '01': 'established',
  '02': 'syn_sent',
  '03': 'syn_recv',
  '04': 'fin_wait1',
  '05': 'fin_wait2',
  '06': 'time_wait',
  '07': 'close',
  '08': 'close_wait',
  '09': 'last_ack',
  '0A': 'listen',
  '0B': 'closing',
};

export interface ProcessLine {
  readonly pid: number;
  readonly parent: number | null;
  readonly state: string;
  readonly memoryKilobytes: number | null;
  readonly threads: number | null;
  readonly command: string;
}

export interface SocketLine {
  readonly pid: number;
  readonly local: string;
  readonly remote: string;
  readonly state: string;
}

export async function listProcesses(): Promise<readonly ProcessLine[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number);
  const found: ProcessLine[] = [];
  for (const pid of pids.slice(0, MOST_PROCESSES)) {
    const line = await readProcess(pid);
    if (line !== null) found.push(line);
  }
  return found;
}

/** `null` for a process that ended meanwhile. */
async function readProcess(pid: number): Promise<ProcessLine | null> {
  try {
    const status = await readFile(`/proc/${pid}/status`, 'utf8');
    const args = await readFile(`/proc/${pid}/cmdline`, 'utf8');
    const field = (name: string): string | undefined =>
      new RegExp(`^${name}:\\s+(.+)$`, 'm').exec(status)?.[1]?.trim();
    const number = (name: string): number | null => {
      const text = field(name);
      return text === undefined ? null : Number.parseInt(text, 10);
    };
    const command = args.replaceAll('\0', ' ').trim() || `[${field('Name') ?? '?'}]`;
    return {
      pid,
      parent: number('PPid'),
      state: field('State') ?? 'unknown',
      memoryKilobytes: number('VmRSS'),
      threads: number('Threads'),
      command: command.slice(0, LONGEST_COMMAND),
    };
  } catch {
    return null; // it ended between the listing and the reading
  }
}

export async function readOpenFiles(
  pids: readonly number[],
): Promise<readonly { readonly pid: number; readonly files: readonly string[] }[]> {
  const all: { readonly pid: number; readonly files: readonly string[] }[] = [];
  for (const pid of pids) all.push({ pid, files: await linksOf(pid) });
  return all;
}

export async function readSockets(pids: readonly number[]): Promise<readonly SocketLine[]> {
  const sockets: SocketLine[] = [];
  for (const pid of pids) {
    const inodes = new Set(
      (await linksOf(pid)).flatMap((link) => /^socket:\[(\d+)\]$/.exec(link)?.[1] ?? []),
    );
    for (const table of ['tcp', 'tcp6']) {
      const text = await readFile(`/proc/${pid}/net/${table}`, 'utf8').catch(() => '');
      sockets.push(...parseSockets(text, pid, inodes));
    }
  }
  return sockets.slice(0, MOST_SOCKETS);
}

async function linksOf(pid: number): Promise<readonly string[]> {
  const folder = `/proc/${pid}/fd`;
  const names = await readdir(folder).catch(() => []);
  const links = await Promise.all(
    names.slice(0, MOST_FILES).map((name) => readlink(`${folder}/${name}`).catch(() => null)),
  );
  return links.filter((link) => link !== null);
}

/** Lines of /proc/net/tcp whose inode is among those of the process. */
export function parseSockets(text: string, pid: number, inodes: ReadonlySet<string>): readonly SocketLine[] {
  return text
    .split('\n')
    .slice(1)
    .flatMap((row) => {
      const [, local = '', remote = '', state = '', , , , , , inode = ''] = row.trim().split(/\s+/);
      if (!inodes.has(inode)) return [];
      return [{ pid, local: readable(local), remote: readable(remote), state: TCP_STATES[state] ?? state }];
    });
}

/** `0100007F:1F90` is 127.0.0.1:8080; IPv6 is left in its hexadecimal form. */
function readable(address: string): string {
  const [host = '', port = ''] = address.split(':');
  const bytes =
    host.length === 8 ? (host.match(/../g) ?? []).reverse().map((byte) => Number.parseInt(byte, 16)) : [];
  return `${bytes.length === 4 ? bytes.join('.') : host}:${Number.parseInt(port, 16)}`;
}
