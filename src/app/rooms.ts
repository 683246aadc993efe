/** The rooms that watch and heal, built in the order of what each needs. */
import { existsSync } from 'node:fs';
import type { Backup } from '../backup/backup.ts';
import { mappedPeople } from '../bot/permissions.ts';
import type { HookDesk } from '../bot/webhook/inbound.ts';
import type { CommandRunner, EventBus } from '../domain/ports.ts';
import type { OpenAuditLog } from '../healing/audit-log.ts';
import { createHealer, type Healer } from '../healing/healer.ts';
import { createHostProcesses } from '../healing/host-processes.ts';
import type { Interlock } from '../healing/interlocks.ts';
import { createSupervisor, type Supervisor } from '../healing/supervisor.ts';
import { createTargets, type Targets } from '../healing/targets/registry.ts';
import { createLimitBook, type LimitBook } from '../monitor/limit-book.ts';
import { createMonitor, type Monitor } from '../monitor/monitor.ts';
import { createMonitorSources } from '../monitor/sources.ts';
import type { Lock } from '../platform/lock.ts';
import type { ProcReader } from '../platform/proc.ts';
import { isDead } from '../platform/process-stat.ts';
import { spawnDetached } from '../platform/spawn-detached.ts';
import type { Doors } from './doors.ts';
import type { Drills } from './drill/drill.ts';
import type { Environment } from './environment.ts';
import type { LiveConfig } from './live-config.ts';
import { metricTarget } from './metric-targets.ts';
import type { SelfWatch } from './self-watch.ts';

export interface Built extends Doors {
  readonly env: Environment;
  readonly live: LiveConfig;
  readonly bus: EventBus;
  readonly audit: OpenAuditLog;
  readonly lock: Lock;
  readonly token: string;
  readonly timezone: string;
  readonly self: SelfWatch;
  readonly commands: CommandRunner;
}

export interface HealingRooms {
  readonly supervisor: Supervisor;
  readonly targets: Targets;
  readonly healer: Healer;
  readonly monitor: Monitor;
  /** The limits that people set; opened before the monitor starts. */
  readonly limits: LimitBook;
}

/** Rooms and doors that these need and that were built before. */
export interface Before {
  readonly backup: Backup;
  readonly hooks: HookDesk;
  readonly drills: Pick<Drills, 'underWay'>;
}

export function createRooms(built: Built, { backup, hooks, drills }: Before): HealingRooms {
  const { env, live, proc } = built;
  const rooms: { healer?: Healer } = {};
  const supervisor = createSupervisor({
    ...built,
    config: live.room('workers'),
    processes: createHostProcesses(proc),
    dataFolder: env.dataFolder,
    lookup: env.lookup,
    spawn: spawnDetached,
    frozen: () => rooms.healer?.currentFreeze()?.scope === 'all',
  });
  const targets = createTargets({
    ...built,
    config: live.room('targets'),
    workers: live.room('workers'),
    pool: supervisor.workers,
    host: env.hostname,
    redisUrl: env.redisUrl,
    startOf: (pid) => startOf(proc, pid),
  });
  const limits = createLimitBook({ ...built, config: live.room('monitor') });
  const monitor = createMonitor({
    ...built,
    config: limits.config,
    host: env.hostname,
    dataFolder: env.dataFolder,
    targets,
    outside: hooks,
    targetOf: (metric) => metricTarget(metric, live.current()),
    sources: createMonitorSources({ ...built, config: live.room('monitor') }),
    // A drill burns processor and memory of this host on purpose.
    teaching: () =>
      !drills.underWay() && (rooms.healer?.maintenance().every(({ target }) => target !== null) ?? true),
  });
  const healer = createHealer({
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
    githubToken: () => env.githubToken,
    configHash: live.hash,
    hasProgram: existsSync,
    bootTime() {
      const [boot, at] = [proc.bootId(), proc.uptime()];
      return boot === null || at === null ? null : { boot, at };
    },
  });
  rooms.healer = healer;
  return { supervisor, targets, healer, monitor, limits };
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
