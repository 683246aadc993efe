/**
 * Ends a worker and everything that grew out of it: the stop signal to the whole group, time to obey, then KILL.
 *
 * Children that left the group (setsid) still carry the worker's mark and are ended too. Gone means gone or
 * zombie by /proc, never "the signal was sent".
 */
import type { Clock } from '../domain/ports.ts';
import { type Ms, ms } from '../domain/units.ts';
import type { HostProcesses } from './host-processes.ts';

const LOOK_EVERY: Ms = ms(25);
/** After KILL the kernel needs a moment; longer means uninterruptible sleep. */
const KILL_WITHIN: Ms = ms(3_000);
/** A process that forks while it is being killed is found again; not for ever. */
const KILL_ROUNDS = 3;

export interface WorkerTree {
  readonly pid: number;
  /** `null` where the system does not tell. */
  readonly startTicks: number | null;
  readonly pool: string;
  readonly spawnId: string;
  /** False where the leader may be gone for long: its group id may have a new owner, so only marks count. */
  readonly trustGroup: boolean;
}

export interface EndingDeps {
  readonly clock: Clock;
  readonly processes: HostProcesses;
}

export type Ending =
  | { readonly kind: 'ended'; readonly killed: boolean }
  /** Uninterruptible, or not ours to signal. */
  | { readonly kind: 'still_there'; readonly pids: readonly number[] };

/** Ends the leader and all that belongs to it. Resolves when nothing of it lives, or when KILL did not help. */
export async function endTree(
  tree: WorkerTree,
  how: { readonly signal: NodeJS.Signals; readonly within: Ms },
  deps: EndingDeps,
): Promise<Ending> {
  if (await signalAndWait(tree, how.signal, how.within, deps)) return { kind: 'ended', killed: false };
  for (let round = 0; round < KILL_ROUNDS; round += 1) {
    if (await signalAndWait(tree, 'SIGKILL', KILL_WITHIN, deps)) return { kind: 'ended', killed: true };
  }
  return { kind: 'still_there', pids: await livingOf(tree, deps.processes) };
}

/** Everything of the tree that lives now, the leader first where it does. */
async function livingOf(tree: WorkerTree, processes: HostProcesses): Promise<readonly number[]> {
  const leader = isLeaderAlive(tree, processes) ? [tree.pid] : [];
  const group = isGroupOurs(tree, processes) ? await processes.members(tree.pid) : [];
  const marked = (await processes.marked(tree.pool))
    .filter(({ mark }) => mark.spawnId === tree.spawnId)
    .map(({ pid }) => pid);
  return [...new Set([...leader, ...group, ...marked])];
}

async function signalAndWait(
  tree: WorkerTree,
  signal: NodeJS.Signals,
  within: Ms,
  deps: EndingDeps,
): Promise<boolean> {
  const { clock, processes } = deps;
  const living = await livingOf(tree, processes);
  if (living.length === 0) return true;

  const inGroup = isGroupOurs(tree, processes) && processes.signal(-tree.pid, signal) === 'sent';
  for (const pid of living) {
    if (!(inGroup && isMember(pid, tree.pid, processes))) processes.signal(pid, signal);
  }
  const until = clock.monotonic() + within;
  while (living.some((pid) => isAlive(pid, processes))) {
    if (clock.monotonic() >= until) return false;
    await clock.sleep(LOOK_EVERY);
  }
  return (await livingOf(tree, processes)).length === 0;
}

function isLeaderAlive(tree: WorkerTree, processes: HostProcesses): boolean {
  const look = processes.look(tree.pid);
  if (look.kind === 'unknown') return tree.startTicks === null;
  return look.kind === 'alive' && look.startTicks === tree.startTicks;
}

/** A group id is not given to another while one member lives; the leader being a stranger speaks against it. */
function isGroupOurs(tree: WorkerTree, processes: HostProcesses): boolean {
  const look = processes.look(tree.pid);
  return look.kind === 'alive' ? look.startTicks === tree.startTicks : tree.trustGroup;
}

function isMember(pid: number, group: number, processes: HostProcesses): boolean {
  const look = processes.look(pid);
  return look.kind !== 'alive' || look.group === group;
}

function isAlive(pid: number, processes: HostProcesses): boolean {
  const kind = processes.look(pid).kind;
  return kind === 'alive' || kind === 'unknown';
}
