/** An embedded queue and a BullMQ queue that does not answer, for surfaces that show them. */
import type { QueueView, Task, TaskQueue } from '../../src/domain/queue.ts';
import { epochMs, minutes, ms, seconds } from '../../src/domain/units.ts';
import { unknownView } from '../../src/platform/queue/queues.ts';
import { START } from './builders.ts';
import { noQueues } from './no-queues.ts';

const OPEN: QueueView = {
  queue: 'default',
  engine: 'embedded',
  depth: 2,
  oldest: seconds(90),
  ratePerMinute: 12,
  reason: '',
  waitingByClass: { critical: 0, normal: 1, batch: 1 },
  running: 1,
  dead: 1,
  paused: false,
  draining: false,
  concurrency: 2,
  rate: { max: 120, per: minutes(1) },
  held: [{ class: 'batch', until: epochMs(START + minutes(10)) }],
  workers: null,
  stuck: 0,
};

function task(id: string, state: Task['state'], over: Partial<Task> = {}): Task {
  return {
    id,
    queue: 'default',
    name: 'rebuild-index',
    class: 'normal',
    priority: 50,
    variables: { shop: '42' },
    submittedAt: START,
    by: 'cli:local',
    attempts: 1,
    idempotent: true,
    key: null,
    state,
    progress: null,
    ...over,
  };
}

const TASKS: readonly Task[] = [
  task('t01', { kind: 'waiting', since: START }, { attempts: 0 }),
  task(
    't02',
    { kind: 'delayed', until: epochMs(START + minutes(5)), reason: 'it exited with 1' },
    { class: 'batch' },
  ),
  task('t03', { kind: 'running', since: START, attempt: 1 }, { progress: 0.4 }),
  task('t04', { kind: 'dead', at: START, reason: 'it exited with 1 (start 3 of 3)' }),
  task('t05', { kind: 'done', at: START, took: ms(1_500) }),
  task('t06', { kind: 'cancelled', at: START, by: 'cli:local' }),
];

export const someQueues: TaskQueue = {
  ...noQueues,
  names: () => ['default', 'emails'],
  views: async () => [OPEN, unknownView('emails', 'Redis: connect ECONNREFUSED')],
  list: async ({ limit }) => ({
    tasks: TASKS.slice(0, limit),
    total: null,
    unknown: ['emails: Redis: connect ECONNREFUSED'],
  }),
  task: async (id) => {
    const found = TASKS.find((one) => one.id === id);
    return found === undefined ? undefined : { task: found, log: ['progress: 40 %', 'shop 42'] };
  },
  submit: async (request, { dryRun }) => {
    if (request.name !== 'rebuild-index')
      return { kind: 'not_found', reason: `No task is named ${request.name}.` };
    if (request.key === 'full') return { kind: 'full', reason: '100,000 tasks wait already.' };
    if (request.key === 'away') return { kind: 'unknown', reason: 'the disk gave no answer' };
    if (dryRun) return { kind: 'would', text: 'Would give rebuild-index to default.' };
    return {
      kind: request.key === 'known' ? 'existing' : 'accepted',
      task: task(
        't07',
        { kind: 'waiting', since: START },
        { variables: request.variables, key: request.key },
      ),
    };
  },
};
