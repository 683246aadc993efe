/** The rooms that watch and heal, built in the order of what each needs. */
import { existsSync } from 'node:fs';
import type { Backup } from '../backup/backup.ts';
import { mappedPeople } from '../bot/permissions.ts';
import type { HookDesk } from '../bot/webhook/inbound.ts';
import type { Freeze } from '../domain/events.ts';
import { createHealer, type Healer } from '../healing/healer.ts';
import { createHostProcesses } from '../healing/host-processes.ts';
import type { Interlock } from '../healing/interlocks.ts';
import { createSupervisor, type Supervisor } from '../healing/supervisor.ts';
import { createTargets, type Targets } from '../healing/targets/registry.ts';
import { createLimitBook, type LimitBook } from '../monitor/limit-book.ts';
import { createMonitor, type Monitor } from '../monitor/monitor.ts';
import { createMonitorSources } from '../monitor/sources.ts';
import type { Optimizer } from '../optimizer/optimizer.ts';
import type { ProcReader } from '../platform/proc.ts';
import { isDead } from '../platform/process-stat.ts';
import type { TaskQueues } from '../platform/queue/queues.ts';
import { spawnDetached } from '../platform/spawn-detached.ts';
import type { Built } from './built.ts';
import type { Drills } from './drill/drill.ts';
import { createForecastDetector } from './forecast-detector.ts';
import { metricTarget } from './metric-targets.ts';
import { createOptimizerRoom } from './optimizer-room.ts';
import { createTaskQueues } from './queues.ts';
import { createReplayJob, type ReplayJob } from './replay-job.ts';
import { startReplay } from './replay-thread.ts';

export type { Built } from './built.ts';

export interface HealingRooms {
  readonly supervisor: Supervisor;
  readonly targets: Targets;
  readonly healer: Healer;
  readonly monitor: Monitor;
  readonly queues: TaskQueues;
  readonly optimizer: Optimizer;
  /** The limits that people set; opened before the monitor starts. */
  readonly limits: LimitBook;
  readonly replays: ReplayJob;
}

/** Rooms and doors that these need and that were built before. */
export interface Before {
  readonly backup: Backup;
  readonly hooks: HookDesk;
  readonly drills: Pick<Drills, 'underWay'>;
}

/** What is asked for before it is built; empty only until `createRooms` has returned. */
interface Late {
  monitor?: Monitor;
  healer?: Healer;
}

export function createRooms(built: Built, before: Before): HealingRooms {
  const late: Late = {};
  const supervisor = supervisorRoom(built, late);
  const freeze = (): Freeze | null => late.healer?.currentFreeze() ?? null;
  const queues = createTaskQueues({ ...built, freeze, backup: before.backup });
  const targets = targetsRoom(built, supervisor, queues);
  const limits = createLimitBook({ ...built, config: built.live.room('monitor') });
  const optimizer = createOptimizerRoom(built, { ...before, targets, queues }, late);
  const monitor = monitorRoom(built, before, { targets, limits, queues, optimizer, late });
  late.monitor = monitor;
  const healer = healerRoom(built, before, { supervisor, targets, monitor });
  late.healer = healer;
  const replays = createReplayJob({
    clock: built.clock,
    start: (input, onProgress) => startReplay({ input, isPatient: true }, built.clock, onProgress),
  });
  return { supervisor, targets, healer, monitor, limits, queues, optimizer, replays };
}

function supervisorRoom(built: Built, late: Late): Supervisor {
  const { env, live, proc } = built;
  return createSupervisor({
    ...built,
    config: live.room('workers'),
    processes: createHostProcesses(proc),
    dataFolder: env.dataFolder,
    lookup: env.lookup,
    spawn: spawnDetached,
    frozen: () => late.healer?.currentFreeze()?.scope === 'all',
  });
}

function targetsRoom(built: Built, supervisor: Supervisor, queues: TaskQueues): Targets {
  const { env, live, proc } = built;
  return createTargets({
    ...built,
    config: live.room('targets'),
    workers: live.room('workers'),
    pool: supervisor.workers,
    queues,
    host: env.hostname,
    redisUrl: env.redisUrl,
    startOf: (pid) => startOf(proc, pid),
  });
}

function monitorRoom(
  built: Built,
  { hooks, drills }: Before,
  {
    targets,
    limits,
    queues,
    optimizer,
    late,
  }: Pick<HealingRooms, 'targets' | 'limits' | 'queues' | 'optimizer'> & { readonly late: Late },
): Monitor {
  const { env, live } = built;
  const isTended = (): boolean => late.healer?.maintenance().some(({ target }) => target === null) ?? false;
  return createMonitor({
    ...built,
    queues,
    offsets: optimizer.offsets,
    detectors: [createForecastDetector(optimizer.forecasts)],
    config: limits.config,
    host: env.hostname,
    dataFolder: env.dataFolder,
    targets,
    outside: hooks,
    targetOf: (metric) => metricTarget(metric, live.current()),
    needs: (target) => [...targets.graph().needsOf(target)],
    sources: createMonitorSources({ ...built, config: live.room('monitor') }),
    // A drill burns processor and memory of this host on purpose.
    teaching: () => !drills.underWay() && !isTended(),
  });
}

function healerRoom(
  built: Built,
  { backup, hooks }: Before,
  { supervisor, targets, monitor }: Pick<HealingRooms, 'supervisor' | 'targets' | 'monitor'>,
): Healer {
  const { env, live, proc } = built;
  return createHealer({
    ...built,
    config: live.room('healing'),
    metrics: monitor,
    targets,
    pool: supervisor.workers,
    host: env.hostname,
    dataFolder: env.dataFolder,
    mode: () => live.current().bot.mode,
    people: () => mappedPeople(live.current().bot).length,
    selfState: built.self.state,
    interlocks: () => [...restoreLock(backup), ...deployLocks(hooks)],
    errands: backup.errands,
    githubToken: () => env.githubToken,
    configHash: live.hash,
    hasProgram: existsSync,
    bootTime() {
      const [boot, at] = [proc.bootId(), proc.uptime()];
      return boot === null || at === null ? null : { boot, at };
    },
  });
}

/** A zombie keeps its pid and does nothing any more. */
function startOf(proc: ProcReader, pid: number): number | null {
  const stat = proc.process(pid);
  return stat === null || isDead(stat) ? null : stat.startTicks;
}

/** While files are exchanged nothing else may touch the services on them; a backup only reads. */
function restoreLock(backup: Backup): readonly Interlock[] {
  if (backup.underWay() !== 'a restore') return [];
  return [{ kind: 'restore', target: null, reason: 'a restore is under way', until: null }];
}

/** What is being deployed is left alone until the deploy ends, or its time is over. */
function deployLocks(hooks: HookDesk): readonly Interlock[] {
  return hooks.deploys().map(({ target, text, until }) => ({ kind: 'deploy', target, reason: text, until }));
}
