/**
 * `configs/resource_budget.json`: what the host and its targets may use, how they are slowed when they use more, and
 * what may be learnt from their load.
 *
 * A share is a share of the whole host, also for a target. Percent and hours end here.
 */
import { z } from 'zod';
import {
  days,
  type EpochMs,
  fromIso,
  fromPercent,
  hours,
  type Ms,
  minutes,
  type Ratio,
} from '../domain/units.ts';
import type { ClassRules } from '../platform/queue/settings.ts';
import { QueueClasses } from './queue-classes.ts';

/** What one file says of the host or a target. `null` = no budget. */
export interface BudgetLimits {
  readonly cpu: Ratio | null;
  readonly memory: Ratio | null;
}

export interface TargetBudget extends BudgetLimits {
  readonly target: string;
  /** The entry counts until then; `null` = always. */
  readonly until: EpochMs | null;
}

export interface ThrottleConfig {
  readonly enabled: boolean;
  /** So many beats over in a row before the next rung. */
  readonly beatsOver: number;
  /** So many beats well under in a row before anything is given back. */
  readonly beatsUnder: number;
  /** "Well under" = this far below the budget, as a share of it. */
  readonly hysteresis: Ratio;
  /** What a slowed target may still use of the host. */
  readonly targetCpu: Ratio;
  readonly targetMemory: Ratio;
  /** The cache of a target is not cleared again sooner. */
  readonly clearCacheEvery: Ms;
  /** Those whose cache may be cleared. */
  readonly clearCachesOf: readonly string[];
  /** Those that may be slowed; `null` = every target that is not critical. */
  readonly targets: readonly string[] | null;
  /** The memory budget of this file throttles only so far above what the host uses as a rule. */
  readonly memoryRise: Ratio;
}

export interface LearningConfig {
  readonly mode: 'suggest' | 'auto';
  readonly every: Ms;
  readonly minDays: number;
  /** The safe band of k. */
  readonly leastSigmas: number;
  readonly mostSigmas: number;
  /** A narrower band is suggested while it would have been left no more often than this. */
  readonly exitsPerWeek: number;
  /** A suggestion that was rejected is not made again for this long. */
  readonly rejectedFor: Ms;
}

export interface ForecastConfig {
  /** Warned when it is likely within this time. */
  readonly disk: Ms;
  readonly memory: Ms;
  readonly budget: Ms;
}

export interface OptimizerConfig {
  readonly budgets: BudgetLimits & {
    /** `null`: the message budget of bot.json. */
    readonly messagesPerHour: number | null;
    readonly targets: readonly TargetBudget[];
  };
  readonly throttle: ThrottleConfig;
  readonly learning: LearningConfig;
  readonly forecast: ForecastConfig;
  /** How long a task of a class gives way, and how nice its process is. */
  readonly queueClasses: ClassRules;
}

const percent = z.number().min(1, { error: 'must be a percentage from 1 to 100' }).max(100, {
  error: 'must be a percentage from 1 to 100',
});

const targetName = z.string().min(1).max(63);

const TargetEntry = z
  .strictObject({
    target: targetName,
    cpuPercent: percent.optional(),
    memoryPercent: percent.optional(),
    /** ISO 8601 in UTC. */
    until: z
      .string()
      .refine((text) => fromIso(text) !== undefined, 'expected a moment such as 2026-12-24T18:00:00Z')
      .optional(),
  })
  .refine((entry) => entry.cpuPercent !== undefined || entry.memoryPercent !== undefined, {
    error: 'expected cpuPercent or memoryPercent',
  })
  .transform(
    (entry): TargetBudget => ({
      target: entry.target,
      cpu: shareOf(entry.cpuPercent),
      memory: shareOf(entry.memoryPercent),
      until: entry.until === undefined ? null : (fromIso(entry.until) ?? null),
    }),
  );

const Budgets = z
  .strictObject({
    // Above four fifths the next peak finds no room.
    cpuPercent: percent.nullable().default(80),
    // The rest is the page cache, which a server lives on.
    memoryPercent: percent.nullable().default(70),
    messagesPerHour: z.int().min(1).max(3_600).nullable().default(null),
    targets: z.array(TargetEntry).max(200).default([]),
  })
  .superRefine(({ targets }, context) => {
    const names = targets.map(({ target }) => target);
    for (const [index, name] of names.entries()) {
      if (names.indexOf(name) === index) continue;
      const message = `${name} is there twice`;
      context.addIssue({ code: 'custom', message, path: ['targets', index], input: name });
    }
  });

