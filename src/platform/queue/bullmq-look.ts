/**
 * What there is to see of a BullMQ queue. Traps that were met: `waiting` does not count `prioritized`; a paused queue
 * still counts its jobs under `wait` (before version 6 they were under `paused`); a job of a dead worker stays `active` and only its lock tells.
 */
import type { Job, JobType } from 'bullmq';
import type { QueueView, StuckTask, Task, TaskFilter, TaskState } from '../../domain/queue.ts';
import { type EpochMs, epochMs, ms } from '../../domain/units.ts';
import type { BullQueue } from './bullmq-client.ts';

/** More active jobs than these are not looked at one by one. */
const MOST_ACTIVE = 200;
const GONE = -2;
/** BullMQ's own: score = priority × 2³² + counter. */
const PRIORITY_SCORE = 2 ** 32;
const MINUTE_MS = 60_000;
const KEPT_LINES = 100;

/**
 * Counts `completed` in the event stream since a minute ago by the clock of Redis, and says how much of that minute
 * the stream still covers: jobs themselves may be removed on completion, and then nothing else tells.
 */
const COUNT_DONE = `
local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)
local entries = redis.call('XRANGE', KEYS[1], now - ARGV[1], '+')
local done = 0
for _, entry in ipairs(entries) do
  for i = 1, #entry[2], 2 do
    if entry[2][i] == 'event' and entry[2][i + 1] == 'completed' then done = done + 1 end
  end
end
local first = redis.call('XRANGE', KEYS[1], '-', '+', 'COUNT', 1)[1]
local since = first and tonumber(string.match(first[1], '^%d+')) or now
return { done, math.max(0, now - since), redis.call('XLEN', KEYS[1]) }`;
/** BullMQ cuts its stream at about ten thousand events. */
const STREAM_IS_CUT = 9_000;

export async function lookAtQueue(bull: BullQueue, now: EpochMs): Promise<QueueView> {
  const { queue, settings, redis, key } = bull;
  const [counts, put, paused, concurrency, rate, workers, oldest, done, stuck] = await Promise.all([
    queue.getJobCounts('waiting', 'prioritized', 'delayed', 'active', 'failed'),
    redis.llen(key('paused')),
    queue.isPaused(),
    queue.getGlobalConcurrency(),
    queue.getGlobalRateLimit(),
    queue.getWorkersCount(),
    oldestDue(bull),
    donePerMinute(bull),
    stuckJobs(bull, now),
  ]);
  const count = (...types: readonly string[]): number =>
    types.reduce((sum, type) => sum + (counts[type] ?? 0), 0);
  return {
    queue: settings.name,
    engine: 'bullmq',
    depth: count('waiting', 'prioritized', 'delayed') + put,
    oldest: ms(oldest === null ? 0 : Math.max(0, now - oldest)),
    ratePerMinute: done,
    reason: '',
    waitingByClass: null,
    running: count('active'),
    dead: count('failed'),
    paused,
    draining: false,
    concurrency,
    rate: rate === null ? null : { max: rate.max, per: ms(rate.duration) },
    held: [],
    workers,
    stuck: stuck.length,
    ...heldUp(settings.name, { paused, workers, stuck: stuck.length }),
  };
}

function heldUp(
  name: string,
  { paused, workers, stuck }: { readonly paused: boolean; readonly workers: number; readonly stuck: number },
): Pick<QueueView, 'heldUpBy'> {
  if (paused) return { heldUpBy: `queue ${name} is paused` };
  if (workers === 0) return { heldUpBy: `no worker process takes jobs of queue ${name}` };
  return stuck === 0
    ? {}
    : { heldUpBy: `${stuck} jobs of queue ${name} were begun and nobody works on them` };
}

/** Since when the oldest waits that is due: the first without a priority, and the first of the last priority. */
async function oldestDue({ redis, key }: BullQueue): Promise<number | null> {
  const [[plain], [, top]] = await Promise.all([
    redis.lrange(key('wait'), -1, -1),
    redis.zrevrange(key('prioritized'), 0, 0, 'WITHSCORES'),
  ]);
  const last = top === undefined ? null : Math.floor(Number(top) / PRIORITY_SCORE) * PRIORITY_SCORE;
  const [low] =
    last === null ? [] : await redis.zrangebyscore(key('prioritized'), last, '+inf', 'LIMIT', 0, 1);
  const [high] = await redis.zrange(key('prioritized'), '0', '0');
  const ids = [plain, low, high].filter((id) => id !== undefined);
  const times = await Promise.all(
    ids.map(async (id) => {
      const [timestamp, delay] = await redis.hmget(key(id), 'timestamp', 'delay');
      return Number(timestamp ?? Number.NaN) + Number(delay ?? 0);
    }),
  );
  const known = times.filter((time) => Number.isFinite(time));
  return known.length === 0 ? null : Math.min(...known);
}

async function donePerMinute({ redis, key }: BullQueue): Promise<number> {
  const answer = await redis.eval(COUNT_DONE, 1, key('events'), String(MINUTE_MS));
  const [done = 0, covered = 0, length = 0] = (answer as readonly unknown[]).map(Number);
  if (length < STREAM_IS_CUT || covered >= MINUTE_MS || covered === 0) return done;
  return Math.round((done * MINUTE_MS) / covered);
}

