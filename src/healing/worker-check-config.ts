/**
 * How a worker is asked whether it is ready and whether it is well: by HTTP, by a heartbeat file or by a command.
 * Each check carries its own beat, as different as they are in cost.
 */
import { isAbsolute } from 'node:path';
import { z } from 'zod';
import { type Ms, ms, seconds } from '../domain/units.ts';
import { argvFault } from './config.ts';

/** One way to ask a worker how it is. `{instance}` in a URL, path or argument is its instance number. */
export type WorkerCheck =
  | { readonly kind: 'http'; readonly url: string; readonly timeLimit: Ms }
  | { readonly kind: 'heartbeat'; readonly path: string; readonly maxAge: Ms }
  | { readonly kind: 'command'; readonly argv: readonly string[]; readonly timeLimit: Ms };

export interface WorkerHealthConfig {
  readonly check: WorkerCheck;
  readonly interval: Ms;
  /** Bad answers in a row before the worker is called unhealthy. */
  readonly failures: number;
}

export interface WorkerReadyConfig {
  /** `null` = ready once it has lived for `after`. */
  readonly check: WorkerCheck | null;
  readonly after: Ms;
  /** Not ready after this is unhealthy. */
  readonly within: Ms;
}

export const Argv: z.ZodType<readonly string[], unknown> = z
  .array(z.string().min(1).max(4_096))
  .min(1)
  .max(100)
  .superRefine((argv, context) => {
    const fault = argvFault(argv.map(asPlain));
    if (fault === null) return;
    const message = fault.index === 0 ? `${fault.message}, or "node" for the Node of the bot` : fault.message;
    context.addIssue({ code: 'custom', message, path: [fault.index] });
  });

export const AbsolutePath: z.ZodType<string, unknown> = z
  .string()
  .refine(isAbsolute, { error: 'expected an absolute path' });
const WebUrl = z.string().regex(/^https?:\/\/[^\s]+$/, { error: 'expected an http or https URL' });

const HttpCheck = z
  .strictObject({
    url: WebUrl,
    intervalSeconds: z.number().min(0.2).max(3_600).default(5), // the monitor's own beat
    timeoutMilliseconds: z.number().int().min(10).max(60_000).default(2_000), // slower is as good as hung
    failures: z.number().int().min(1).max(20).default(3), // one lost answer is not a hang
  })
  .transform(
    (raw): WorkerHealthConfig => ({
      check: { kind: 'http', url: raw.url, timeLimit: ms(raw.timeoutMilliseconds) },
      interval: seconds(raw.intervalSeconds),
      failures: raw.failures,
    }),
  );

const HeartbeatCheck = z
  .strictObject({
    path: AbsolutePath,
    maxAgeSeconds: z.number().min(1).max(86_400).default(30), // a few beats of a worker that touches it every 5–10 s
    intervalSeconds: z.number().min(0.2).max(3_600).default(5), // one stat; nearly free
  })
  .transform(
    (raw): WorkerHealthConfig => ({
      check: { kind: 'heartbeat', path: raw.path, maxAge: seconds(raw.maxAgeSeconds) },
      interval: seconds(raw.intervalSeconds),
      failures: 1,
    }),
  );

const CommandCheck = z
  .strictObject({
    argv: Argv,
    intervalSeconds: z.number().min(1).max(3_600).default(30), // it forks, so not at every beat
    timeoutMilliseconds: z.number().int().min(10).max(60_000).default(5_000), // a program has to start first
    failures: z.number().int().min(1).max(20).default(3), // one bad exit is not a hang
  })
  .transform(
    (raw): WorkerHealthConfig => ({
      check: { kind: 'command', argv: raw.argv, timeLimit: ms(raw.timeoutMilliseconds) },
      interval: seconds(raw.intervalSeconds),
      failures: raw.failures,
    }),
  );

export const Health: z.ZodType<WorkerHealthConfig, unknown> = z
  .strictObject({
    http: HttpCheck.optional(),
    heartbeatFile: HeartbeatCheck.optional(),
    command: CommandCheck.optional(),
  })
  .transform((raw, context): WorkerHealthConfig => {
    const [first, second] = [raw.http, raw.heartbeatFile, raw.command].filter((check) => check !== undefined);
    if (first !== undefined && second === undefined) return first;
    context.addIssue({ code: 'custom', message: 'expected exactly one of http, heartbeatFile, command' });
    return z.NEVER;
  });

export const Ready: z.ZodType<WorkerReadyConfig, unknown> = z
  .strictObject({
    http: z
      .strictObject({ url: WebUrl, timeoutMilliseconds: z.number().int().min(10).max(60_000).default(2_000) }) // as for health
      .optional(),
    heartbeatFile: AbsolutePath.optional(),
    command: z
      .strictObject({ argv: Argv, timeoutMilliseconds: z.number().int().min(10).max(60_000).default(5_000) }) // as for health
      .optional(),
    afterSeconds: z.number().min(0).max(3_600).default(1), // long enough to see a worker die at its first line
    withinSeconds: z.number().min(1).max(3_600).default(60), // a slow start is not a hang
  })
  .refine((raw) => readyChecks(raw).length <= 1, {
    error: 'expected at most one of http, heartbeatFile, command',
  })
  .transform(
    (raw): WorkerReadyConfig => ({
      check: readyChecks(raw)[0] ?? null,
      after: seconds(raw.afterSeconds),
      within: seconds(raw.withinSeconds),
    }),
  );

interface RawReady {
  readonly http?: { readonly url: string; readonly timeoutMilliseconds: number } | undefined;
  readonly heartbeatFile?: string | undefined;
  readonly command?: { readonly argv: readonly string[]; readonly timeoutMilliseconds: number } | undefined;
}

function readyChecks({ http, heartbeatFile, command }: RawReady): readonly WorkerCheck[] {
  const checks: WorkerCheck[] = [];
  if (http) checks.push({ kind: 'http', url: http.url, timeLimit: ms(http.timeoutMilliseconds) });
  if (heartbeatFile) checks.push({ kind: 'heartbeat', path: heartbeatFile, maxAge: seconds(30) });
  if (command) {
    checks.push({ kind: 'command', argv: command.argv, timeLimit: ms(command.timeoutMilliseconds) });
  }
  return checks;
}

/** `node` is the bot's own Node, and `{instance}` is filled in later: neither is a fault. */
function asPlain(part: string, index: number): string {
  return index === 0 && part === 'node' ? process.execPath : part.replaceAll('{instance}', '0');
}
