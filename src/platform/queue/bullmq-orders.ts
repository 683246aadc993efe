/**
 * Changes to jobs of a BullMQ queue. What was met: changing the priority of an active job raises no error and does
 * nothing; an id whose completed record still exists swallows an add; only an orphan without a lock may be freed.
 */
import { createHash } from 'node:crypto';
import { type Job, type JobsOptions, type Queue, UnrecoverableError } from 'bullmq';
import {
  ORDINARY_PRIORITY,
  type SubmitResult,
  type TaskChoice,
  type TaskRequest,
} from '../../domain/queue.ts';
import type { EpochMs } from '../../domain/units.ts';
import type { BullQueue } from './bullmq-client.ts';
import { jobTaskId, kindOf, stuckJobs, taskOfJob } from './bullmq-look.ts';

const WAITING = ['waiting', 'prioritized', 'delayed'] as const;
const WAITING_STATES: readonly string[] = [...WAITING, 'wait', 'paused'];
/** Jobs of one order; asked again it goes on with the next. */
const MOST_AT_ONCE = 500;
const GONE = -2;
/** The lock token that BullMQ itself uses where it needs none. */
const NO_TOKEN = '0';

export async function chooseJobs(
  { queue, settings }: BullQueue,
  choice: TaskChoice,
): Promise<readonly Job[]> {
  const limit = Math.min(MOST_AT_ONCE, choice.limit ?? MOST_AT_ONCE);
  const ids = choice.ids?.map((id) =>
    id.startsWith(`${settings.name}/`) ? id.slice(settings.name.length + 1) : id,
  );
  if (ids !== undefined) {
    const jobs = await Promise.all(ids.slice(0, limit).map((id) => queue.getJob(id)));
    return jobs.filter((job) => job !== undefined);
  }
  const jobs: Job[] = [];
  for (const type of WAITING) {
    if (jobs.length >= limit) break;
    jobs.push(
      ...(await queue.getJobs([type], 0, limit - jobs.length - 1, true)).filter((job) => job !== undefined),
    );
  }
  return jobs;
}

/** How many really have the new priority. */
export async function changeJobPriorities(
  jobs: readonly Job[],
  priority: number,
  signal: AbortSignal,
): Promise<number> {
  let changed = 0;
  for (const job of jobs) {
    signal.throwIfAborted();
    if (!WAITING_STATES.includes(await job.getState())) continue;
    await job.changePriority({ priority });
    changed += 1;
  }
  return changed;
}

export interface Moved {
  readonly moved: number;
  /** Jobs of flows and schedules: their place belongs to their queue. */
  readonly left: number;
}

/**
 * Added to the other queue first, under an id that a repeated order makes again, then removed here. A job that was
 * taken by a worker in between is taken back from there.
 */
export async function moveJobs(
  jobs: readonly Job[],
  to: Queue,
  from: string,
  now: EpochMs,
  signal: AbortSignal,
): Promise<Moved> {
  let [moved, left] = [0, 0];
  for (const job of jobs) {
    signal.throwIfAborted();
    if (job.parentKey !== undefined || job.repeatJobKey !== undefined) left += 1;
    else if (await moveJob(job, to, from, now)) moved += 1;
    else left += 1;
  }
  return { moved, left };
}

async function moveJob(job: Job, to: Queue, from: string, now: EpochMs): Promise<boolean> {
  if (!WAITING_STATES.includes(await job.getState())) return false;
  const jobId = `from-${from}-${job.id}`;
  await to.add(job.name, job.data, movedOptions(job, jobId, now));
  const copy = await to.getJob(jobId);
  if (copy === undefined || !WAITING_STATES.includes(await copy.getState())) return false;
  try {
    await job.remove();
    return true;
  } catch {
    // A worker has taken it: it runs there, so the copy must not.
    await copy.remove();
    return false;
  }
}

/** The delay that is left, and the attempts that are left: BullMQ carries neither over. */
function movedOptions(
  { opts, timestamp, delay, priority, attemptsMade }: Job,
  jobId: string,
  now: EpochMs,
): JobsOptions {
  const { jobId: _id, delay: _delay, attempts, parent: _parent, ...kept } = opts;
  return {
    ...kept,
    jobId,
    priority,
    delay: delay > 0 ? Math.max(0, timestamp + delay - now) : 0,
    ...(attempts !== undefined && { attempts: Math.max(1, attempts - attemptsMade) }),
  };
}

export async function removeJob(
  { queue }: BullQueue,
  id: string,
  dryRun: boolean,
): Promise<'removed' | 'missing' | { readonly state: string }> {
  const job = await queue.getJob(id);
  if (job === undefined) return 'missing';
  const state = await job.getState();
  if (!WAITING_STATES.includes(state)) return { state: kindOf(state) };
  if (!dryRun) await job.remove();
  return 'removed';
}

/** Orphans alone: failed with the reason, or tried again where their own options allow it. */
export async function freeOrphans(bull: BullQueue, now: EpochMs, dryRun: boolean): Promise<number> {
  let freed = 0;
  for (const { id } of await stuckJobs(bull, now)) {
    const jobId = id.slice(bull.settings.name.length + 1);
    const job = await bull.queue.getJob(jobId);
    // Looked at again right before: one whose lock lives is never touched.
    if (job === undefined || (await bull.redis.pttl(bull.key(jobId, 'lock'))) !== GONE) continue;
    if (!(await job.isActive())) continue;
    freed += 1;
    if (dryRun) continue;
    await job.moveToFailed(
      new UnrecoverableError('its worker died while it ran; freed by Nightshift'),
      NO_TOKEN,
      false,
    );
  }
  return freed;
}

/** @param unique Names a job without a key. */
export async function addJob(
  bull: BullQueue,
  request: TaskRequest,
  unique: string,
  signal: AbortSignal,
): Promise<SubmitResult> {
  const { queue, settings } = bull;
  const jobId = request.key === null ? `ns-${unique}` : `ns-${shortHash(request.key)}`;
  const known = await queue.getJob(jobId);
  if (known !== undefined) {
    const task = taskOfJob(settings.name, known, kindOf(await known.getState()));
    return { kind: 'existing', task };
  }
  signal.throwIfAborted(); // who was told that nothing is known must not get a job afterwards
  const job = await queue.add(request.name, request.variables, {
    jobId,
    delay: request.delay,
    priority: request.priority ?? ORDINARY_PRIORITY,
  });
  const task = taskOfJob(settings.name, job, request.delay > 0 ? 'delayed' : 'waiting');
  return { kind: 'accepted', task: { ...task, id: jobTaskId(settings.name, jobId), key: request.key } };
}

function shortHash(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 32);
}