const Throttle = z
  .strictObject({
    // Budgets are watched and told either way.
    enabled: z.boolean().default(true),
    // Three beats of 5 s: a compiler that starts is no reason, a batch run is.
    beatsOver: z.int().min(1).max(100).default(3),
    // A minute of calm before anything is given back: fast up, slow down.
    beatsUnder: z.int().min(1).max(1_000).default(12),
    // Between 76 and 80 % nothing is changed, so that it does not swing.
    hysteresisPercent: z.number().min(1).max(50).default(5),
    // A slowed target keeps enough to answer.
    targetCpuPercent: percent.default(25),
    targetMemoryPercent: percent.default(25),
    // A cache that is cleared again and again is no cache.
    clearCacheMinutes: z.number().min(1).max(1_440).default(30),
    // Clearing the wrong cache does more harm than full memory: nobody is on the list until somebody is put there.
    clearCachesOf: z.array(targetName).max(200).default([]),
    // What is not critical may be slowed.
    targets: z.array(targetName).max(200).nullable().default(null),
    // A host whose memory is always above the budget is not throttled for ever; 5 points more than usual is news.
    memoryRisePercent: z.number().min(0).max(50).default(5),
  })
  .transform(
    (value): ThrottleConfig => ({
      enabled: value.enabled,
      beatsOver: value.beatsOver,
      beatsUnder: value.beatsUnder,
      hysteresis: fromPercent(value.hysteresisPercent),
      targetCpu: fromPercent(value.targetCpuPercent),
      targetMemory: fromPercent(value.targetMemoryPercent),
      clearCacheEvery: minutes(value.clearCacheMinutes),
      clearCachesOf: value.clearCachesOf,
      targets: value.targets,
      memoryRise: fromPercent(value.memoryRisePercent),
    }),
  );

const Learning = z
  .strictObject({
    // A person says yes first; auto acts in production mode only.
    mode: z.enum(['suggest', 'auto']).default('suggest'),
    // Load changes over days.
    everyMinutes: z.number().min(5).max(1_440).default(60),
    // Each hour of the week twice: once is chance.
    minDays: z.int().min(7).max(60).default(14),
    // The safe band: whatever is learnt, k stays inside.
    leastSigmas: z.number().min(2).max(3).default(2),
    mostSigmas: z.number().min(2).max(3).default(3),
    // Out of band alone is info: one a day and metric is what the log bears.
    exitsPerWeek: z.number().min(0).max(1_000).default(7),
    // Asked and answered.
    rejectedDays: z.number().min(1).max(365).default(14),
  })
  .refine((value) => value.leastSigmas <= value.mostSigmas, {
    error: 'must not be more than mostSigmas',
    path: ['leastSigmas'],
  })
  .transform(
    ({ everyMinutes, rejectedDays, ...value }): LearningConfig => ({
      ...value,
      every: minutes(everyMinutes),
      rejectedFor: days(rejectedDays),
    }),
  );

const ForecastLimits = z
  .strictObject({
    // Time to order a disk, or to delete with care.
    diskHours: z.number().min(1).max(720).default(72),
    // Memory runs out faster.
    memoryHours: z.number().min(1).max(168).default(24),
    // A budget is a plan: two weeks to change it.
    budgetDays: z.number().min(1).max(90).default(14),
  })
  .transform(
    (value): ForecastConfig => ({
      disk: hours(value.diskHours),
      memory: hours(value.memoryHours),
      budget: days(value.budgetDays),
    }),
  );

export const OptimizerConfig: z.ZodType<OptimizerConfig> = z
  .strictObject({
    $schema: z.string().optional(),
    budgets: Budgets.prefault({}),
    throttle: Throttle.prefault({}),
    learning: Learning.prefault({}),
    forecast: ForecastLimits.prefault({}),
    queueClasses: QueueClasses.prefault({}),
  })
  .transform(
    ({ budgets, throttle, learning, forecast, queueClasses }): OptimizerConfig => ({
      budgets: {
        cpu: shareOf(budgets.cpuPercent),
        memory: shareOf(budgets.memoryPercent),
        messagesPerHour: budgets.messagesPerHour,
        targets: budgets.targets,
      },
      throttle,
      learning,
      forecast,
      queueClasses,
    }),
  );

function shareOf(value: number | null | undefined): Ratio | null {
  return value === undefined || value === null ? null : fromPercent(value);
}
