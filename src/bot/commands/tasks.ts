/** Tasks: given to a queue, looked at, taken back. Only what is configured in workers.json can be submitted. */
import { z } from 'zod';
import { assertNever } from '../../domain/errors.ts';
import {
  LAST_PRIORITY,
  type SubmitResult,
  TASK_CLASSES,
  TASK_STATES,
  type Task,
  type TaskState,
} from '../../domain/queue.ts';
import { days, type Ms, ms, seconds } from '../../domain/units.ts';
import { columns } from '../columns.ts';
import { localTime, spanWords } from '../figures.ts';
import { taskDetailJson, taskJson } from '../queue-views.ts';
import type { Command, CommandContext, Reply } from './command.ts';
import { entry } from './entry.ts';
import { choice, span, whole, word } from './options.ts';
import { callOf, fromQueueChange } from './queues.ts';
import { badOption, failed, notFound, ok, refused } from './replies.ts';

const USUAL_LIMIT = 20;

export const TASK_COMMANDS: readonly Command[] = [
  entry({
    words: ['task', 'submit'],
    summary: 'Gives a configured task to a queue',
    role: 'operator',
    options: z.strictObject({
      task: word('name of a task in workers.json'),
      with: word('its variables, like id=42,mode=full').optional(),
      queue: word('another queue than the configured one').optional(),
      class: choice('another class than the configured one', TASK_CLASSES).optional(),
      priority: whole('priority, 1 is first', 1, LAST_PRIORITY).optional(),
      delay: span('not before this is over', seconds(1), days(30)).optional(),
      key: word('the same key again is the same task').optional(),
    }),
    positional: ['task', 'with'],
    changes: true,
    example: 'task submit rebuild-index id=42 --class batch',
    async run(options, context) {
      const variables = readPairs(options.with ?? '');
      if (variables === null) return badOption('Variables look like id=42,mode=full.', { option: 'with' });
      const result = await context.controls.tasks.submit(
        {
          name: options.task,
          queue: options.queue ?? null,
          class: options.class ?? null,
          priority: options.priority ?? null,
          variables,
          delay: options.delay ?? ms(0),
          key: options.key ?? null,
        },
        callOf(context),
      );
      return fromSubmit(result);
    },
  }),
  entry({
    words: ['task', 'list'],
    summary: 'Tasks that wait, run or failed; with an id, one of them and its last lines',
    role: 'operator',
    options: z.strictObject({
      id: word('one task, with what it wrote').optional(),
      queue: word('only this queue').optional(),
      class: choice('only this class', TASK_CLASSES).optional(),
      state: choice('only this state', TASK_STATES).optional(),
      limit: whole(`how many (${USUAL_LIMIT})`, 1, 1_000).optional(),
    }),
    positional: ['id'],
    changes: false,
    example: 'task list --state dead',
    run: (options, context) =>
      options.id === undefined ? listTasks(options, context) : showTask(options.id, context),
  }),
  entry({
    words: ['task', 'cancel'],
    summary: 'Takes a waiting task back, or ends a running one',
    role: 'operator',
    options: z.strictObject({ id: word('task id, or its beginning') }),
    positional: ['id'],
    changes: true,
    example: 'task cancel t1f0c',
    run: async (options, context) =>
      fromQueueChange(await context.controls.tasks.cancel(options.id, callOf(context))),
  }),
];

export function fromSubmit(result: SubmitResult): Reply {
  switch (result.kind) {
    case 'accepted':
      return ok(`Task ${result.task.id} (${result.task.name}) waits in ${result.task.queue}.`, {
        changed: true,
        task: taskJson(result.task),
      });
    case 'existing':
      return ok(`Task ${result.task.id} has this key already (${result.task.state.kind}).`, {
        changed: false,
        task: taskJson(result.task),
      });
    case 'would':
      return ok(result.text, { changed: false, dryRun: true });
    case 'invalid':
      return badOption(`Not taken: ${result.reason}.`, { reason: result.reason });
    case 'full':
    case 'refused':
      return refused(result.reason, { reason: result.reason });
    case 'not_found':
      return notFound(result.reason);
    case 'unknown':
      return failed(
        `It is not known whether it was taken: ${result.reason}. With the same key, asking again does no harm.`,
        {
          reason: result.reason,
          unknown: true,
        },
      );
    default:
      return assertNever(result);
  }
}

