/** The optimizer with everything it asks of the other rooms; what is built later is looked up at each use. */
import { existsSync } from 'node:fs';
import { availableParallelism, totalmem } from 'node:os';
import type { Backup } from '../backup/backup.ts';
import type { TaskQueue } from '../domain/queue.ts';
import type { Healer } from '../healing/healer.ts';
import type { Targets } from '../healing/targets/registry.ts';
import { createTargetThrottle } from '../healing/targets/throttle.ts';
import type { TargetsConfig } from '../healing/targets-config.ts';
import type { Monitor } from '../monitor/monitor.ts';
import { createOptimizer, type Optimizer } from '../optimizer/optimizer.ts';
import { weekHour } from '../optimizer/week.ts';
import { localTime } from '../platform/local-time.ts';
import { createPriorityDoor } from '../platform/process-priority.ts';
import type { Built } from './built.ts';
import type { Drills } from './drill/drill.ts';
import { loadHistory } from './load-history.ts';
import { withBotMessages } from './message-budget.ts';
import { createQueueBrake } from './queue-brake.ts';

const IONICE = '/usr/bin/ionice';

interface Rooms {
  readonly backup: Pick<Backup, 'underWay'>;
  readonly drills: Pick<Drills, 'underWay'>;
  readonly targets: Targets;
  readonly queues: TaskQueue;
}

/** Rooms that are built after this one. */
interface Later {
  readonly healer?: Healer;
  readonly monitor?: Monitor;
}

export function createOptimizerRoom(built: Built, rooms: Rooms, later: Later): Optimizer {
  const { targets } = rooms;
  const size = { cores: availableParallelism(), memoryBytes: totalmem() };
  const { live, proc, commands } = built;
  const throttled = createTargetThrottle({
    targets,
    proc,
    commands,
    priority: createPriorityDoor(),
    size,
    allowed: () => live.current().optimizer.throttle.targets,
    clearable: () => live.current().optimizer.throttle.clearCachesOf,
    ionice: existsSync(IONICE) ? IONICE : null,
  });
  return createOptimizer({
    ...built,
    config: { current: () => withBotMessages(live.current()) },
    history: loadHistory({
      rollups: () => later.monitor?.rollups,
      config: live.room('monitor'),
      clock: built.clock,
      timezone: built.timezone,
    }),
    queues: createQueueBrake({
      port: rooms.queues,
      states: built.states,
      mayHold: (queue) => !isOfCriticalTarget(queue, live.current().targets),
    }),
    targets: throttled,
    throttles: true,
    targetNames: targets.names,
    size,
    interval: () => live.current().monitor.interval,
    configuredSigmas: () => live.current().monitor.baseline.sigmas,
    hourOfWeek: (at) => {
      const { weekday, hour } = localTime(at, built.timezone);
      return weekHour(weekday, hour);
    },
    isProduction: () => later.healer?.currentMode() === 'production',
    isFrozen: () => isFrozen(later.healer),
    leaveAlone: (target) => leaveAlone(target, rooms, later.healer),
    messages: built.meter.lastHour,
  });
}

function isOfCriticalTarget(queue: string, { targets }: TargetsConfig): boolean {
  return targets.some((one) => one.critical && one.kind === 'queue' && one.queue === queue);
}

/** Before the healer is there nothing acts. */
function isFrozen(healer: Healer | undefined): boolean {
  const scope = healer === undefined ? 'all' : healer.currentFreeze()?.scope;
  return scope === 'all' || scope === 'optimizer';
}

function leaveAlone(
  target: string | null,
  { backup, drills }: Rooms,
  healer: Healer | undefined,
): string | null {
  if (drills.underWay()) return 'a drill is under way';
  if (backup.underWay() === 'a restore') return 'a restore is under way';
  const window = healer?.maintenance().find((one) => one.target === null || one.target === target);
  return window === undefined ? null : `maintenance of ${window.target ?? 'this host'}`;
}
