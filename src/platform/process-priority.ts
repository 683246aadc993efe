/**
 * The nice value of processes. On Linux it belongs to each thread, so all threads of a process are set; what they
 * start afterwards inherits it.
 *
 * Making a process nicer is allowed to its owner, taking it back is not: `mayTakeBack` tells before anything is done.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { getPriority, setPriority } from 'node:os';

/** CAP_SYS_NICE as a bit of CapEff. */
const SYS_NICE = 1n << 23n;

export interface PriorityDoor {
  /** `null` = gone, or not to be read. */
  nice(pid: number): number | null;
  /** Every thread there is now; the process itself where threads cannot be listed. */
  threads(pid: number): readonly number[];
  /** False where it was not allowed; a thread that ended meanwhile is no failure. */
  setNice(pid: number, nice: number): boolean;
  mayTakeBack(): boolean;
}

export function createPriorityDoor(): PriorityDoor {
  return {
    nice(pid) {
      try {
        return getPriority(pid);
      } catch {
        return null; // gone
      }
    },
    threads,
    setNice: (pid, nice) => threads(pid).every((thread) => setThread(thread, nice)),
    mayTakeBack,
  };
}

function threads(pid: number): readonly number[] {
  try {
    return readdirSync(`/proc/${pid}/task`).map(Number);
  } catch {
    return [pid]; // no /proc, or it is gone: setting it will tell
  }
}

function setThread(thread: number, nice: number): boolean {
  try {
    setPriority(thread, nice);
    return true;
  } catch (cause) {
    return (cause as { readonly info?: { readonly code?: string } }).info?.code === 'ESRCH';
  }
}

function mayTakeBack(): boolean {
  try {
    const effective = /^CapEff:\s*([0-9a-f]+)$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1];
    return effective !== undefined && (BigInt(`0x${effective}`) & SYS_NICE) !== 0n;
  } catch {
    return process.getuid?.() === 0; // no /proc: root may
  }
}