/** Active jobs whose lock is gone, and those that run longer than is usual for their queue. */
export async function stuckJobs(
  { redis, key, settings }: BullQueue,
  now: EpochMs,
): Promise<readonly StuckTask[]> {
  const ids = await redis.lrange(key('active'), 0, MOST_ACTIVE - 1);
  const looked = await Promise.all(
    ids.map(async (id): Promise<StuckTask | null> => {
      const [lock, [name, since]] = await Promise.all([
        redis.pttl(key(id, 'lock')),
        redis.hmget(key(id), 'name', 'processedOn'),
      ]);
      const started = since === null || since === undefined ? null : epochMs(Number(since));
      const reason = stuckReason(lock, started, now, settings.stuckAfter);
      if (reason === null || name === null || name === undefined) return null; // it ended while we looked
      return { id: jobTaskId(settings.name, id), queue: settings.name, name, since: started, reason };
    }),
  );
  return looked.filter((one) => one !== null);
}

function stuckReason(lock: number, since: EpochMs | null, now: EpochMs, most: number): string | null {
  if (lock === GONE) return 'its lock is gone: the worker that took it has died or hangs';
  if (since === null || now - since < most) return null;
  return `it has run for ${Math.round((now - since) / MINUTE_MS)} min`;
}

const TYPES: Readonly<Record<TaskState['kind'], readonly JobType[]>> = {
  waiting: ['waiting', 'prioritized'],
  delayed: ['delayed'],
  running: ['active'],
  done: ['completed'],
  dead: ['failed'],
  cancelled: [],
};

export async function listJobs(
  { queue, settings }: BullQueue,
  { state, limit }: TaskFilter,
): Promise<{ readonly tasks: readonly Task[]; readonly total: number }> {
  const groups = state === undefined ? Object.values(TYPES) : [TYPES[state]];
  const tasks: Task[] = [];
  let total = 0;
  for (const types of groups.filter((some) => some.length > 0)) {
    const counts = await queue.getJobCounts(...types);
    total += types.reduce((sum, type) => sum + (counts[type] ?? 0), 0);
    if (tasks.length >= limit) continue;
    for (const type of types) {
      const jobs = await queue.getJobs([type], 0, limit - 1, true);
      const kind = kindOf(type);
      // A job may be removed between its id and its data; BullMQ then hands over nothing for it.
      tasks.push(
        ...jobs.filter((job) => job !== undefined).map((job) => taskOfJob(settings.name, job, kind)),
      );
    }
  }
  return { tasks: tasks.slice(0, limit), total };
}

export async function lookAtJob(
  { queue, settings }: BullQueue,
  id: string,
): Promise<{ readonly task: Task; readonly log: readonly string[] } | undefined> {
  const job = await queue.getJob(id);
  if (job === undefined) return undefined;
  const [state, { logs }] = await Promise.all([job.getState(), queue.getJobLogs(id, -KEPT_LINES, -1)]);
  return { task: taskOfJob(settings.name, job, kindOf(state)), log: logs };
}

export function kindOf(state: string): TaskState['kind'] {
  switch (state) {
    case 'active':
      return 'running';
    case 'completed':
      return 'done';
    case 'failed':
      return 'dead';
    case 'delayed':
      return 'delayed';
    default:
      return 'waiting';
  }
}

export function taskOfJob(queue: string, job: Job, kind: TaskState['kind']): Task {
  return {
    id: jobTaskId(queue, job.id ?? ''),
    queue,
    name: job.name,
    class: null,
    priority: job.priority === 0 ? null : job.priority,
    variables: shallow(job.data),
    submittedAt: epochMs(job.timestamp),
    by: '',
    attempts: job.attemptsStarted,
    idempotent: false,
    key: null,
    state: stateOfJob(job, kind),
    progress: typeof job.progress === 'number' && kind === 'running' ? Math.min(1, job.progress / 100) : null,
  };
}

export function jobTaskId(queue: string, id: string): string {
  return `${queue}/${id}`;
}

function stateOfJob(job: Job, kind: TaskState['kind']): TaskState {
  const ended = epochMs(job.finishedOn ?? job.timestamp);
  switch (kind) {
    case 'running':
      return { kind, since: epochMs(job.processedOn ?? job.timestamp), attempt: job.attemptsStarted };
    case 'done':
      return { kind, at: ended, took: ms(Math.max(0, ended - (job.processedOn ?? ended))) };
    case 'dead':
      return { kind, at: ended, reason: job.failedReason ?? '' };
    case 'delayed':
      return { kind, until: epochMs(job.timestamp + job.delay), reason: 'delayed' };
    default:
      return { kind: 'waiting', since: epochMs(job.timestamp + job.delay) };
  }
}

const LONGEST_VALUE = 64;

/** The plain values of a job's data; what is deep or long is the business of its workers. */
function shallow(data: unknown): Readonly<Record<string, string>> {
  if (typeof data !== 'object' || data === null) return {};
  return Object.fromEntries(
    Object.entries(data)
      .filter(([, value]) => ['string', 'number', 'boolean'].includes(typeof value))
      .slice(0, 20)
      .map(([name, value]) => [name, String(value).slice(0, LONGEST_VALUE)]),
  );
}
