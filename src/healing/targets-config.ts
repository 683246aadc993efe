/**
 * configs/targets.json: services that actions act on, beyond the workers of workers.json (each of which is a
 * target of kind `process` on its own).
 *
 * A control of an HTTP target is one request; `{target}`, `{host}`, `{perSecond}`, `{spanSeconds}`, `{by}` and
 * `{to}` in it are filled from typed values only. A control of a command target is an argv as in runbooks.
 */
import { z } from 'zod';
import {
  CAPABILITIES,
  type Capability,
  type CommandTarget,
  type HttpControl,
  type HttpTarget,
  type ProcessTarget,
  type Target,
} from '../domain/target.ts';
import { type Ms, seconds } from '../domain/units.ts';
import type { QueueSettings } from '../platform/queue/settings.ts';
import { argvFault } from './config.ts';
import { Queues } from './queues-config.ts';
import { Name, WebUrl } from './strategy-config.ts';

/** The kinds there is a driver for. */
export const SUPPORTED_KINDS: readonly Target['kind'][] = ['process', 'http', 'command'];

export interface TargetsConfig {
  readonly targets: readonly Target[];
  /** How often the `check` commands run; each is a fork. */
  readonly checkEvery: Ms;
  /** Task queues, `default` always among them. */
  readonly queues: readonly QueueSettings[];
}

const common = {
  name: Name,
  critical: z.boolean().default(false), // healing may touch it
  dependsOn: z.array(Name).default([]), // stands alone
  group: z.string().min(1).max(64).nullable().default(null), // no group
  probes: z.array(z.string().min(1)).default([]), // none speaks for it
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

const ProcessEntry = z
  .strictObject({ ...common, kind: z.literal('process'), worker: Name })
  .transform((raw): ProcessTarget => raw);

const HttpEntry = z
  .strictObject({
    ...common,
    kind: z.literal('http'),
    controls: perCapability(Control).default({}), // watched only
    undo: perCapability(Control).default({}), // no way back
  })
  .transform((raw): HttpTarget => ({ ...raw, controls: defined(raw.controls), undo: defined(raw.undo) }));

const CommandEntry = z
  .strictObject({
    ...common,
    kind: z.literal('command'),
    commands: perCapability(Argv).default({}), // watched only
    undo: perCapability(Argv).default({}), // no way back
    check: Argv.nullable().default(null), // its state is unknown
  })
  .transform((raw): CommandTarget => ({ ...raw, commands: defined(raw.commands), undo: defined(raw.undo) }));

const Entry = z.discriminatedUnion('kind', [ProcessEntry, HttpEntry, CommandEntry], {
  error: (issue) =>
    issue.code === 'invalid_union' ? `expected kind to be one of ${SUPPORTED_KINDS.join(', ')}` : undefined,
});

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

type PerCapability<T> = Readonly<Partial<Record<Capability, T>>>;

/** Zod's partial record allows `undefined` values; ours has none. */
function defined<T>(record: Partial<Record<Capability, T | undefined>>): PerCapability<T> {
  return Object.fromEntries(
    Object.entries(record).filter(([, value]) => value !== undefined),
  ) as PerCapability<T>;
}
