/**
 * configs/workers.json: the processes that the bot starts and keeps alive, and the tasks of its queue.
 *
 * A command is an argv, never a shell line. Its program is an absolute path, or the word `node`, which is the
 * Node that runs the bot: what PATH happens to hold never decides what is started. Secrets do not belong in
 * this file: `env` refuses keys that look like one, `envFrom` names what is taken from the bot's environment.
 */
import { z } from 'zod';
import { fromPercent, type Ms, minutes, seconds } from '../domain/units.ts';
import type { TaskCommand } from '../platform/queue/settings.ts';
import { Env, EnvFrom, refuseSecrets } from './env-config.ts';
import { MOST_EXITS_KEPT, type RestartPolicy } from './restart-window.ts';
import { Tasks } from './tasks-config.ts';
import {
  AbsolutePath,
  Argv,
  Health,
  Ready,
  type WorkerHealthConfig,
  type WorkerReadyConfig,
} from './worker-check-config.ts';

const NAME = /^[a-z0-9][a-z0-9_-]{0,39}$/;
/** More of one worker on one host is another tool's work. */
export const MOST_INSTANCES = 32;
/** As far as healing scales up a worker that says nothing of it. */
const USUAL_MOST = 4;
const STOP_SIGNALS = ['SIGTERM', 'SIGINT', 'SIGQUIT', 'SIGHUP', 'SIGUSR1', 'SIGUSR2'] as const;

export type StopSignal = (typeof STOP_SIGNALS)[number];

export interface WorkerConfig {
  readonly name: string;
  readonly command: readonly string[];
  /** `null` = the folder the bot was started in. */
  readonly cwd: string | null;
  readonly env: Readonly<Record<string, string>>;
  readonly envFrom: readonly string[];
  readonly instances: number;
  /** Scaling up stops here; down, at `instances`. */
  readonly maxInstances: number;
  readonly stopSignal: StopSignal;
  readonly stopWithin: Ms;
  readonly ready: WorkerReadyConfig;
  readonly health: WorkerHealthConfig | null;
  readonly restart: RestartPolicy;
  readonly onBotStop: 'keep' | 'stop';
  readonly critical: boolean;
  readonly dependsOn: readonly string[];
  readonly group: string | null;
  readonly probes: readonly string[];
}

export interface WorkersConfig {
  readonly workers: readonly WorkerConfig[];
  /** What a task of the queue can run. */
  readonly tasks: readonly TaskCommand[];
}

const Restart = z
  .strictObject({
    firstDelaySeconds: z.number().min(0).max(3_600).default(0), // a single kill is answered at once
    backoffSeconds: z.number().min(0).max(3_600).default(10), // gives what it needs (port, database) time
    maxBackoffSeconds: z.number().min(0).max(86_400).default(300), // five minutes late is late enough
    jitterPercent: z.number().min(0).max(100).default(20), // twenty workers do not return in one instant
    maxExitsInTenMinutes: z.number().int().min(1).max(MOST_EXITS_KEPT).default(5), // a crash loop ends here
    maxExitsInDay: z.number().int().min(1).max(MOST_EXITS_KEPT).default(20), // a slow one here
    resetAfterMinutes: z.number().min(0.1).max(1_440).default(10), // a run that long was a good one
  })
  .transform(
    (raw): RestartPolicy => ({
      firstDelay: seconds(raw.firstDelaySeconds),
      backoff: seconds(raw.backoffSeconds),
      maxBackoff: seconds(raw.maxBackoffSeconds),
      jitter: fromPercent(raw.jitterPercent),
      maxExitsInTenMinutes: raw.maxExitsInTenMinutes,
      maxExitsInDay: raw.maxExitsInDay,
      resetAfter: minutes(raw.resetAfterMinutes),
    }),
  );

const Worker = z
  .strictObject({
    name: z.string().regex(NAME, { error: 'expected lower-case letters, digits, - and _, at most 40' }),
    command: Argv,
    cwd: AbsolutePath.optional(),
    env: Env.default({}), // a worker sees PATH, HOME, LANG, TZ, USER and what is named here, nothing else
    envFrom: EnvFrom.default([]), // secrets come from the environment only
    instances: z.number().int().min(1).max(MOST_INSTANCES).default(1), // one is what most have
    maxInstances: z.number().int().min(1).max(MOST_INSTANCES).optional(), // four, or as many as always run
    stopSignal: z.enum(STOP_SIGNALS).default('SIGTERM'), // what every program should understand
    stopTimeoutSeconds: z.number().min(0.1).max(300).default(10), // then the whole group is killed
    ready: Ready.prefault({}), // lived for one second
    health: Health.optional(),
    restart: Restart.prefault({}), // the ladder of the specification
    onBotStop: z.enum(['keep', 'stop']).default('keep'), // an update of the bot must not stop the work
    critical: z.boolean().default(false), // true = healing asks first, or is refused
    dependsOn: z.array(z.string()).default([]), // heal these first
    group: z.string().optional(),
    probes: z.array(z.string()).default([]), // probes whose metrics speak for it
  })
  .superRefine(({ instances, maxInstances }, context) => {
    if (maxInstances !== undefined && maxInstances < instances) {
      const message = `expected at least as many as instances (${instances})`;
      context.addIssue({ code: 'custom', message, path: ['maxInstances'] });
    }
  })
  .superRefine(refuseSecrets)
  .transform(
    ({ stopTimeoutSeconds, cwd, health, group, maxInstances, ...rest }): WorkerConfig => ({
      ...rest,
      maxInstances: maxInstances ?? Math.max(USUAL_MOST, rest.instances),
      cwd: cwd ?? null,
      health: health ?? null,
      group: group ?? null,
      stopWithin: seconds(stopTimeoutSeconds),
    }),
  );

/** The whole file. */
export const WorkersConfig: z.ZodType<WorkersConfig, unknown> = z.strictObject({
  $schema: z.string().optional(),
  workers: z
    .array(Worker)
    .max(200)
    .default([]) // none: Nightshift supervises nothing until it is told to
    .superRefine((workers, context) => {
      for (const [at, worker] of workers.entries()) {
        if (workers.findIndex((other) => other.name === worker.name) === at) continue;
        context.addIssue({
          code: 'custom',
          message: `expected a name of its own: another worker is named ${worker.name}`,
          path: [at, 'name'],
        });
      }
    }),
  tasks: Tasks,
});
