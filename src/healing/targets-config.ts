/**
 * configs/targets.json: services that actions act on, beyond the workers of workers.json (each of which is a
 * target of kind `process` on its own).
 *
 * A control of an HTTP target is one request; `{target}`, `{host}`, `{perSecond}`, `{spanSeconds}`, `{by}` and
 * `{to}` in it are filled from typed values only. A control of a command target is an argv as in runbooks.
 */
import { isAbsolute } from 'node:path';
import { z } from 'zod';
import {
  CAPABILITIES,
  type CommandTarget,
  type DockerTarget,
  FLAG_CAPABILITIES,
  type HttpControl,
  type HttpTarget,
  type Pm2Target,
  type ProcessTarget,
  type QueueTarget,
  type RedisTarget,
  type SystemdTarget,
  TARGET_KINDS,
  type Target,
} from '../domain/target.ts';
import { type Ms, seconds } from '../domain/units.ts';
import type { QueueSettings } from '../platform/queue/settings.ts';
import { argvFault } from './config.ts';
import { Queues } from './queues-config.ts';
import { Name, WebUrl } from './strategy-config.ts';

export interface TargetsConfig {
  readonly targets: readonly Target[];
  /** How often the `check` commands run; each is a fork. */
  readonly checkEvery: Ms;
  /** Task queues, `default` always among them. */
  readonly queues: readonly QueueSettings[];
}

const SYSTEM_BUS = 'unix:path=/run/dbus/system_bus_socket';
const DOCKER_SOCKET = '/var/run/docker.sock';
const FlagValue = z.union([z.string().max(1_000), z.number(), z.boolean()]);
const AbsolutePath = z
  .string()
  .max(4_096)
  .refine((path) => isAbsolute(path), { error: 'expected an absolute path' });

const FlagEntry = z.strictObject({
  file: AbsolutePath,
  key: z.array(z.string().min(1).max(100)).min(1).max(10), // names from the outside in
  on: FlagValue.default(true), // most switches are yes or no
  off: FlagValue.default(false), // the way back
});

const common = {
  name: Name,
  critical: z.boolean().default(false), // healing may touch it
  dependsOn: z.array(Name).default([]), // stands alone
  group: z.string().min(1).max(64).nullable().default(null), // no group
  probes: z.array(z.string().min(1)).default([]), // none speaks for it
  primaryProbe: z.string().min(1).nullable().default(null), // the way back is judged by what gave the alarm
  flags: z.partialRecord(z.enum(FLAG_CAPABILITIES), FlagEntry).default({}), // no switches
};

const Control: z.ZodType<HttpControl> = z.strictObject({
  url: WebUrl,
  method: z.enum(['POST', 'PUT', 'DELETE', 'GET']).default('POST'), // controls change something
  body: z.string().max(10_000).nullable().default(null), // most need none
});

const Argv = z
  .array(z.string().min(1).max(4_096))
  .min(1)
  .max(100)
  .superRefine((argv, context) => {
    const fault = argvFault(argv);
    if (fault !== null) context.addIssue({ code: 'custom', message: fault.message, path: [fault.index] });
  });

const perCapability = <T extends z.ZodType>(value: T) => z.partialRecord(z.enum(CAPABILITIES), value);

/** Of something that a supervisor keeps; its URLs do what the supervisor cannot. */
const kept = {
  ...common,
  controls: perCapability(Control).default({}), // nothing beyond the kind
  undo: perCapability(Control).default({}), // no way back
};

const ProcessEntry = z
  .strictObject({ ...kept, kind: z.literal('process'), worker: Name })
  .transform((raw): ProcessTarget => tidy(raw));

const SystemdEntry = z
  .strictObject({
    ...kept,
    kind: z.literal('systemd'),
    unit: z.string().regex(/^[A-Za-z0-9:_.@\\-]{1,240}$/, { error: 'expected the name of a unit' }),
    bus: z
      .string()
      .regex(/^unix:path=\/\S+$/, { error: 'expected unix:path=/path/of/a/socket' })
      .default(SYSTEM_BUS), // where every distribution has it
  })
  .refine(({ unit }) => !unit.includes('.') || unit.endsWith('.service'), {
    error: 'expected a service unit',
    path: ['unit'],
  })
  .transform(
    (raw): SystemdTarget => ({
      ...tidy(raw),
      unit: raw.unit.endsWith('.service') ? raw.unit : `${raw.unit}.service`,
    }),
  );

