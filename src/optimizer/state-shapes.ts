/** What the optimizer keeps on disk, as it stands there: moments are ISO text. */
import { z } from 'zod';
import {
  BUDGET_RESOURCES,
  type BudgetResource,
  THROTTLE_RUNGS,
  type ThrottleRung,
} from '../domain/budget.ts';
import { HOURS_A_WEEK, type SuggestionState } from '../domain/optimizer.ts';
import type { ThrottlePlan } from '../domain/throttle.ts';
import { fromIso } from '../domain/units.ts';

/** A budget that a person set. */
export interface SetBudget {
  readonly target: string | null;
  readonly resource: BudgetResource;
  readonly limit: number;
  readonly by: string;
  readonly at: string;
  readonly until: string | null;
}

/** A suggestion with all that is needed to apply it. */
export interface KeptSuggestion {
  readonly id: string;
  readonly metric: string;
  readonly when: 'peak' | 'off_peak';
  readonly hours: string;
  /** 168 digits, `1` = a busy hour. */
  readonly peak: string;
  readonly from: number;
  readonly sigmas: number;
  readonly reason: string;
  readonly state: SuggestionState;
  readonly madeAt: string;
  readonly decidedAt: string | null;
  readonly by: string | null;
}

export interface LearningData {
  readonly lastRun: string | null;
  readonly suggestions: readonly KeptSuggestion[];
}

/** One thing done to a target, with what takes it back. */
export interface KeptStep {
  readonly id: string;
  /** The ladder it belongs to: `null` = the host's. */
  readonly ladder: string | null;
  readonly rung: ThrottleRung;
  readonly plan: ThrottlePlan;
  /** `begun`: the outcome is not known. */
  readonly state: 'begun' | 'applied' | 'proposed' | 'failed';
  readonly since: string;
}

export interface KeptLadder {
  readonly target: string | null;
  readonly rung: ThrottleRung;
  readonly queueShare: number;
  readonly since: string | null;
  readonly reason: string;
}

export interface ThrottleData {
  readonly ladders: readonly KeptLadder[];
  readonly steps: readonly KeptStep[];
  /** The last time the cache of a target was cleared. */
  readonly cleared: Readonly<Record<string, Cleared>>;
}

export interface Cleared {
  readonly at: string;
  /** Share of memory in use just before; `null` = not known. */
  readonly before: number | null;
  /** Whether less was in use a minute later; `null` = not known yet. */
  readonly freed: boolean | null;
}

export const NO_BUDGETS: { readonly budgets: readonly SetBudget[] } = { budgets: [] };
export const NO_LEARNING: LearningData = { lastRun: null, suggestions: [] };
export const NO_THROTTLE: ThrottleData = { ladders: [], steps: [], cleared: {} };

const moment = z.string().refine((text) => fromIso(text) !== undefined, 'expected a moment');
const share = z.number().min(0).max(1);

export const BudgetsShape: z.ZodType<typeof NO_BUDGETS> = z.object({
  budgets: z.array(
    z.object({
      target: z.string().nullable(),
      resource: z.enum(BUDGET_RESOURCES),
      limit: z.number().positive(),
      by: z.string(),
      at: moment,
      until: moment.nullable(),
    }),
  ),
});

export const LearningShape: z.ZodType<LearningData> = z.object({
  lastRun: moment.nullable(),
  suggestions: z.array(
    z.object({
      id: z.string(),
      metric: z.string(),
      when: z.enum(['peak', 'off_peak']),
      hours: z.string(),
      peak: z.string().length(HOURS_A_WEEK),
      from: z.number(),
      sigmas: z.number(),
      reason: z.string(),
      state: z.enum(['open', 'holds', 'accepted', 'rejected']),
      madeAt: moment,
      decidedAt: moment.nullable(),
      by: z.string().nullable(),
    }),
  ),
});

const rung = z.enum(THROTTLE_RUNGS);

export const ThrottleShape: z.ZodType<ThrottleData> = z.object({
  ladders: z.array(
    z.object({
      target: z.string().nullable(),
      rung,
      queueShare: share,
      since: moment.nullable(),
      reason: z.string(),
    }),
  ),
  steps: z.array(
    z.object({
      id: z.string(),
      ladder: z.string().nullable(),
      rung,
      plan: z.object({
        target: z.string(),
        measure: z.enum(['slow', 'clear_cache']),
        effect: z.string(),
        undo: z.string().nullable(),
        token: z.record(z.string(), z.unknown()),
      }),
      state: z.enum(['begun', 'applied', 'proposed', 'failed']),
      since: moment,
    }),
  ),
  cleared: z.record(
    z.string(),
    z.union([
      z.object({ at: moment, before: share.nullable(), freed: z.boolean().nullable() }),
      // As it was written before anybody looked whether it helped.
      moment.transform((at): Cleared => ({ at, before: null, freed: null })),
    ]),
  ),
});
