/**
 * configs/healing_strategies.json: what may be healed, how, and the limits that nothing may pass.
 *
 * Everything here is bounded on both sides: a typing slip must not switch a brake off. Names of targets are
 * checked against targets.json and workers.json by config-checks.ts.
 */
import { basename, isAbsolute } from 'node:path';
import { z } from 'zod';
import type { Autonomy, Strategy } from '../domain/strategy.ts';
import {
  type Bytes,
  fromPercent,
  type Ms,
  mebibytes,
  minutes,
  type Ratio,
  seconds,
} from '../domain/units.ts';
import { Name, StrategyEntry, toStrategy, WebUrl } from './strategy-config.ts';

const SHELLS = ['sh', 'bash', 'dash', 'zsh', 'ksh', 'csh', 'tcsh', 'fish', 'busybox'];
export const WEEKDAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'] as const;
export type Weekday = (typeof WEEKDAYS)[number];

/** Limits that belong to no single strategy. */
export interface HealingLimits {
  readonly perTargetPerHour: number;
  readonly perHostPerHour: number;
  readonly breaker: { readonly failures: number; readonly openFor: Ms };
  readonly blastRadius: { readonly within: Ms; readonly minTargets: number; readonly sickShare: Ratio };
  readonly selfProtection: { readonly minFreeDisk: Bytes; readonly maxPids: Ratio };
  /** A sample older than this is unknown. */
  readonly staleAfter: Ms;
}

/** An allow-listed command. `{target}` and `{host}` may stand for a whole argument, never for a part. */
export interface Runbook {
  readonly argv: readonly string[];
  readonly undo: readonly string[] | null;
  readonly needsApproval: boolean;
  readonly idempotent: boolean;
}

/** A quiet time that comes back every week, in the configured zone. */
export interface WeeklyWindow {
  readonly target: string | null;
  readonly days: readonly Weekday[];
  /** Minutes after local midnight. */
  readonly fromMinute: number;
  readonly lasts: Ms;
  readonly reason: string;
}

export interface AutonomyRule {
  readonly strategy: string;
  readonly target: string | null;
  readonly autonomy: Autonomy;
}

export interface HealingConfig {
  readonly strategies: readonly Strategy[];
  readonly limits: HealingLimits;
  readonly criticalAllowList: readonly string[];
  readonly maintenance: readonly WeeklyWindow[];
  readonly commands: Readonly<Record<string, Runbook>>;
  readonly approvalFor: Ms;
  readonly reopenWithin: Ms;
  readonly joinWithin: Ms;
  readonly pageHold: Ms;
  readonly earnedAutonomy: { readonly enabled: boolean; readonly afterSuccesses: number };
  readonly soleOperator: boolean;
  /** Action kinds, `command:<name>` or `target:<name>` that need two different people. */
  readonly twoPerson: readonly string[];
  readonly autonomy: readonly AutonomyRule[];
  readonly github: GithubConfig | null;
}

export interface GithubConfig {
  readonly repository: string;
  readonly ref: string;
  readonly apiUrl: string;
}

const Argv = z
  .array(z.string().min(1).max(4_096))
  .min(1)
  .max(100)
  .superRefine((argv, context) => {
    const fault = argvFault(argv);
    if (fault !== null) context.addIssue({ code: 'custom', message: fault.message, path: [fault.index] });
  });

const RunbookEntry = z
  .strictObject({
    argv: Argv,
    undo: Argv.nullable().default(null), // most commands have no way back
    needsApproval: z.boolean().default(true), // a command we know nothing about is asked for
    idempotent: z.boolean().default(false), // promised by the operator or not at all
  })
  .transform((raw): Runbook => raw);

const Window = z
  .strictObject({
    target: Name.nullable().default(null), // the whole host
    days: z
      .array(z.enum(WEEKDAYS))
      .min(1)
      .default([...WEEKDAYS]), // every day
    from: z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, { error: 'expected a local time such as 02:30' }),
    forMinutes: z.number().int().min(1).max(1_440),
    reason: z.string().min(1).default('planned maintenance'), // shown with every refusal
  })
  .transform(
    (raw): WeeklyWindow => ({
      target: raw.target,
      days: raw.days,
      fromMinute: Number(raw.from.slice(0, 2)) * 60 + Number(raw.from.slice(3)),
      lasts: minutes(raw.forMinutes),
      reason: raw.reason,
    }),
  );

