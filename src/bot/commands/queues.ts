/** Queues: what waits, and the brakes. The same words act on embedded queues and on those of BullMQ. */
import { z } from 'zod';
import type { OpsControls } from '../../domain/controls.ts';
import { assertNever } from '../../domain/errors.ts';
import {
  LAST_PRIORITY,
  type QueueCall,
  type QueueChange,
  type QueueView,
  TASK_CLASSES,
} from '../../domain/queue.ts';
import { days, type Ms, minutes } from '../../domain/units.ts';
import { columns } from '../columns.ts';
import { counted, figure, localTime, spanWords } from '../figures.ts';
import { actorLabel } from '../permissions.ts';
import { queueJson } from '../queue-views.ts';
import type { Command, CommandContext, Reply } from './command.ts';
import { entry } from './entry.ts';
import { type Found, found, none } from './lookup.ts';
import { choice, span, whole, word } from './options.ts';
import { badOption, failed, notFound, ok, refused } from './replies.ts';

const queue = word('queue name; may be left out where there is only one').optional();
const taskClass = choice('only tasks of this class', TASK_CLASSES).optional();

export const QUEUE_COMMANDS: readonly Command[] = [
  entry({
    words: ['queue', 'list'],
    summary: 'All queues: depth, oldest task, rate',
    role: 'operator',
    options: z.strictObject({ queue }),
    positional: ['queue'],
    changes: false,
    example: 'queue list',
    run: async (options, context) => listQueues(options.queue, context),
  }),
  entry({
    words: ['queue', 'pause'],
    summary: 'Starts no more tasks of a queue',
    role: 'operator',
    options: z.strictObject({
      queue,
      for: span('how long; until resumed when left out', minutes(1), days(30)).optional(),
    }),
    positional: ['queue'],
    changes: true,
    example: 'queue pause default --for 30m',
    run: (options, context) =>
      onQueue(options.queue, context, (name, call) =>
        context.controls.tasks.pause(name, options.for ?? null, call),
      ),
  }),
  entry({
    words: ['queue', 'resume'],
    summary: 'Starts tasks of a queue again, and takes new ones',
    role: 'operator',
    options: z.strictObject({ queue }),
    positional: ['queue'],
    changes: true,
    example: 'queue resume default',
    run: (options, context) =>
      onQueue(options.queue, context, (name, call) => context.controls.tasks.resume(name, call)),
  }),
  entry({
    words: ['queue', 'priority'],
    summary: 'Changes the priority of waiting tasks',
    role: 'operator',
    options: z.strictObject({
      queue,
      priority: whole('priority, 1 is first', 1, LAST_PRIORITY),
      class: taskClass,
      id: word('only this task').optional(),
    }),
    positional: ['queue', 'priority'],
    changes: true,
    example: 'queue priority default 10 --class batch',
    run: (options, context) =>
      onQueue(options.queue, context, (name, call) =>
        context.controls.tasks.changePriority(name, options.priority, choiceOf(options), call),
      ),
  }),
  entry({
    words: ['queue', 'drain'],
    summary: 'Runs what waits and takes nothing new, until resumed',
    role: 'operator',
    options: z.strictObject({ queue }),
    positional: ['queue'],
    changes: true,
    example: 'queue drain default',
    run: (options, context) =>
      onQueue(options.queue, context, (name, call) => context.controls.tasks.drain(name, call)),
  }),
  entry({
    words: ['queue', 'redistribute'],
    summary: 'Moves waiting tasks to another queue, and frees what is stuck',
    role: 'operator',
    options: z.strictObject({ queue, to: word('to this queue').optional(), class: taskClass }),
    positional: ['queue', 'to'],
    changes: true,
    example: 'queue redistribute default --to spare',
    run: (options, context) =>
      onQueue(options.queue, context, (name, call) =>
        options.to === undefined
          ? context.controls.tasks.freeStuck(name, call)
          : context.controls.tasks.redistribute(name, options.to, choiceOf(options), call),
      ),
  }),
];

/** What a change of queues or tasks came to. */
export function fromQueueChange(change: QueueChange): Reply {
  switch (change.kind) {
    case 'done':
      return ok(change.text, { changed: true, count: change.count });
    case 'would':
      return ok(`Would do: ${change.text}`, { changed: false, dryRun: true, count: change.count });
    case 'refused':
      return refused(change.reason, { reason: change.reason });
    case 'not_found':
      return notFound(change.reason);
    case 'unknown':
      return failed(`It is not known whether it was done: ${change.reason}. Asking again does no harm.`, {
        reason: change.reason,
        unknown: true,
      });
    default:
      return assertNever(change);
  }
}

export function callOf({ actor, dryRun }: CommandContext): QueueCall {
  return { by: actorLabel(actor), dryRun };
}

export function choiceOf(options: {
  readonly class?: (typeof TASK_CLASSES)[number] | undefined;
  readonly id?: string | undefined;
}): { readonly class?: (typeof TASK_CLASSES)[number]; readonly ids?: readonly string[] } {
  return {
    ...(options.class !== undefined && { class: options.class }),
    ...(options.id !== undefined && { ids: [options.id] }),
  };
}

async function onQueue(
  given: string | undefined,
  context: CommandContext,
  change: (queue: string, call: QueueCall) => Promise<QueueChange>,
): Promise<Reply> {
  const picked = pickQueue(context.controls, given);
  return picked.kind === 'none' ? picked.reply : fromQueueChange(await change(picked.value, callOf(context)));
}

function pickQueue({ tasks }: OpsControls, given: string | undefined): Found<string> {
  const names = tasks.names();
  if (given !== undefined) {
    return names.includes(given) ? found(given) : none(notFound(`There is no queue ${given}.`));
  }
  const [only, ...others] = names;
  if (only !== undefined && others.length === 0) return found(only);
  return none(badOption(`Which queue? There are ${names.join(', ')}.`, { candidates: names }));
}

async function listQueues(given: string | undefined, context: CommandContext): Promise<Reply> {
  const views = await context.controls.tasks.views();
  const shown = views.filter((view) => given === undefined || view.queue === given);
  if (shown.length === 0) return notFound(`There is no queue ${given ?? ''}.`);
  const text = columns(shown.map((view) => queueRow(view, context))).join('\n');
  return ok(text, { queues: shown.map(queueJson) });
}

function queueRow(view: QueueView, context: CommandContext): readonly string[] {
  if (view.depth === null) return [view.queue, view.engine, `unknown: ${view.reason}`];
  const oldest =
    view.oldest === null || view.oldest === 0 ? '' : `, oldest ${spanWords(roundUp(view.oldest))}`;
  return [
    view.queue,
    view.engine,
    `${view.depth} waiting${oldest}`,
    `${view.running ?? 0} running`,
    figure(view.ratePerMinute, 'per-min'),
    `${view.dead ?? 0} dead`,
    notesOf(view, context).join(', '),
  ];
}

function notesOf(view: QueueView, { timezone, now }: CommandContext): readonly string[] {
  return [
    ...(view.paused === true ? ['paused'] : []),
    ...(view.draining === true ? ['takes nothing new'] : []),
    ...(view.stuck !== null && view.stuck > 0 ? [`${view.stuck} stuck`] : []),
    ...(view.workers === null ? [] : [counted(view.workers, 'worker')]),
    ...view.held.map((held) => `${held.class} put off until ${localTime(held.until, timezone, now)}`),
    ...(view.reason === '' ? [] : [view.reason]),
  ];
}

/** Whole seconds, so that a column stays narrow. */
function roundUp(span: Ms): Ms {
  return (Math.ceil(span / 1_000) * 1_000) as Ms;
}
