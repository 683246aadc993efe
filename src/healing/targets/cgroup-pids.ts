/**
 * The processes of a service by its control group, which also knows children that left their parent. Read from
 * files, without a fork; where the group cannot be read it is the main process alone.
 */
import { readFileSync } from 'node:fs';

const MOST = 100;
/** Where a unified tree, one beside the old ones, and the old tree of systemd have it. */
const ROOTS = ['/sys/fs/cgroup', '/sys/fs/cgroup/unified', '/sys/fs/cgroup/systemd'];

/** @param group Path inside the tree; empty or `/` = it has none of its own. */
export function groupPids(
  group: string,
  mainPid: number,
  roots: readonly string[] = ROOTS,
): readonly number[] {
  const alone = mainPid > 0 ? [mainPid] : [];
  if (group === '' || group === '/' || group.includes('..')) return alone;
  for (const root of roots) {
    const pids = readPids(`${root}${group}/cgroup.procs`);
    // Another namespace numbers its processes anew: then the file does not have the one we know.
    if (pids.length > 0 && (mainPid === 0 || pids.includes(mainPid))) return pids.slice(0, MOST);
  }
  return alone;
}

/** The group of a process that something else started; empty where it cannot be told. */
export function groupOf(pid: number): string {
  try {
    const lines = readFileSync(`/proc/${pid}/cgroup`, 'utf8').split('\n');
    const line =
      lines.find((one) => one.startsWith('0::')) ?? lines.find((one) => one.includes('name=systemd'));
    return line?.split(':').slice(2).join(':') ?? '';
  } catch {
    return ''; // it ended, or this system has no /proc
  }
}

function readPids(file: string): readonly number[] {
  try {
    return readFileSync(file, 'utf8')
      .split('\n')
      .map(Number)
      .filter((pid) => Number.isInteger(pid) && pid > 0);
  } catch {
    return []; // no such group in this tree
  }
}