/** `id=42,mode=full`; `null` where it is anything else. */
export function readPairs(text: string): Readonly<Record<string, string>> | null {
  const pairs: Record<string, string> = {};
  for (const part of text.split(',').filter((piece) => piece !== '')) {
    const at = part.indexOf('=');
    const name = part.slice(0, at);
    if (at < 1 || !/^[A-Za-z][A-Za-z0-9]*$/.test(name) || Object.hasOwn(pairs, name)) return null;
    pairs[name] = part.slice(at + 1);
  }
  return pairs;
}

interface ListOptions {
  readonly queue?: string | undefined;
  readonly class?: (typeof TASK_CLASSES)[number] | undefined;
  readonly state?: TaskState['kind'] | undefined;
  readonly limit?: number | undefined;
}

async function listTasks(options: ListOptions, context: CommandContext): Promise<Reply> {
  const { tasks } = context.controls;
  if (options.queue !== undefined && !tasks.names().includes(options.queue)) {
    return notFound(`There is no queue ${options.queue}.`);
  }
  const list = await tasks.list({
    limit: options.limit ?? USUAL_LIMIT,
    ...(options.queue !== undefined && { queue: options.queue }),
    ...(options.class !== undefined && { class: options.class }),
    ...(options.state !== undefined && { state: options.state }),
  });
  const more = list.total === null ? 0 : list.total - list.tasks.length;
  const lines = [
    ...columns(list.tasks.map((task) => taskRow(task, context))),
    ...(list.tasks.length === 0 && list.unknown.length === 0 ? ['No tasks.'] : []),
    ...(more > 0 ? [`${more} more; use --limit.`] : []),
    ...list.unknown.map((reason) => `Unknown: ${reason}`),
  ];
  return ok(lines.join('\n'), { tasks: list.tasks.map(taskJson), total: list.total, unknown: list.unknown });
}

async function showTask(id: string, context: CommandContext): Promise<Reply> {
  const detail = await context.controls.tasks.task(id);
  if (detail === undefined) return notFound(`There is no task ${id}, or its queue does not answer.`);
  const { task, log } = detail;
  const values = Object.entries(task.variables).map(([name, value]) => `${name}=${value}`);
  const lines = [
    taskRow(task, context)
      .filter((cell) => cell !== '')
      .join('  '),
    ...(values.length === 0 ? [] : [values.join(', ')]),
    ...(log.length === 0 ? ['It has written nothing.'] : log),
  ];
  return ok(lines.join('\n'), taskDetailJson(detail));
}

function taskRow(task: Task, context: CommandContext): readonly string[] {
  const priority = task.priority === null ? '' : `p${task.priority}`;
  return [task.id, task.queue, task.name, task.class ?? '', priority, stateWords(task, context)];
}

function stateWords({ state, attempts, progress }: Task, { timezone, now }: CommandContext): string {
  const at = (moment: Parameters<typeof localTime>[0]): string => localTime(moment, timezone, now);
  switch (state.kind) {
    case 'waiting':
      return `waits since ${at(state.since)}${attempts > 0 ? `, started ${attempts} times` : ''}`;
    case 'delayed':
      return `not before ${at(state.until)}: ${state.reason}`;
    case 'running': {
      const share = progress === null ? '' : `, ${Math.round(progress * 100)} %`;
      return `runs since ${at(state.since)}${share}`;
    }
    case 'done':
      return `done at ${at(state.at)} in ${took(state.took)}`;
    case 'dead':
      return `dead since ${at(state.at)}: ${state.reason}`;
    case 'cancelled':
      return `cancelled by ${state.by} at ${at(state.at)}`;
  }
}

function took(span: Ms): string {
  return span < 1_000 ? `${Math.round(span)} ms` : spanWords(span);
}
