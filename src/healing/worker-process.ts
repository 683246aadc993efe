/** One living worker process: how it is, whether it still lives, and its end. */
import { elapsed, type Ms, ms } from '../domain/units.ts';
import type { HostProcesses } from './host-processes.ts';
import type { SlotName } from './worker-book.ts';
import type { CheckDeps } from './worker-checks.ts';
import { type Ending, endTree, type WorkerTree } from './worker-ending.ts';
import type { LaunchDeps } from './worker-launch.ts';
import type { WorkerNotices } from './worker-notices.ts';
import type { RunningRun } from './worker-record.ts';
import { type RunVerdict, watchRun } from './worker-watch.ts';
import type { WorkerConfig } from './workers-config.ts';

/** What a dead worker left behind gets to end by itself before its successor starts. */
const LEFTOVER_WITHIN: Ms = ms(300);

export interface LiveWorker {
  readonly run: RunningRun;
  /** Started by an earlier bot: nobody tells us of its end, so somebody has to look. */
  readonly adopted: boolean;
  verdict(): RunVerdict;
  uptime(): Ms;
  isGone(): boolean;
  unwatch(): void;
  /** The stop signal to all of it, then KILL. */
  end(config: WorkerConfig, atMost: Ms): Promise<Ending>;
  /** Ends what outlived it. */
  sweep(): Promise<Ending>;
}

export interface SlotDeps extends LaunchDeps, ProcessDeps {
  readonly notices: WorkerNotices;
  /** `undefined` when it is configured no more. */
  configOf(worker: string): WorkerConfig | undefined;
  frozen(): boolean;
}

export interface ProcessDeps extends CheckDeps {
  readonly processes: HostProcesses;
  readonly pool: string;
}

export interface FollowedRun {
  readonly name: SlotName;
  readonly run: RunningRun;
  readonly adopted: boolean;
  readonly config: WorkerConfig;
  readonly probation: Ms;
  onHealth(from: RunVerdict, to: RunVerdict): void;
}

export function followRun(
  { name, run, adopted, config, probation, onHealth }: FollowedRun,
  deps: ProcessDeps,
): LiveWorker {
  const { clock, processes, pool } = deps;
  const age = Math.max(0, elapsed(run.at, clock.now()));
  const bornAt = clock.monotonic() - age;
  const { pid, startTicks, spawnId } = run;
  const tree: WorkerTree = { pid, startTicks, spawnId, pool, trustGroup: true };
  const watch = watchRun(
    { config, instance: name.instance, bornAt: run.at, adopted, probation, onChange: onHealth },
    deps,
  );

  return {
    run,
    adopted,
    verdict: watch.verdict,
    uptime: () => ms(clock.monotonic() - bornAt),
    isGone: () => isGone(run, processes),
    unwatch: watch.stop,
    end: (now, atMost) =>
      endTree(tree, { signal: now.stopSignal, within: ms(Math.min(now.stopWithin, atMost)) }, deps),
    sweep: () => endTree(tree, { signal: 'SIGTERM', within: LEFTOVER_WITHIN }, deps),
  };
}

/** A zombie is gone, and so is a process whose pid another one has now; what cannot be read is not. */
export function isGone(run: RunningRun, processes: HostProcesses): boolean {
  const look = processes.look(run.pid);
  if (look.kind === 'unknown') return false;
  return look.kind !== 'alive' || look.startTicks !== run.startTicks;
}
