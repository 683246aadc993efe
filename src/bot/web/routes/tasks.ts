/** Queues and tasks over HTTP: looking at them, and handing a task in. 202 means that it is on disk. */
import { z } from 'zod';
import {
  LAST_PRIORITY,
  type SubmitResult,
  TASK_CLASSES,
  TASK_STATES,
  type TaskFilter,
} from '../../../domain/queue.ts';
import { seconds } from '../../../domain/units.ts';
import { HTTP_STATUS, type HttpAnswer, type HttpCode, problem } from '../../../platform/http-problem.ts';
import { actorLabel } from '../../permissions.ts';
import { queueJson, taskDetailJson, taskJson } from '../../queue-views.ts';
import type { WebDeps } from '../deps.ts';
import { actorOf, ok, type Route, route } from '../route.ts';

/** Programs hand tasks in; a person's pace would hold them back. */
const SUBMITS_A_MINUTE = 60_000;

const name = z.string().trim().min(1).max(200);

const SubmitBody = z.strictObject({
  /** A task of workers.json; a job name for a queue of BullMQ. */
  task: name,
  queue: name.nullable().default(null),
  class: z.enum(TASK_CLASSES).nullable().default(null),
  /** 1 is first. */
  priority: z.number().int().min(1).max(LAST_PRIORITY).nullable().default(null),
  variables: z.record(z.string().max(40), z.union([z.string().max(200), z.number()])).default({}),
  delaySeconds: z.number().min(0).max(2_592_000).default(0),
  /** The same key again is the same task, for a day. */
  key: name.nullable().default(null),
  dryRun: z.boolean().default(false),
});

export function taskRoutes({ controls }: Pick<WebDeps, 'controls'>): readonly Route[] {
  return [
    route({
      method: 'GET',
      path: '/api/tasks',
      summary: 'Queues, and tasks in the order in which they will run; what is unknown is null.',
      role: 'viewer',
      query: z.strictObject({
        queue: name.optional(),
        class: z.enum(TASK_CLASSES).optional(),
        state: z.enum(TASK_STATES).optional(),
        limit: z.coerce.number().int().min(1).max(1_000).default(100),
      }),
      answer: async ({ query }) => {
        const filter = Object.fromEntries(Object.entries(query).filter(([, value]) => value !== undefined));
        const [views, list] = await Promise.all([
          controls.tasks.views(),
          controls.tasks.list(filter as unknown as TaskFilter),
        ]);
        return ok({
          queues: views.map(queueJson),
          tasks: list.tasks.map(taskJson),
          total: list.total,
          unknown: list.unknown,
        });
      },
    }),
    route({
      method: 'GET',
      path: '/api/tasks/:id',
      summary: 'One task with its progress and the last lines it wrote.',
      role: 'viewer',
      answer: async ({ params }) => {
        const id = params['id'] ?? '';
        const detail = await controls.tasks.task(id);
        return detail === undefined
          ? problem('NOT_FOUND', `There is no task ${id}.`)
          : ok(taskDetailJson(detail));
      },
    }),
    submitRoute(controls),
  ];
}

function submitRoute(controls: WebDeps['controls']): Route {
  return route({
    method: 'POST',
    path: '/api/tasks',
    summary: 'Hands a configured task to a queue: 202 once it is on disk, 429 when too many wait.',
    role: 'operator',
    perMinute: SUBMITS_A_MINUTE,
    body: SubmitBody,
    answer: async (call) => {
      const { task, delaySeconds, dryRun, variables, ...rest } = call.body;
      const actor = actorOf(call);
      const values = Object.entries(variables).map(([key, value]) => [key, String(value)]);
      const result = await controls.tasks.submit(
        { ...rest, name: task, delay: seconds(delaySeconds), variables: Object.fromEntries(values) },
        { by: actorLabel(actor), dryRun },
      );
      await controls.recordCommand(`task submit ${task}`, actor, result.kind);
      return answerOf(result);
    },
  });
}

function answerOf(result: SubmitResult): HttpAnswer {
  switch (result.kind) {
    case 'accepted':
      return { status: 202, body: { task: taskJson(result.task), existing: false } };
    case 'existing':
      return { status: 202, body: { task: taskJson(result.task), existing: true } };
    case 'would':
      return ok({ task: null, dryRun: true, text: result.text });
    case 'full':
      return { ...problem('REFUSED', result.reason), status: HTTP_STATUS.RATE_LIMITED };
    default:
      return problem(CODES[result.kind], result.reason);
  }
}

const CODES: Readonly<Record<'invalid' | 'refused' | 'not_found' | 'unknown', HttpCode>> = {
  invalid: 'BAD_OPTION',
  refused: 'REFUSED',
  not_found: 'NOT_FOUND',
  unknown: 'UNAVAILABLE',
};
