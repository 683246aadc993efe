/** The task queues of this host: the embedded ones, and those of BullMQ where REDIS_URL is set. */
import { join } from 'node:path';
import { createProcessTable } from '../platform/process-identity.ts';
import { createEmbedded } from '../platform/queue/embedded.ts';
import { createQueues, type TaskQueues } from '../platform/queue/queues.ts';
import { type QueuesSettings, USUAL_CLASSES } from '../platform/queue/settings.ts';
import type { Built } from './rooms.ts';

/** @param blocked Why nothing may start now; `null` when it may. */
export function createTaskQueues(built: Built, blocked: () => string | null): TaskQueues {
  const { env, live, clock, log, proc } = built;
  const settings = (): QueuesSettings => {
    const { targets, workers } = live.current();
    return { queues: targets.queues, tasks: workers.tasks, classes: USUAL_CLASSES };
  };
  const embedded = createEmbedded({
    ...built,
    folder: join(env.dataFolder, 'queue'),
    settings,
    processes: createProcessTable({ proc }),
    lookup: env.lookup,
    blocked,
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
