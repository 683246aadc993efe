/**
 * Children of a command that left its process group (setsid, a double fork) and would outlive its end. They are
 * known by a mark in their environment, which every child inherits and no other process has.
 */
import { readdirSync, readFileSync } from 'node:fs';

export const MARK_VARIABLE = 'NIGHTSHIFT_COMMAND';

/** Kills what carries the mark and counts it. Nothing where the system has no /proc. */
export function killStragglers(mark: string): number {
  const wanted = `${MARK_VARIABLE}=${mark}`;
  let killed = 0;
  for (const pid of pids()) {
    if (!environmentOf(pid).includes(wanted)) continue;
    try {
      process.kill(pid, 'SIGKILL');
      killed += 1;
    } catch {
      // It ended between the look and the signal.
    }
  }
  return killed;
}

function pids(): readonly number[] {
  try {
    return readdirSync('/proc')
      .map(Number)
      .filter((pid) => Number.isInteger(pid) && pid !== process.pid);
  } catch {
    return []; // no /proc here
  }
}

function environmentOf(pid: number): readonly string[] {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0');
  } catch {
    return []; // gone, a zombie, or not ours
  }
}
