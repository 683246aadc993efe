/**
 * BullMQ queues of the user's system behind the same words as the embedded ones, where Redis allows it; what it does
 * not allow is refused with the reason. A Redis that does not answer makes everything unknown, and nothing hangs.
 */
import { randomBytes } from 'node:crypto';
import type { QueueChange, SubmitResult, TaskList, TaskRequest } from '../../domain/queue.ts';
import { type BullClient, type BullClientDeps, createBullClient } from './bullmq-client.ts';
import { giveBack, lowerLimits } from './bullmq-limits.ts';
import { listJobs, lookAtJob, lookAtQueue, stuckJobs } from './bullmq-look.ts';
import {
  addJob,
  changeJobPriorities,
  chooseJobs,
  freeOrphans,
  moveJobs,
  removeJob,
} from './bullmq-orders.ts';
import type { TaskEngine } from './engine.ts';
import { type RemoteEngine, unknownView } from './queues.ts';
import type { BullQueueSettings, QueuesSettings } from './settings.ts';

const NO_CLASSES = 'BullMQ has no classes of tasks; lower its rate or concurrency instead';

export interface BullDeps extends BullClientDeps {
  readonly settings: () => QueuesSettings;
}

type Orders = Pick<
  TaskEngine,
  'pause' | 'resume' | 'changePriority' | 'redistribute' | 'freeStuck' | 'setLimits'
>;

export function createBullQueues(deps: BullDeps): RemoteEngine {
  const client = createBullClient(deps);
  const find = (name: string): BullQueueSettings | undefined => {
    const found = deps.settings().queues.find((queue) => queue.name === name);
    return found?.engine === 'bullmq' ? found : undefined;
  };
  const looks = createLooks(deps, client, find);

  return {
    ...looks,
    ...createOrders(deps, client, find),
    async submit(request, call) {
      const settings = find(request.queue ?? '');
      if (settings === undefined) return missing(request.queue ?? '');
      const refusal = refuseJob(request, settings);
      if (refusal !== null) return refusal;
      if (call.dryRun) return { kind: 'would', text: `Would give ${request.name} to ${settings.name}.` };
      const unique = randomBytes(8).toString('hex');
      const asked = await client.ask<SubmitResult>(settings, (bull, signal) =>
        addJob(bull, request, unique, signal),
      );
      return asked.kind === 'answered' ? asked.value : asked;
    },
    async cancel(id, call) {
      const [queue, job] = split(id);
      const settings = find(queue);
      if (settings === undefined) return missing(queue);
      const asked = await client.ask(settings, (bull) => removeJob(bull, job, call.dryRun));
      if (asked.kind === 'unknown') return asked;
      if (asked.value === 'missing') return { kind: 'not_found', reason: `There is no task ${id}.` };
      if (asked.value === 'removed') return change(call.dryRun, `Task ${id} is taken back.`, 1);
      return {
        kind: 'refused',
        reason: `Task ${id} no longer waits (${asked.value.state}); only its workers can end it.`,
      };
    },
    drain: async (queue) => ({
      kind: 'refused',
      reason: `Other programs add jobs to ${queue}, and nothing here can keep them from it. Stop them, or pause the queue.`,
    }),
    holdClass: async () => ({ kind: 'refused', reason: NO_CLASSES }),
    releaseClass: async () => ({ kind: 'refused', reason: NO_CLASSES }),
    close: client.close,
  };
}

function refuseJob(request: TaskRequest, { name, jobNames }: BullQueueSettings): SubmitResult | null {
  if (request.class !== null) return { kind: 'invalid', reason: NO_CLASSES };
  if (jobNames.includes(request.name)) return null;
  const known = jobNames.length === 0 ? 'none may' : `${jobNames.join(', ')} may`;
  return { kind: 'refused', reason: `${request.name} may not be submitted to ${name}; ${known}.` };
}

type Find = (name: string) => BullQueueSettings | undefined;

