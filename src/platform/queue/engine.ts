/** What an engine of queues does: the port, without what spans several engines. */
import type { TaskQueue } from '../../domain/queue.ts';

export type TaskEngine = Omit<TaskQueue, 'processes' | 'readings' | 'views'>;
