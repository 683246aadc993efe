/**
 * Routes that change something. Roles beyond viewer are checked by the command table and by the approvals
 * themselves, so that a refused try is audited like one from chat.
 */
import { z } from 'zod';
import type { DecisionResult } from '../../../domain/approval.ts';
import type { ControlResult } from '../../../domain/controls.ts';
import { assertNever } from '../../../domain/errors.ts';
import { epochMs, fromIso } from '../../../domain/units.ts';
import { HTTP_STATUS, type HttpAnswer, type HttpCode } from '../../../platform/http-problem.ts';
import { approvalView } from '../../approval-views.ts';
import type { Reply, ReplyCode } from '../../commands/command.ts';
import { ok as done, forbidden, fromControl, notFound, refused } from '../../commands/replies.ts';
import type { DemoDesk, SamplePush, WebDeps } from '../deps.ts';
import { actorOf, ok, type Route, route } from '../route.ts';

const CommandBody = z.union([
  z.strictObject({ text: z.string().max(4_000) }),
  z.strictObject({ words: z.array(z.string().max(4_000)).max(100) }),
  z.strictObject({
    command: z.string().trim().min(1).max(200),
    options: z.record(z.string().max(80), z.unknown()).default({}),
    dryRun: z.boolean().default(false),
  }),
]);

const DecisionBody = z.strictObject({
  decision: z.enum(['approve', 'deny']),
  reason: z.string().trim().max(500).default(''),
});

const PushBody = z.strictObject({
  samples: z
    .array(
      z.strictObject({
        metric: z
          .string()
          .regex(/^[a-z][a-z0-9_]*(:[^\s:][^\s]{0,119})?$/, 'expected a name like queue_depth:orders'),
        /** `null` = it could not be known. */
        value: z.number().nullable(),
        /** ISO 8601; absent = now. */
        time: z.string().optional(),
      }),
    )
    .min(1)
    .max(1_000),
});

export function actRoutes(
  deps: Pick<WebDeps, 'controls' | 'desk' | 'clock' | 'push' | 'demo'>,
): readonly Route[] {
  return [
    commandRoute(deps),
    approvalRoute(deps),
    ...(deps.push === undefined ? [] : [pushRoute(deps.push, deps.clock)]),
    ...(deps.demo === undefined ? [] : demoRoutes(deps.demo)),
  ];
}

function commandRoute({ desk }: Pick<WebDeps, 'desk'>): Route {
  return route({
    method: 'POST',
    path: '/api/commands',
    summary: 'Runs any command: by its words and options, or as one line of text.',
    role: 'viewer',
    body: CommandBody,
    answer: async (call) => {
      // A backup takes as long as it takes; the connection is quiet meanwhile and must not be taken for dead.
      call.reply.raw.socket?.setTimeout(0);
      return fromReply(await desk.run(call.body, actorOf(call)));
    },
  });
}

function approvalRoute({ controls }: Pick<WebDeps, 'controls'>): Route {
  return route({
    method: 'POST',
    path: '/api/approvals/:id',
    summary: 'Says yes or no to what waits.',
    role: 'viewer',
    perMinute: 120,
    body: DecisionBody,
    answer: async (call) => {
      const { decision, reason } = call.body;
      const id = call.params['id'] ?? '';
      return fromReply(decisionReply(id, await controls.decide(id, decision, actorOf(call), reason)));
    },
  });
}

function decisionReply(id: string, result: DecisionResult): Reply {
  switch (result.kind) {
    case 'accepted':
      return done(`Recorded: ${result.approval.state.kind}.`, approvalView(result.approval));
    case 'one_more_needed':
      return done('Recorded. A second person has to say yes too.', approvalView(result.approval));
    case 'refused':
      return FORBIDDING.includes(result.code)
        ? forbidden(result.reason, { reason: result.code })
        : refused(result.reason, { reason: result.code });
    case 'not_found':
      return notFound(`There is no approval ${id}.`);
    default:
      return assertNever(result);
  }
}

const FORBIDDING: readonly string[] = ['FORBIDDEN', 'OWN_REQUEST', 'SAME_PERSON'];

function pushRoute(push: SamplePush, clock: WebDeps['clock']): Route {
  return route({
    method: 'POST',
    path: '/api/metrics',
    summary: 'Takes samples from another program.',
    role: 'responder',
    body: PushBody,
    answer: (call) => {
      const now = clock.now();
      const read = call.body.samples.map(({ metric, value, time }) => ({
        metric,
        value,
        at: time === undefined ? now : fromIso(time),
      }));
      const known = read.filter(({ at }) => at !== undefined);
      const result = push(
        known.map(({ metric, value, at }) => ({ metric, value, at: epochMs(at ?? now) })),
        actorOf(call),
      );
      const unread = read
        .filter(({ at }) => at === undefined)
        .map(({ metric }) => ({ metric, reason: 'expected an ISO 8601 time' }));
      return { status: 202, body: { accepted: result.accepted, refused: [...unread, ...result.refused] } };
    },
  });
}

function demoRoutes(demo: DemoDesk): readonly Route[] {
  return [
    route({
      method: 'GET',
      path: '/api/demo',
      summary: 'Ways of breaking the sandbox patient.',
      role: 'viewer',
      answer: () => ok({ faults: demo.faults() }),
    }),
    route({
      method: 'POST',
      path: '/api/demo/faults',
      summary: 'Breaks the sandbox patient on purpose.',
      role: 'operator',
      body: z.strictObject({ fault: z.string().min(1).max(80) }),
      answer: async (call): Promise<HttpAnswer> => {
        const result: ControlResult = await demo.inject(call.body.fault, actorOf(call));
        return fromReply(fromControl(result));
      },
    }),
  ];
}

const HTTP_CODE: Readonly<Record<Exclude<ReplyCode, 'OK' | 'FAILED'>, HttpCode>> = {
  UNKNOWN_COMMAND: 'UNKNOWN_COMMAND',
  BAD_OPTION: 'BAD_OPTION',
  FORBIDDEN: 'FORBIDDEN',
  REFUSED: 'REFUSED',
  NOT_FOUND: 'NOT_FOUND',
};

/** The reply as it is; a refusal also as the usual error, so that every client finds it where it looks. */
function fromReply(reply: Reply): HttpAnswer {
  if (reply.code === 'OK' || reply.code === 'FAILED') return ok(reply);
  const code = HTTP_CODE[reply.code];
  const error = { code, message: reply.text, details: reply.data };
  return { status: HTTP_STATUS[code], body: { ...reply, error } };
}