function createLooks(
  { settings, clock }: BullDeps,
  client: BullClient,
  find: Find,
): Pick<TaskEngine, 'names' | 'view' | 'list' | 'task' | 'stuck'> {
  const restored = new Set<string>();
  return {
    names: () =>
      settings()
        .queues.filter(({ engine }) => engine === 'bullmq')
        .map(({ name }) => name),
    async view(name) {
      const queue = find(name);
      if (queue === undefined) return undefined;
      const asked = await client.ask(queue, async (bull) => {
        // Limits that an earlier process lowered and could not give back.
        if (!restored.has(name)) await giveBack(bull, {});
        restored.add(name);
        return lookAtQueue(bull, clock.now());
      });
      return asked.kind === 'answered' ? asked.value : unknownView(name, asked.reason);
    },
    async list(filter): Promise<TaskList> {
      const queue = find(filter.queue ?? '');
      if (queue === undefined) return { tasks: [], total: 0, unknown: [] };
      const asked = await client.ask(queue, (bull) => listJobs(bull, filter));
      if (asked.kind === 'answered') return { ...asked.value, unknown: [] };
      return { tasks: [], total: null, unknown: [`${queue.name}: ${asked.reason}`] };
    },
    async task(id) {
      const [queue, job] = split(id);
      const found = find(queue);
      if (found === undefined) return undefined;
      const asked = await client.ask(found, (bull) => lookAtJob(bull, job));
      return asked.kind === 'answered' ? asked.value : undefined;
    },
    async stuck(name) {
      const queue = find(name);
      if (queue === undefined) return undefined;
      const asked = await client.ask(queue, (bull) => stuckJobs(bull, clock.now()));
      return asked.kind === 'answered' ? asked.value : null;
    },
  };
}

function createOrders({ clock }: BullDeps, client: BullClient, find: Find): Orders {
  async function order(
    name: string,
    dryRun: boolean,
    work: Parameters<typeof client.ask<{ readonly text: string; readonly count: number }>>[1],
  ): Promise<QueueChange> {
    const queue = find(name);
    if (queue === undefined) return missing(name);
    const asked = await client.ask(queue, work);
    return asked.kind === 'unknown' ? asked : change(dryRun, asked.value.text, asked.value.count);
  }

  return {
    async pause(name, span, { dryRun }) {
      if (span !== null) {
        return {
          kind: 'refused',
          reason: 'A pause of a BullMQ queue lasts until it is resumed; leave out the time.',
        };
      }
      return order(name, dryRun, async ({ queue }) => {
        if (!dryRun) await queue.pause();
        return { text: `${name} starts no more jobs until it is resumed.`, count: 1 };
      });
    },
    resume: (name, { dryRun }) =>
      order(name, dryRun, async ({ queue }) => {
        if (!dryRun) await queue.resume();
        return { text: `${name} starts jobs again.`, count: 1 };
      }),
    async changePriority(name, priority, choice, { dryRun }) {
      if (choice.class !== undefined) return { kind: 'refused', reason: NO_CLASSES };
      return order(name, dryRun, async (bull, signal) => {
        const jobs = await chooseJobs(bull, choice);
        const count = dryRun ? jobs.length : await changeJobPriorities(jobs, priority, signal);
        return { text: `${jobsOf(count)} of ${name} to priority ${priority}.`, count };
      });
    },
    async redistribute(from, to, choice, { dryRun }) {
      const target = find(to);
      if (target === undefined) return missing(to);
      if (choice.class !== undefined) return { kind: 'refused', reason: NO_CLASSES };
      const goal = await client.ask(target, async (bull) => bull.queue);
      if (goal.kind === 'unknown') return goal;
      return order(from, dryRun, async (bull, signal) => {
        const jobs = await chooseJobs(bull, choice);
        if (dryRun) return { text: `${jobsOf(jobs.length)} from ${from} to ${to}.`, count: jobs.length };
        const { moved, left } = await moveJobs(jobs, goal.value, from, clock.now(), signal);
        const rest = left === 0 ? '' : ` ${left} stay: taken by a worker, or part of a flow or a schedule.`;
        return { text: `${jobsOf(moved)} from ${from} to ${to}.${rest}`, count: moved };
      });
    },
    freeStuck: (name, { dryRun }) =>
      order(name, dryRun, async (bull) => {
        const count = await freeOrphans(bull, clock.now(), dryRun);
        return { text: `${jobsOf(count)} of ${name} whose worker died, now failed with that reason.`, count };
      }),
    setLimits: (name, limits, { dryRun }) =>
      order(name, dryRun, async (bull) => {
        if (!dryRun) await lowerLimits(bull, limits);
        return { text: `Limits of ${name} are set.`, count: 1 };
      }),
  };
}

function change(dryRun: boolean, text: string, count: number): QueueChange {
  return { kind: dryRun ? 'would' : 'done', text, count };
}

function jobsOf(count: number): string {
  return count === 1 ? '1 job' : `${count} jobs`;
}

function missing(queue: string): { readonly kind: 'not_found'; readonly reason: string } {
  return { kind: 'not_found', reason: `There is no BullMQ queue ${queue}.` };
}

function split(id: string): readonly [string, string] {
  const at = id.indexOf('/');
  return [id.slice(0, at), id.slice(at + 1)];
}
