/** The task queues of this host: the embedded ones, and those of BullMQ where REDIS_URL is set. */
import { join } from 'node:path';
import type { Backup } from '../backup/backup.ts';
import type { Freeze } from '../domain/events.ts';
import { createProcessTable } from '../platform/process-identity.ts';
import { createEmbedded } from '../platform/queue/embedded.ts';
import { createQueues, type TaskQueues } from '../platform/queue/queues.ts';
import type { QueuesSettings } from '../platform/queue/settings.ts';
import type { Doors } from './doors.ts';
import type { Environment } from './environment.ts';
import type { LiveConfig } from './live-config.ts';

export interface TaskQueuesDeps extends Doors {
  readonly env: Environment;
  readonly live: LiveConfig;
  readonly freeze: () => Freeze | null;
  readonly backup: Pick<Backup, 'underWay'>;
}

export function createTaskQueues(deps: TaskQueuesDeps): TaskQueues {
  const { env, live, clock, log, proc } = deps;
  const settings = (): QueuesSettings => {
    const { targets, workers, optimizer } = live.current();
    return { queues: targets.queues, tasks: workers.tasks, classes: optimizer.queueClasses };
  };
  const embedded = createEmbedded({
    ...deps,
    folder: join(env.dataFolder, 'queue'),
    settings,
    processes: createProcessTable({ proc }),
    lookup: env.lookup,
    blocked: () => whyNoTasks(deps),
  });
  const url = env.redisUrl;
  const remote =
    url === null
      ? null
      : async () => {
          const { createBullQueues } = await import('../platform/queue/bullmq.ts');
          return createBullQueues({ url, settings, clock, log });
        };
  return createQueues({ embedded, settings, remote, log });
}

/** A freeze of everything holds tasks too, and so does a restore: files are exchanged under what they run on. */
function whyNoTasks({ freeze, backup }: TaskQueuesDeps): string | null {
  if (freeze()?.scope === 'all') return 'everything is frozen';
  return backup.underWay() === 'a restore' ? 'a restore is under way' : null;
}
