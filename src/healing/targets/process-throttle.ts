/**
 * Slows processes that stand for themselves (workers of ours, apps of pm2): nice and the disk class of the process and
 * of everything it started. What was found before is in the plan, so that it can be put back.
 *
 * Where the rights to put it back are missing nothing is done: a worker that stays slow for ever is worse.
 */
import type { CommandRunner } from '../../domain/ports.ts';
import type { Outcome } from '../../domain/strategy.ts';
import type { ThrottleAnswer, ThrottlePlan } from '../../domain/throttle.ts';
import { seconds } from '../../domain/units.ts';
import type { ProcReader } from '../../platform/proc.ts';
import type { PriorityDoor } from '../../platform/process-priority.ts';
import type { ProcessStat } from '../../platform/process-stat.ts';
import { failed, succeeded } from './driver.ts';

const NICE = 10;
/** Best effort, last in the queue. Idle would wait for ever beside a busy disk. */
const SLOW_DISK = ['-c', '2', '-n', '7'] as const;
const IONICE_LIMIT = seconds(5);

export interface ProcessThrottleDeps {
  readonly proc: Pick<ProcReader, 'process' | 'processes'>;
  readonly priority: PriorityDoor;
  readonly commands: CommandRunner;
  /** Absolute path of the program, or `null` where it is not installed. */
  readonly ionice: string | null;
}

/** One process as it was before. */
interface Was {
  readonly pid: number;
  readonly startTicks: number;
  readonly nice: number;
  /** As ionice takes it back; `null` where it was not looked at. */
  readonly disk: readonly string[] | null;
}

export async function planProcesses(
  target: string,
  pids: readonly number[],
  deps: ProcessThrottleDeps,
): Promise<ThrottleAnswer> {
  if (pids.length === 0) return { kind: 'cannot', reason: `${target} has no process` };
  if (!deps.priority.mayTakeBack()) {
    return { kind: 'cannot', reason: 'nice could not be taken back without CAP_SYS_NICE, so it is not set' };
  }
  const tree = family(pids, (await deps.proc.processes()) ?? []);
  const was: Was[] = [];
  for (const { pid, startTicks } of tree) {
    const nice = deps.priority.nice(pid);
    if (nice !== null && nice < NICE) was.push({ pid, startTicks, nice, disk: await diskClass(pid, deps) });
  }
  if (was.length === 0) return { kind: 'cannot', reason: `${target} is as nice as it gets` };
  const count = was.length === 1 ? '1 process' : `${was.length} processes`;
  const disk = deps.ionice === null ? '' : ' and last at the disk';
  const plan: ThrottlePlan = {
    target,
    measure: 'slow',
    effect: `nice ${NICE}${disk} for ${count}`,
    undo: `nice and disk class of ${count} as before`,
    token: { kind: 'processes', was },
  };
  return { kind: 'can', plan };
}

/** False once one of the roots has another life. */
export function processesHold(plan: ThrottlePlan, pids: readonly number[]): boolean {
  const known = readWas(plan).map(({ pid }) => pid);
  return pids.every((pid) => known.includes(pid));
}

export async function slowProcesses(plan: ThrottlePlan, deps: ProcessThrottleDeps): Promise<Outcome> {
  const alive = readWas(plan).filter((was) => isSame(was, deps));
  if (alive.length === 0) return failed('its processes are gone');
  for (const { pid } of alive) {
    if (!deps.priority.setNice(pid, NICE)) return failed(`nice of ${pid} could not be set`);
    await setDisk(pid, SLOW_DISK, deps);
  }
  return succeeded(`${plan.effect}: pid ${alive.map(({ pid }) => pid).join(', ')}`);
}

/** A process that a person has set to something else since is theirs. */
export async function releaseProcesses(plan: ThrottlePlan, deps: ProcessThrottleDeps): Promise<Outcome> {
  const alive = readWas(plan).filter((was) => isSame(was, deps));
  for (const { pid, nice, disk } of alive) {
    if (deps.priority.nice(pid) !== NICE) continue;
    if (!deps.priority.setNice(pid, nice)) return failed(`nice of ${pid} could not be put back`);
    if (disk !== null) await setDisk(pid, disk, deps);
  }
  return succeeded(alive.length === 0 ? 'its processes are gone' : (plan.undo ?? ''));
}

/** The processes and all that descend from them. */
function family(roots: readonly number[], all: readonly ProcessStat[]): readonly ProcessStat[] {
  const chosen = new Set(roots);
  for (let before = -1; before !== chosen.size; ) {
    before = chosen.size;
    for (const { pid, ppid } of all) if (chosen.has(ppid)) chosen.add(pid);
  }
  return all.filter(({ pid }) => chosen.has(pid));
}

function isSame({ pid, startTicks }: Was, { proc }: ProcessThrottleDeps): boolean {
  return proc.process(pid)?.startTicks === startTicks;
}

/** `best-effort: prio 4` as arguments that bring it back. */
async function diskClass(
  pid: number,
  { commands, ionice }: ProcessThrottleDeps,
): Promise<readonly string[] | null> {
  if (ionice === null) return null;
  const result = await commands.run({ argv: [ionice, '-p', String(pid)], timeLimit: IONICE_LIMIT });
  if (result.kind !== 'exited' || result.code !== 0) return null;
  const [, name = '', level = '4'] =
    /^(none|realtime|best-effort|idle)(?:: prio (\d))?/.exec(result.output) ?? [];
  if (name === 'best-effort') return ['-c', '2', '-n', level];
  if (name === 'none') return ['-c', '0'];
  return name === 'idle' ? ['-c', '3'] : null;
}

/** Each thread has its own; a disk class that cannot be set costs nothing. */
async function setDisk(pid: number, how: readonly string[], deps: ProcessThrottleDeps): Promise<void> {
  if (deps.ionice === null) return;
  const threads = deps.priority.threads(pid).map(String);
  await deps.commands.run({ argv: [deps.ionice, ...how, '-p', ...threads], timeLimit: IONICE_LIMIT });
}

function readWas({ token }: ThrottlePlan): readonly Was[] {
  const { was } = token;
  return Array.isArray(was) ? was.filter(isWas) : [];
}

function isWas(value: unknown): value is Was {
  if (typeof value !== 'object' || value === null) return false;
  const { pid, startTicks, nice, disk } = value as Readonly<Record<string, unknown>>;
  const isDisk = disk === null || (Array.isArray(disk) && disk.every((word) => typeof word === 'string'));
  return [pid, startTicks, nice].every(Number.isInteger) && isDisk;
}