const DockerEntry = z
  .strictObject({
    ...kept,
    kind: z.literal('docker'),
    container: z
      .string()
      .regex(/^[A-Za-z0-9][A-Za-z0-9_.-]{0,127}$/, { error: 'expected the name or id of a container' }),
    socketPath: AbsolutePath.default(DOCKER_SOCKET), // where Docker has it
    stopTimeoutSeconds: z.number().int().min(0).max(300).default(10), // as docker stop
  })
  .transform(
    ({ stopTimeoutSeconds, ...raw }): DockerTarget => ({
      ...tidy(raw),
      stopWithin: seconds(stopTimeoutSeconds),
    }),
  );

const Pm2Entry = z
  .strictObject({
    ...kept,
    kind: z.literal('pm2'),
    app: Name,
    home: AbsolutePath,
    program: AbsolutePath,
    maxInstances: z.number().int().min(1).max(128).default(4), // as for workers
  })
  .transform((raw): Pm2Target => tidy(raw));

const RedisEntry = z
  .strictObject({
    ...kept,
    kind: z.literal('redis'),
    url: z
      .string()
      .regex(/^rediss?:\/\/[^@\s]+$/, {
        error: 'expected redis://host:port without a password; that belongs into REDIS_URL',
      })
      .nullable()
      .default(null), // as REDIS_URL says
    database: z.number().int().min(0).max(1_023).default(0), // the first
    prefix: z.string().min(1).max(200).nullable().default(null), // nothing is cache until somebody says so
    ownsDatabase: z.boolean().default(false), // something else may be in it
    maxKeys: z.number().int().min(1).max(10_000_000).default(100_000), // a cache comes back step by step
  })
  .transform((raw): RedisTarget => tidy(raw));

const QueueEntry = z
  .strictObject({
    ...kept,
    kind: z.literal('queue'),
    queue: Name,
    overflow: Name.nullable().default(null), // tasks stay where they are
  })
  .transform((raw): QueueTarget => tidy(raw));

const HttpEntry = z
  .strictObject({
    ...common,
    kind: z.literal('http'),
    controls: perCapability(Control).default({}), // watched only
    undo: perCapability(Control).default({}), // no way back
  })
  .transform((raw): HttpTarget => tidy(raw));

const CommandEntry = z
  .strictObject({
    ...common,
    kind: z.literal('command'),
    commands: perCapability(Argv).default({}), // watched only
    undo: perCapability(Argv).default({}), // no way back
    check: Argv.nullable().default(null), // its state is unknown
  })
  .transform(
    (raw): CommandTarget => ({
      ...raw,
      commands: defined(raw.commands),
      undo: defined(raw.undo),
      flags: defined(raw.flags),
    }),
  );

const Entry = z.discriminatedUnion(
  'kind',
  [ProcessEntry, SystemdEntry, DockerEntry, Pm2Entry, HttpEntry, RedisEntry, QueueEntry, CommandEntry],
  {
    error: (issue) =>
      issue.code === 'invalid_union' ? `expected kind to be one of ${TARGET_KINDS.join(', ')}` : undefined,
  },
);

export const TargetsConfig: z.ZodType<TargetsConfig> = z
  .strictObject({
    $schema: z.string().optional(),
    checkIntervalSeconds: z.number().min(5).max(3_600).default(15), // a fork each; as often as processes are read
    targets: z.array(Entry).default([]), // the workers alone
    queues: Queues,
  })
  .transform(
    (raw): TargetsConfig => ({
      targets: raw.targets,
      checkEvery: seconds(raw.checkIntervalSeconds),
      queues: raw.queues,
    }),
  );

/** Zod's partial record allows `undefined` values; ours has none. */
type Defined<R> = Readonly<{ [K in keyof R]?: Exclude<R[K], undefined> }>;

function defined<R extends object>(record: R): Defined<R> {
  return Object.fromEntries(Object.entries(record).filter(([, value]) => value !== undefined)) as Defined<R>;
}

type Tidy<T> = { readonly [K in keyof T]: K extends 'controls' | 'undo' | 'flags' ? Defined<T[K]> : T[K] };

function tidy<T extends { readonly controls: object; readonly undo: object; readonly flags: object }>(
  raw: T,
): Tidy<T> {
  const { controls, undo, flags } = raw;
  return {
    ...raw,
    controls: defined(controls),
    undo: defined(undo),
    flags: defined(flags),
  } as Tidy<T>;
}