const Limits = z.strictObject({
  gracePeriodSeconds: z.number().min(0).max(86_400).default(300), // five minutes for an action to show what it did
  maxAttemptsPerHour: z.number().int().min(1).max(20).default(3), // what three did not heal a fourth will not
  perTargetPerHour: z.number().int().min(1).max(60).default(6), // two strategies at their limit
  perHostPerHour: z.number().int().min(1).max(200).default(10), // a host that needs more has another trouble
  breaker: z
    .strictObject({
      failures: z.number().int().min(1).max(10).default(2), // once may be bad luck
      openMinutes: z.number().min(1).max(1_440).default(60), // then one try
    })
    .prefault({}),
  blastRadius: z
    .strictObject({
      windowMinutes: z.number().min(1).max(60).default(5), // sick together means one cause
      minTargets: z.number().int().min(2).max(1_000).default(3), // below that a share says nothing
      sickPercent: z.number().min(1).max(100).default(50), // more than half
    })
    .prefault({}),
  selfProtection: z
    .strictObject({
      minFreeDiskMegabytes: z.number().min(1).default(200), // room for state and audit
      maxPidsPercent: z.number().min(10).max(100).default(90), // forking must still be possible
    })
    .prefault({}),
  staleSeconds: z.number().min(5).max(3_600).default(60), // twelve beats of the default five seconds
});

const Schema = z
  .strictObject({
    $schema: z.string().optional(),
    limits: Limits.prefault({}),
    criticalAllowList: z.array(Name).default([]), // nobody until somebody says so
    maintenance: z.array(Window).default([]), // none
    commands: z.record(Name, RunbookEntry).default({}), // none
    approvalMinutes: z.number().min(1).max(1_440).default(15), // long enough to wake up, short enough to be true
    reopenMinutes: z.number().min(1).max(1_440).default(30), // the same trouble again belongs in the same thread
    joinSeconds: z.number().min(1).max(600).default(60), // one cause shows itself within a minute
    pageHoldMinutes: z.number().min(0).max(10).default(10), // nobody waits longer than this for us
    earnedAutonomy: z
      .strictObject({
        enabled: z.boolean().default(false), // trust is given on purpose
        afterSuccesses: z.number().int().min(1).max(100).default(5), // verified ones, in a row
      })
      .prefault({}),
    soleOperator: z.boolean().default(false), // two people look twice
    twoPerson: z.array(z.string().min(1)).default([]), // none
    autonomy: z
      .array(
        z.strictObject({
          strategy: Name,
          target: Name.nullable().default(null), // all targets of the strategy
          autonomy: z.enum(['suggest', 'ask', 'auto']),
        }),
      )
      .default([]), // what each strategy says itself
    github: z
      .strictObject({
        repository: z.string().regex(/^[\w.-]+\/[\w.-]+$/, { error: 'expected owner/name' }),
        ref: z.string().min(1).max(200).default('main'), // where the workflow file lives
        apiUrl: WebUrl.default('https://api.github.com'), // elsewhere for GitHub Enterprise
      })
      .nullable()
      .default(null), // not used
    strategies: z.array(StrategyEntry).default([]), // watch only
  })
  .transform(
    (raw): HealingConfig => ({
      strategies: raw.strategies.map((entry) => toStrategy(entry, raw.limits)),
      limits: toLimits(raw.limits),
      criticalAllowList: raw.criticalAllowList,
      maintenance: raw.maintenance,
      commands: raw.commands,
      approvalFor: minutes(raw.approvalMinutes),
      reopenWithin: minutes(raw.reopenMinutes),
      joinWithin: seconds(raw.joinSeconds),
      pageHold: minutes(raw.pageHoldMinutes),
      earnedAutonomy: raw.earnedAutonomy,
      soleOperator: raw.soleOperator,
      twoPerson: raw.twoPerson,
      autonomy: raw.autonomy,
      github: raw.github,
    }),
  );

export const HealingConfig: z.ZodType<HealingConfig> = Schema;

function toLimits(raw: z.infer<typeof Limits>): HealingLimits {
  return {
    perTargetPerHour: raw.perTargetPerHour,
    perHostPerHour: raw.perHostPerHour,
    breaker: { failures: raw.breaker.failures, openFor: minutes(raw.breaker.openMinutes) },
    blastRadius: {
      within: minutes(raw.blastRadius.windowMinutes),
      minTargets: raw.blastRadius.minTargets,
      sickShare: fromPercent(raw.blastRadius.sickPercent),
    },
    selfProtection: {
      minFreeDisk: mebibytes(raw.selfProtection.minFreeDiskMegabytes),
      maxPids: fromPercent(raw.selfProtection.maxPidsPercent),
    },
    staleAfter: seconds(raw.staleSeconds),
  };
}

/** What is wrong with an argv, or `null`: no shell line, no relative program, no half-filled argument. */
export function argvFault(
  argv: readonly string[],
): { readonly index: number; readonly message: string } | null {
  const program = argv[0] ?? '';
  if (!isAbsolute(program)) return { index: 0, message: 'expected the absolute path of a program' };
  const inline = argv.findIndex((part, index) => index > 0 && /^-[A-Za-z]*c$/.test(part));
  if (SHELLS.includes(basename(program)) && inline !== -1) {
    return { index: inline, message: 'expected a program of its own: a shell line is never run' };
  }
  const partial = argv.findIndex(
    (part, index) =>
      /\{[A-Za-z]+\}/.test(part) && (index === 0 || (part !== '{target}' && part !== '{host}')),
  );
  if (partial === -1) return null;
  return { index: partial, message: 'expected {target} or {host} as a whole argument, or no braces' };
}
