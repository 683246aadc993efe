/**
 * `tasks` in configs/workers.json: the programs that a task of the queue can run, and nothing else.
 *
 * A task is an argv as of a worker. `{name}` as a whole argument is filled from a declared, typed variable; nothing
 * that a person, a webhook or a metric says reaches an argument in any other way.
 */
import { basename, isAbsolute } from 'node:path';
import { z } from 'zod';
import { LAST_PRIORITY, ORDINARY_PRIORITY, TASK_CLASSES } from '../domain/queue.ts';
import { seconds } from '../domain/units.ts';
import { DEFAULT_QUEUE, type TaskCommand, type VariableRule } from '../platform/queue/settings.ts';
import { faultOf, variableOf } from '../platform/queue/task-command.ts';
import { Env, EnvFrom, refuseSecrets } from './env-config.ts';

const NAME = /^[a-z0-9][a-z0-9_-]{0,39}$/;
const SHELLS: readonly string[] = ['sh', 'bash', 'dash', 'zsh', 'ksh', 'fish', 'ash'];
const INLINE: Readonly<Record<string, RegExp>> = { node: /^(-e|-p|--eval|--print)$/ };
const USUAL_ATTEMPTS = 3;

const shortName = z
  .string()
  .regex(NAME, { error: 'expected lower-case letters, digits, - and _, at most 40' });
const usual = z.string().max(64).nullable().default(null); // it must be given

const Variable = z
  .discriminatedUnion('type', [
    z.strictObject({ type: z.literal('name'), default: usual }),
    z.strictObject({
      type: z.literal('integer'),
      min: z.number().int().default(0), // counts and ids
      max: z.number().int().default(1_000_000_000), // larger is a mistake more often than a wish
      default: usual,
    }),
    z.strictObject({
      type: z.literal('choice'),
      choices: z.array(z.string().min(1).max(64)).min(1),
      default: usual,
    }),
  ])
  .superRefine((rule, context) => {
    const fault = rule.default === null ? null : faultOf(rule.default, rule);
    if (fault !== null) context.addIssue({ code: 'custom', message: fault, path: ['default'] });
    if (rule.type !== 'choice') return;
    const at = rule.choices.findIndex((choice) => choice.startsWith('-') || choice.includes('\0'));
    if (at !== -1)
      context.addIssue({ code: 'custom', message: 'expected no dash in front', path: ['choices', at] });
  })
  .transform((rule): VariableRule => rule);

const Task = z
  .strictObject({
    name: shortName,
    command: z.array(z.string().min(1).max(4_096)).min(1).max(100),
    variables: z.record(z.string().regex(/^[A-Za-z][A-Za-z0-9]{0,39}$/), Variable).default({}), // it takes none
    queue: shortName.default(DEFAULT_QUEUE), // the queue that is always there
    class: z.enum(TASK_CLASSES).default('normal'), // critical and batch are said, not assumed
    priority: z.number().int().min(1).max(LAST_PRIORITY).default(ORDINARY_PRIORITY), // 1 is first
    timeLimitSeconds: z.number().min(0.1).max(86_400).default(300), // what hangs must not hold a slot for the night
    idempotent: z.boolean().default(false), // a second run is harmless: promised by you, or not at all
    attempts: z.number().int().min(1).max(100).optional(), // absent: 3 where idempotent, else 1
    backoffSeconds: z.number().min(0).max(3_600).default(10), // then twice as long each time
    maxBackoffSeconds: z.number().min(0).max(86_400).default(300), // five minutes late is late enough
    cwd: z.string().refine(isAbsolute, { error: 'expected an absolute path' }).nullable().default(null), // where the bot runs
    env: Env.default({}), // PATH and LANG, and what is named here
    envFrom: EnvFrom.default([]), // secrets come from the environment only
  })
  .superRefine(refuseSecrets)
  .superRefine(({ command, variables }, context) => {
    const fault = commandFault(command, Object.keys(variables));
    if (fault !== null) {
      context.addIssue({ code: 'custom', message: fault.message, path: ['command', fault.index] });
    }
  })
  .transform(
    ({ timeLimitSeconds, attempts, backoffSeconds, maxBackoffSeconds, ...rest }): TaskCommand => ({
      ...rest,
      timeLimit: seconds(timeLimitSeconds),
      attempts: attempts ?? (rest.idempotent ? USUAL_ATTEMPTS : 1),
      backoff: seconds(backoffSeconds),
      maxBackoff: seconds(maxBackoffSeconds),
    }),
  );

/** The list in workers.json. */
export const Tasks: z.ZodType<readonly TaskCommand[], unknown> = z
  .array(Task)
  .max(500)
  .default([]) // none: nothing can be submitted
  .superRefine((tasks, context) => {
    for (const [at, task] of tasks.entries()) {
      if (tasks.findIndex((other) => other.name === task.name) === at) continue;
      const message = `expected a name of its own: another task is named ${task.name}`;
      context.addIssue({ code: 'custom', message, path: [at, 'name'] });
    }
  });

/** What makes an argv unfit to run, and where. */
function commandFault(
  command: readonly string[],
  variables: readonly string[],
): { readonly index: number; readonly message: string } | null {
  const program = command[0] ?? '';
  if (!isAbsolute(program) && program !== 'node') {
    return {
      index: 0,
      message: 'expected the absolute path of a program, or "node" for the Node of the bot',
    };
  }
  const inline = SHELLS.includes(basename(program)) ? /^-[A-Za-z]*c$/ : INLINE[basename(program)];
  const script = inline === undefined ? -1 : command.findIndex((part, at) => at > 0 && inline.test(part));
  if (script !== -1)
    return { index: script, message: 'expected a program of its own: a line of code is never run' };
  const odd = command.findIndex((part, at) => {
    const named = variableOf(part);
    if (at === 0) return /[{}]/.test(part);
    return named === null ? /\{[A-Za-z]/.test(part) : !variables.includes(named);
  });
  if (odd === -1) return null;
  return {
    index: odd,
    message: 'expected a declared variable such as {id} as a whole argument, or no braces',
  };
}
